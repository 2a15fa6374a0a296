"""A grid of days and hours with appointments in it; on a narrow screen a list a day. By mouse, touch and keyboard."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

PICKED = "picked"


@dataclass(frozen=True)
class Entry:
    """One appointment of a day: minutes of the local day, its place beside others, and what stands in it."""

    id: int
    begin: int
    end: int
    lane: int
    lanes: int
    kind: str
    time: str
    title: str
    detail: str
    spoken: str


@dataclass(frozen=True)
class Day:
    """A column: its date (ISO 8601), name and appointments; ``now`` is the minute of the present on that day."""

    date: str
    name: str
    number: str
    is_today: bool
    entries: Sequence[Entry]
    now: int | None = None


_STYLE = """
:host { display: block; }
.calendar { container-type: inline-size; color: var(--st-text-color); font-size: 0.875rem; }
.board {
  display: grid; grid-template-columns: 3rem repeat(var(--days), minmax(0, 1fr));
  border: 1px solid var(--st-border-color); border-radius: 8px; overflow: hidden;
  background: var(--st-secondary-background-color);
}
.hours { position: relative; grid-row: 2; }
.hours span { position: absolute; right: 0.4rem; transform: translateY(-50%); font-size: 0.75rem; opacity: 0.75; }
.head { grid-row: 1; padding: 0.45rem 0.5rem; border-left: 1px solid var(--st-border-color); min-width: 0; }
.head b { display: block; font-size: 1.05rem; font-weight: 650; }
.head span { font-size: 0.75rem; opacity: 0.8; }
.head.today b, .head.today span { color: var(--st-primary-color); opacity: 1; }
.corner { grid-row: 1; }
.day {
  grid-row: 2; position: relative; height: var(--height); border-left: 1px solid var(--st-border-color);
  border-top: 1px solid var(--st-border-color);
  background-image: linear-gradient(to bottom, var(--st-border-color) 1px, transparent 1px);
  background-size: 100% 3rem;
}
.day.open { cursor: copy; }
.now { position: absolute; left: 0; right: 0; border-top: 2px solid var(--st-primary-color); pointer-events: none; }
button {
  position: absolute; box-sizing: border-box; overflow: hidden; text-align: left; font: inherit; font-size: 0.8rem;
  display: flex; flex-direction: column; justify-content: flex-start; align-items: stretch;
  line-height: 1.25; cursor: pointer; color: var(--st-text-color); padding: 0.1rem 0.4rem; margin: 0;
  border: 1px solid var(--edge); border-left: 4px solid var(--edge); border-radius: 6px;
  background: color-mix(in srgb, var(--edge) 14%, var(--st-background-color));
}
button b, button span { display: block; flex: none; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
button b { font-weight: 600; }
button span { opacity: 0.9; }
button:hover { background: color-mix(in srgb, var(--edge) 26%, var(--st-background-color)); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 1px; z-index: 3; }
.scheduled { --edge: var(--st-blue-color); }
.overdue { --edge: var(--st-orange-color); }
.done { --edge: var(--st-green-color); }
.missed { --edge: var(--st-red-color); }
.cancelled { --edge: var(--st-gray-color); }
.cancelled b, .cancelled span { text-decoration: line-through; }
.chosen { box-shadow: 0 0 0 2px var(--edge); }
.low span { display: none; }
.nothing { display: none; }
@container (max-width: 520px) {
  .board { display: block; border: 0; background: transparent; }
  .hours, .corner, .now { display: none; }
  .head {
    border: 0; border-bottom: 1px solid var(--st-border-color); padding: 0.9rem 0 0.25rem; display: flex;
    gap: 0.5rem; align-items: baseline;
  }
  .day { height: auto; border: 0; background: none; padding: 0.4rem 0; cursor: auto; }
  .day.open { cursor: auto; }
  .nothing { display: block; opacity: 0.75; font-size: 0.85rem; padding: 0.2rem 0; }
  button {
    position: static; width: 100% !important; height: auto !important; min-height: 44px;
    margin: 0 0 0.4rem; padding: 0.5rem 0.6rem; font-size: 0.9rem;
  }
  button b, button span { white-space: normal; overflow-wrap: anywhere; }
  .low span { display: block; }
}
"""

_SCRIPT = """
const HOUR = 3;
const make = (tag, kind, text) => {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
};
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".calendar");
  const board = make("div", "board");
  board.style.setProperty("--days", data.days.length);
  board.style.setProperty("--height", `${(data.until - data.since) * HOUR}rem`);
  const rem = (minute) => `${((minute / 60) - data.since) * HOUR}rem`;
  const hours = make("div", "hours");
  hours.setAttribute("aria-hidden", "true");
  for (let hour = data.since + 1; hour < data.until; hour += 1) {
    const label = make("span", "", `${String(hour).padStart(2, "0")}:00`);
    label.style.top = rem(hour * 60);
    hours.append(label);
  }
  board.append(make("div", "corner"), hours);
  const buttons = [];
  for (const [place, day] of data.days.entries()) {
    const head = make("div", day.is_today ? "head today" : "head");
    head.append(make("b", "", day.number), make("span", "", day.name));
    head.style.gridColumn = place + 2;
    const column = make("div", data.may_add ? "day open" : "day");
    column.style.gridColumn = place + 2;
    column.setAttribute("role", "group");
    column.setAttribute("aria-label", `${day.name} ${day.number}`);
    if (!day.entries.length) column.append(make("div", "nothing", data.nothing));
    for (const entry of day.entries) {
      const button = make("button", entry.id === data.chosen ? `${entry.kind} chosen` : entry.kind);
      button.type = "button";
      button.setAttribute("aria-label", entry.spoken);
      button.title = entry.spoken;
      button.append(make("b", "", `${entry.time} ${entry.title}`), make("span", "", entry.detail));
      const end = Math.max(entry.end, entry.begin + 30);
      if (end - entry.begin < 45) button.classList.add("low");
      button.style.top = rem(entry.begin);
      button.style.height = `${((end - entry.begin) / 60) * HOUR}rem`;
      button.style.left = `${(entry.lane / entry.lanes) * 100}%`;
      button.style.width = `calc(${100 / entry.lanes}% - 3px)`;
      button.onclick = (event) => { event.stopPropagation(); setTriggerValue("picked", { visit: entry.id }); };
      buttons.push(button);
      column.append(button);
    }
    if (day.now !== null && day.now >= data.since * 60 && day.now < data.until * 60) {
      const line = make("div", "now");
      line.style.top = rem(day.now);
      column.append(line);
    }
    if (data.may_add) {
      column.onclick = (event) => {
        const box = column.getBoundingClientRect();
        if (getComputedStyle(board).display !== "grid") return;
        const minute = data.since * 60 + ((event.clientY - box.top) / box.height) * (data.until - data.since) * 60;
        setTriggerValue("picked", { day: day.date, minute: Math.floor(minute / 30) * 30 });
      };
    }
    board.append(head, column);
  }
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  board.onkeydown = (event) => {
    const step = steps[event.key];
    const place = buttons.indexOf(parentElement.activeElement ?? document.activeElement);
    if (!step || place < 0) return;
    event.preventDefault();
    buttons[(place + step + buttons.length) % buttons.length].focus();
  };
  root.replaceChildren(board);
}
"""

_mount: Callable[..., Any] = st.components.v2.component(
    "tollwatch_calendar",
    html="<div class='calendar'></div>",
    css=_STYLE,
    js=_SCRIPT,
)


def calendar_grid(
    days: Sequence[Day],
    hours: tuple[int, int],
    *,
    key: str,
    nothing: str,
    on_pick: Callable[[Mapping[str, Any]], None],
    chosen: int | None = None,
    may_add: bool = False,
) -> None:
    """Draw the days from the first to the last of ``hours``; ``on_pick`` hears of every click.

    It gets ``{"visit": id}`` for an appointment, or ``{"day": ISO date, "minute": n}`` for a free place where
    ``may_add`` allows that. ``nothing`` is said of an empty day where the screen is narrow.
    """
    data = {
        "days": [asdict(day) for day in days],
        "since": hours[0],
        "until": hours[1],
        "nothing": nothing,
        "chosen": chosen,
        "may_add": may_add,
    }

    def heard() -> None:
        told = (st.session_state.get(key) or {}).get(PICKED)
        if isinstance(told, Mapping):
            on_pick(told)

    _mount(data=data, key=key, height="content", on_picked_change=heard)
