"""The parts of the Calls page below its filter: figures of the filter, histogram, grid, neighbouring pages."""

from functools import partial
from typing import Any

import streamlit as st

from core.calls.export_link import ExportOrder, export_link
from core.calls.filters import CallFilter
from core.calls.query import CallPage
from core.errors import InvalidInputError, NotFoundError
from core.store.encryption import Vault
from core.ui import figures, numbers, reading, refusals, saved, session, states, tables, times
from core.ui.calls import filters, record
from core.ui.components.copying import copy_button
from core.ui.neighbours import steps
from core.ui.text import t

ROWS = 100
BARS = 90
CURSOR, LEG, SITE_TIME = "cursor", "leg", "c_site_time"


def actions(current: CallFilter) -> None:
    """What can be done with the page as it stands: come back to it, share it, take it away as a file."""
    _export(current)
    saved.menu("calls", current.to_query())
    copy_button(t("ui.copy_link"), t("ui.copied"), key="calls_link")


def _export(current: CallFilter) -> None:
    person, parts = session.current_user(), session.services()
    if person is None or not person.may("calls.export"):
        return
    rows = reading.aggregate(current).legs
    if not rows:
        return
    order = ExportOrder(current.resolved(parts.clock.now()), zone=str(times.zone()))
    link = export_link(Vault(parts.settings, parts.clock), person.id, order)
    states.action_link(t("calls_page.export", n=numbers.whole(rows)), link, primary=False, wide=False)


def strip(current: CallFilter) -> int:
    """The figures of the filter in a row; gives how many legs it shows."""
    found = reading.aggregate(current)
    about = t("calls_page.about") if found.approximate else ""
    figures_shown = {
        "legs": numbers.whole(found.legs),
        "calls": about + numbers.whole(found.calls),
        "minutes": numbers.whole(found.talk_minutes),
        "answered": numbers.share(found.answered_share),
        "international": numbers.share(found.international_share),
        "numbers": about + numbers.whole(found.numbers),
    }
    with st.container(key="kpis"), st.grid(6, min_column_width=130, gap="small"):
        for name, value in figures_shown.items():
            st.metric(t(f"calls_page.strip.{name}"), value, border=True, help=t(f"calls_page.strip.{name}_help"))
    return found.legs


def histogram(current: CallFilter) -> None:
    """Legs by time; dragging sideways over it sets the period."""
    bars = reading.histogram(current, BARS)
    names = {name: t(f"calls_page.histogram.{name}") for name in ("conversations", "other")}
    with st.container(border=True, key="card-histogram", gap=None):
        event = st.plotly_chart(
            figures.legs_by_time(bars, times.zone(), names),
            key="histogram",
            on_select="rerun",
            selection_mode="box",
            config=figures.CONFIG,
            alt=t("calls_page.histogram.alt"),
        )
        st.caption(t("calls_page.histogram.help"))
    brushed = figures.brushed(bars, event.selection, times.zone())
    if brushed and current.within(*brushed) != current:
        filters.to_address(current.within(*brushed))
        st.rerun()


def page(current: CallFilter) -> CallPage:
    """The rows of the address's place in the list; a place that is none of ours starts at the newest."""
    cursor = st.query_params.get(CURSOR)
    try:
        return reading.page(current, cursor, ROWS, tables.READ)
    except InvalidInputError as error:
        refusals.told(error)
        return reading.page(current, None, ROWS, tables.READ)


def grid(current: CallFilter, shown: CallPage) -> None:
    """The rows, and beside them the record that was chosen or that the address names."""
    rows = shown.rows
    at_site = bool(st.session_state.get(SITE_TIME, False))
    leg = st.query_params.get(LEG)
    columns = st.columns([11, 7] if leg else 1, gap="medium")
    with columns[0]:
        chosen = tables.calls(rows, key=f"grid_{st.query_params.get(CURSOR, '')}_{hash(current)}", at_site=at_site)
        neighbours(current, shown)
    if chosen is not None and rows[chosen]["report_id"] != leg and _is_new_choice(rows[chosen]["report_id"]):
        st.query_params[LEG] = rows[chosen]["report_id"]
        st.rerun()
    if leg:
        with columns[1]:
            _record(leg, rows, current)


def _is_new_choice(report_id: str) -> bool:
    is_new = st.session_state.get("last_choice") != report_id
    st.session_state["last_choice"] = report_id
    return is_new


def _record(report_id: str, rows: list[dict[str, Any]], current: CallFilter) -> None:
    day = next((row["start_time"].date() for row in rows if row["report_id"] == report_id), None)
    try:
        record.panel(reading.queries().one(report_id, day), current)
    except NotFoundError as error:
        states.failed(error)


def neighbours(current: CallFilter, shown: CallPage) -> None:
    """The ways to newer and older rows, by button and by key."""
    with st.container(horizontal=True, vertical_alignment="center"):
        steps("calls", shown.previous, shown.next, partial(_go, current))
        st.space("stretch")
        st.toggle(t("calls_page.site_time"), key=SITE_TIME, help=t("calls_page.site_time_help"))


def _go(current: CallFilter, cursor: str | None) -> None:
    filters.to_address(current, **({CURSOR: cursor} if cursor else {}))


def nothing() -> None:
    """Why there are no rows, and what would bring some."""
    if reading.queries().newest() is None:
        states.empty(t("calls_page.empty.none_yet"), t("calls_page.empty.none_yet_help"))
        return
    states.empty(
        t("calls_page.empty.no_match"),
        t("calls_page.empty.no_match_help"),
        lambda: st.button(
            t("calls_page.empty.widen"), type="primary", on_click=filters.to_address, args=(CallFilter(last="30d"),)
        ),
    )
