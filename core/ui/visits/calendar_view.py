"""Day and week of visits, by the viewer's clock; what is clicked opens, a free hour begins a new visit."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import streamlit as st

from core.errors import NotFoundError
from core.store.models.visits import VisitRow
from core.ui import session, times
from core.ui.components.calendar_grid import Day, Entry, calendar_grid
from core.ui.text import language, t
from core.ui.visits import actions, form, layout
from core.ui.visits.layout import Block
from core.visits import query
from core.visits.days import day_words
from core.visits.filters import VisitFilter
from core.visits.vocabulary import OVERDUE, SCHEDULED

DAY = "day"
REFRESH = "60s"
_PICKED = "visits_picked"
_LOOKED_AHEAD = timedelta(days=60)
"""How far an empty calendar looks for the next visit."""


def present_day() -> date:
    """The viewer's today."""
    return times.local(session.services().clock.now()).date()


def chosen_day() -> date:
    """The day of the address, else that of the visit that is open, else today."""
    try:
        day = date.fromisoformat(st.query_params.get(DAY, ""))
    except ValueError:
        return _open_day() or present_day()
    return day if 1990 <= day.year <= 2200 else present_day()


def _open_day() -> date | None:
    reference = st.query_params.get(actions.VISIT, "")
    if not reference:
        return None
    try:
        with session.services().database.read() as opened:
            return times.local(query.one(opened, reference).starts_at).date()
    except NotFoundError:
        return None


@st.fragment(run_every=REFRESH, key="visit_calendar")
def calendar(current: VisitFilter, view: str) -> None:
    """The days of ``view`` (day or week) with the visits that the filter shows; its period is not asked."""
    session.require("visits.view")
    if st.session_state.pop(_PICKED, False):
        # What was clicked is shown beside the calendar, which only a run of the whole page draws.
        st.rerun()
    day = chosen_day()
    days = layout.week_of(day) if view == "week" else [day]
    _steps(days, timedelta(days=len(days)))
    zone = times.zone()
    since, until = layout.bounds(days, zone)
    asking = actions.reader()
    with session.services().database.read() as opened:
        found = query.between(opened, current, asking, since, until)
        later = [] if found else query.between(opened, current, asking, until, until + _LOOKED_AHEAD)
    laid = layout.blocks(found, days, zone)
    columns = [_column(one, laid[one]) for one in days]
    calendar_grid(
        columns,
        layout.hours(laid),
        key=f"visits_{view}",
        nothing=t("visits_page.free"),
        on_pick=_picked,
        chosen=_chosen(),
        may_add=actions.may_work(),
    )
    if later:
        _offer(times.local(later[0].starts_at).date())
    st.caption(_count(len(found), str(zone)))


def _offer(day: date) -> None:
    """Where nothing is to be seen, the way to the next day that has something."""
    st.button(
        t("visits_page.next_one", day=day_words(day, language(), with_year=False)),
        key="calendar_next",
        icon=":material/event_upcoming:",
        on_click=_go,
        args=(day,),
    )


def _count(number: int, zone: str) -> str:
    if number >= query.MOST_IN_CALENDAR:
        return t("visits_page.too_many", n=number, zone=zone)
    return t(f"visits_page.in_zone{'_one' if number == 1 else ''}", n=number, zone=zone)


def _steps(days: list[date], width: timedelta) -> None:
    today = present_day()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="calendar_steps"):
        for name, icon, target, shortcut in (
            ("earlier", ":material/chevron_left:", days[0] - width, "Left"),
            ("today", ":material/today:", today, "T"),
            ("later", ":material/chevron_right:", days[0] + width, "Right"),
        ):
            st.button(
                t("visits_page.today") if name == "today" else "",
                key=f"calendar_{name}",
                icon=icon,
                help=t(f"visits_page.{name}"),
                shortcut=shortcut if name == "today" else None,
                on_click=_go,
                args=(target,),
            )
        st.markdown(f"**{_span(days)}**", width="content")


def _span(days: list[date]) -> str:
    last = day_words(days[-1], language())
    if len(days) == 1:
        return last
    return f"{day_words(days[0], language(), with_year=days[0].year != days[-1].year)} – {last}"


def _go(day: date) -> None:
    if day == present_day() and actions.VISIT not in st.query_params:
        st.query_params.pop(DAY, None)
    else:
        st.query_params[DAY] = day.isoformat()


def _chosen() -> int | None:
    reference = st.query_params.get(actions.VISIT, "")
    return int(reference) if reference.isascii() and reference.isdigit() else None


def _column(day: date, blocks: list[Block]) -> Day:
    now = times.local(session.services().clock.now())
    is_today = day == now.date()
    return Day(
        date=day.isoformat(),
        name=t(f"visits_page.weekdays.{day.weekday()}"),
        number=str(day.day),
        is_today=is_today,
        entries=[_entry(block, day) for block in blocks],
        now=now.hour * 60 + now.minute if is_today else None,
    )


def _entry(block: Block, day: date) -> Entry:
    visit = block.visit
    kind = state_of(visit)
    begin, end = times.local(visit.starts_at), times.local(visit.ends_at)
    said = (
        f"{begin:%H:%M}–{end:%H:%M}",
        visit.title,
        visit.client_name,
        visit.operator_name,
        visit.place,
        t(f"visits.states.{kind}"),
    )
    return Entry(
        id=visit.id,
        begin=block.begin,
        end=block.end,
        lane=block.lane,
        lanes=block.lanes,
        kind=kind,
        time=f"{begin:%H:%M}" if begin.date() == day else "…",
        title=visit.client_name,
        detail=" · ".join(filter(None, (visit.operator_name, visit.title))),
        spoken=", ".join(filter(None, said)),
    )


def state_of(visit: VisitRow) -> str:
    """The state of a visit in our words: what should have been closed is called so."""
    if visit.state == SCHEDULED and visit.ends_at <= session.services().clock.now():
        return OVERDUE
    return visit.state


def _picked(told: Mapping[str, Any]) -> None:
    """What was clicked in the calendar."""
    visit, day, minute = told.get("visit"), told.get("day"), told.get("minute")
    if isinstance(visit, int):
        actions.open_visit(visit)
    elif isinstance(day, str) and isinstance(minute, int | float):
        form.begin_at(day, int(minute))
    st.session_state[_PICKED] = True
