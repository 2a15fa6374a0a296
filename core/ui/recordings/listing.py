"""The list of recordings: figures of the filter, the grid or the places a search found, work on several at once.

It refreshes itself; what was ticked stays ticked, because ticks are kept by recording and not by place.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.recordings import query, search
from core.recordings.filters import RecordingFilter
from core.recordings.query import RecordingPage, RecordingStats
from core.recordings.search import Snippet
from core.recordings.vocabulary import STATES, STEPS
from core.recordings.work import MOST_AT_ONCE, MOST_HOURS
from core.store import commands
from core.store.models.recordings import RecordingRow
from core.ui import navigation, numbers, session, states, taking_along, times
from core.ui.attempts import tell_on_page
from core.ui.clicked import newly_clicked
from core.ui.neighbours import steps
from core.ui.recordings import actions as recording_actions
from core.ui.recordings import filters, names
from core.ui.recordings.actions import CUE, FETCH, HOURS, LIMIT, RECORDING, SELECTED
from core.ui.tables import grid_height
from core.ui.text import escaped, stored_error, t

ROWS, FOUND_ROWS = 100, 20
REFRESH, FETCH_REFRESH = "15s", "2s"
CURSOR = "cursor"
ORDER = "recordings_order"
_GRID_HEIGHT = 600
_ABOUT_SIGNS = 140


def actions(current: RecordingFilter) -> None:
    """What can be done with the page as it stands: fetch, take it away, come back to it, share it."""
    if session.may("recordings.process"):
        menu = f"fetch_menu_{recording_actions.done_so_far()}"
        with st.popover(t("recordings_page.fetch.button"), icon=":material/cloud_download:", key=menu):
            _fetch_form()
    taking_along.offer("recordings", current.to_query(), t("recordings_page.export"))


def _fetch_form() -> None:
    st.caption(t("recordings_page.fetch.help"))
    left, right = st.columns(2)
    left.number_input(t("recordings_page.fetch.hours"), 1, MOST_HOURS, HOURS, key="fetch_hours")
    right.number_input(t("recordings_page.fetch.limit"), 1, MOST_AT_ONCE, LIMIT, key="fetch_limit")
    st.button(
        t("recordings_page.fetch.do"), key="fetch_do", type="primary", width="stretch", on_click=recording_actions.fetch
    )


def fetching() -> None:
    """How far the fetch is that was asked for here; drawn only while there is one."""
    if st.session_state.get(FETCH) is not None:
        st.fragment(_fetching, run_every=FETCH_REFRESH)()


def _fetching() -> None:
    command = recording_actions.asked(FETCH)
    if command is None:
        return
    if command.state in commands.OPEN and not command.error:
        st.info(t("recordings_page.fetch.running"), icon=":material/hourglass_top:")
        return
    st.session_state.pop(FETCH, None)
    if command.error:
        st.error(" ".join(stored_error(command.error)), icon=":material/error:")
        return
    told = command.result or {}
    if told.get("state") == "not_connected":
        st.warning(t("recordings_page.empty.none_yet_help"), icon=":material/link_off:")
        return
    st.toast(t("recordings_page.fetch.done", new=told.get("new", 0), worked=told.get("worked", 0)))
    st.rerun()


@st.fragment(run_every=REFRESH, key="recording_list")
def listing(current: RecordingFilter) -> None:
    """Everything of the list below the filter."""
    tell_on_page()
    session.require("recordings.view")
    now = session.services().clock.now()
    with session.services().database.read() as opened:
        shown = _page(opened, current)
        number = query.count(opened, current, now)
        found = query.stats(opened, current, now)
        said = search.snippets(opened, [row.id for row in shown.rows], current.words)
        answers = {} if current.words else query.answers(opened, [row.id for row in shown.rows])
    st.session_state[ORDER] = [row.id for row in shown.rows]
    filters.sentence(current, number)
    if not shown.rows:
        _nothing(current)
        return
    strip(found)
    if current.words:
        for row in shown.rows:
            _found(row, said.get(row.id, []), current)
    else:
        about = {number: str(answer.get("summary", ""))[:_ABOUT_SIGNS] for number, answer in answers.items()}
        _bulk(_grid(shown.rows, about, current))
    if shown.previous or shown.next:
        with st.container(horizontal=True):
            steps("recordings", shown.previous, shown.next, partial(_go, current))


def _page(opened: Session, current: RecordingFilter) -> RecordingPage:
    now, limit = session.services().clock.now(), FOUND_ROWS if current.words else ROWS
    try:
        return query.page(opened, current, now, cursor=st.query_params.get(CURSOR), limit=limit)
    except InvalidInputError:
        return query.page(opened, current, now, limit=limit)


def _go(current: RecordingFilter, cursor: str | None) -> None:
    filters.to_address(current, **({CURSOR: cursor} if cursor else {}))


def _nothing(current: RecordingFilter) -> None:
    if current == RecordingFilter(sort=current.sort):
        states.empty(t("recordings_page.empty.none_yet"), t("recordings_page.empty.none_yet_help"), _to_connections)
        return
    states.empty(
        t("recordings_page.empty.no_match"),
        t("recordings_page.empty.no_match_help"),
        lambda: st.button(
            t("filters.clear"),
            key="recordings_clear",
            on_click=filters.to_address,
            args=(RecordingFilter(),),
        ),
    )


def _to_connections() -> None:
    st.page_link(
        navigation.script("connections"),
        label=t("recordings_page.empty.to_connections"),
        icon=":material/arrow_forward:",
    )


def strip(found: RecordingStats) -> None:
    """The figures of the filter in a row (S2-23)."""
    quality = t("ui.none") if found.mean_quality is None else numbers.money(found.mean_quality)
    unfinished = {name: numbers.whole(found.by_state[name]) for name in ("partial", "failed")}
    told = {
        "total": (numbers.whole(found.total), t("recordings_page.strip.together", span=_span(found.seconds))),
        "completed": (
            numbers.whole(found.by_state["completed"]),
            t("recordings_page.strip.unfinished", **unfinished),
        ),
        "transcript": (numbers.whole(found.with_transcript), _share(found.with_transcript, found.total)),
        "summary": (numbers.whole(found.with_summary), _share(found.with_summary, found.total)),
        "quality": (quality, None),
        "storage": (
            t("recordings_page.strip.megabytes", n=numbers.money(found.storage_mb)),
            t("recordings_page.strip.with_audio", n=numbers.whole(found.with_audio)),
        ),
    }
    with st.container(key="kpis"), st.grid(len(told), min_column_width=150, gap="small"):
        for name, (value, beside) in told.items():
            st.metric(
                t(f"recordings_page.strip.{name}"),
                value,
                beside,
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
                help=t(f"recordings_page.strip.{name}_help"),
            )


def _span(seconds: int) -> str:
    return times.clock_span(seconds) if seconds < 36_000 else times.span(seconds)


def _share(part: int, total: int) -> str:
    return t("recordings_page.strip.of_total", share=numbers.share(part / total if total else None))


def _found(row: RecordingRow, said: Sequence[Snippet], current: RecordingFilter) -> None:
    """A recording the search found, with the places in it."""
    with st.container(border=True, key=f"card-found-{row.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"found-title-{row.id}"):
            _link(escaped(names.title(row)), row, current, icon=":material/graphic_eq:")
            if row.sentiment_label in names.FEELING_COLOURS:
                colour = names.FEELING_COLOURS[row.sentiment_label]
                st.badge(names.feeling(row), color=colour)
            st.caption(f"{times.to_the_minute(row.recorded_at)} · {names.length(row)}", width="content")
        for place in said:
            _link(_line(place), row, current, cue=place.ordinal, icon=":material/play_circle:")
        if not said:
            st.caption(t("recordings_page.found_by_name"))


def _link(label: str, row: RecordingRow, current: RecordingFilter, *, icon: str, cue: int | None = None) -> None:
    place = {RECORDING: [str(row.id)], **({} if cue is None else {CUE: [str(cue)]})}
    st.page_link(
        navigation.script("recordings"),
        label=label,
        icon=icon,
        query_params={**current.to_query(), **place},
    )


def _line(place: Snippet) -> str:
    """A place as one line of Markdown in which nothing acts but our own highlights."""
    shown = "".join(
        f":orange-background[{escaped(piece.text)}]" if piece.is_hit else escaped(piece.text) for piece in place.pieces
    )
    if place.source == "summary":
        return f"*{t('recordings_page.in_summary')}:* {shown}"
    at = times.clock_span((place.start_ms or 0) / 1000)
    speaker = f" {escaped(place.speaker)}:" if place.speaker else ""
    return f"{escaped(at)}{speaker} {shown}"


def _grid(rows: Sequence[RecordingRow], about: Mapping[int, str], current: RecordingFilter) -> list[int]:
    """The rows: a click on a cell opens the recording, the box at the left ticks it; gives the ticked numbers."""
    place = {row.id: position for position, row in enumerate(rows)}
    ticked = [one for one in st.session_state.get(SELECTED, []) if one in place]
    key = f"recordings_grid_{hash((current, tuple(place), recording_actions.done_so_far()))}"
    can_work = session.may("recordings.process")
    event = st.dataframe(
        _frame(rows, about),
        key=key,
        height=grid_height(len(rows), _GRID_HEIGHT),
        hide_index=True,
        row_height=35,
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"] if can_work else "single-cell",
        selection_default={"selection": {"rows": [place[one] for one in ticked]}},
        column_config=_columns(),
        placeholder="",
        alt=t("recordings_page.grid_alt", n=len(rows)),
    )
    chosen = [rows[position].id for position in event.selection.rows if position < len(rows)]
    st.session_state[SELECTED] = chosen
    clicked = newly_clicked("recordings", key, [row.id for row in rows], event.selection.cells)
    if clicked is not None:
        recording_actions.open_one(clicked)
        st.rerun()
    return chosen


def _frame(rows: Sequence[RecordingRow], about: Mapping[int, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "recorded": [times.to_the_minute(row.recorded_at) for row in rows],
            "caller": [names.caller(row) for row in rows],
            "callee": [names.callee(row) for row in rows],
            "length": [names.length(row) for row in rows],
            "state": [[names.state(row)] for row in rows],
            "about": [about.get(row.id, "") for row in rows],
            "sentiment": [names.feeling(row) for row in rows],
            "language": [names.language_of(row) for row in rows],
            "quality": [row.quality for row in rows],
            "missing": [t(f"recordings.steps.{row.problem_step}") if row.problem_step in STEPS else "" for row in rows],
            "site": [row.site for row in rows],
            "owner": [row.owner_name or row.owner_email for row in rows],
        }
    )


def _columns() -> dict[str, Any]:
    widths = {
        "recorded": 130, "caller": 150, "callee": 150, "length": 65, "about": 240, "sentiment": 80, "language": 80,
        "missing": 100, "site": 110, "owner": 130,
    }  # fmt: skip
    texts: dict[str, Any] = {
        name: st.column_config.TextColumn(
            t(f"recordings_page.columns.{name}"),
            width=width,
            pinned=name == "recorded",
            alignment="right" if name == "length" else "left",
        )
        for name, width in widths.items()
    }
    return texts | {
        "state": st.column_config.MultiselectColumn(
            t("recordings_page.columns.state"),
            options=[t(f"recordings.states.{one}") for one in STATES],
            color=[names.STATE_COLOURS[one] for one in STATES],
            width=115,
        ),
        "quality": st.column_config.ProgressColumn(
            t("recordings_page.columns.quality"), width=90, min_value=0.0, max_value=1.0, format="%.2f"
        ),
    }


def _bulk(chosen: Sequence[int]) -> None:
    """What can be done with the ticked ones."""
    if not chosen:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="recordings_bulk"):
        st.markdown(f"**{t('recordings_page.ticked', n=len(chosen))}**", width="content")
        reprocess(chosen, key="bulk")


def reprocess(ids: Sequence[int], *, key: str) -> None:
    """The menu that asks for steps again, of one recording or several."""
    menu = f"{key}_reprocess_menu_{recording_actions.done_so_far()}"
    with st.popover(t("recordings_page.reprocess"), icon=":material/refresh:", key=menu):
        st.caption(t("recordings_page.reprocess_help"))
        for name, everything in (("missing", False), ("all", True)):
            st.button(
                t(f"recordings_page.reprocess_{name}"),
                key=f"{key}_reprocess_{name}",
                width="stretch",
                on_click=recording_actions.reprocess,
                args=(list(ids),),
                kwargs={"everything": everything},
            )
