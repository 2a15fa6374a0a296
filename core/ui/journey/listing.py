"""Calls as journeys: the switch from records, figures of the filter, the list, its neighbouring pages, its export."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.calls.filters import CallFilter
from core.errors import InvalidInputError
from core.journeys.export import JourneyOrder, export_link
from core.journeys.filters import JourneyFilter
from core.journeys.model import Journey, Party
from core.journeys.query import JourneyPage
from core.journeys.route import route_text
from core.store.encryption import Vault
from core.ui import address, navigation, numbers, refusals, saved, session, states, times
from core.ui.components.copying import copy_button
from core.ui.journey import filters, reading, search
from core.ui.neighbours import steps
from core.ui.tables import grid_height
from core.ui.text import language, t

ROWS = 100
CURSOR, VIEW, JOURNEYS = "cursor", "view", "journeys"
_VIEWS = ("legs", JOURNEYS)
_GRID_HEIGHT = 560
_COLUMNS = ("started", "caller", "called", "result", "route", "wait", "talk", "final", "direction", "cost")
_WIDTHS = {
    "started": 145,
    "caller": 140,
    "called": 140,
    "result": 205,
    "wait": 70,
    "talk": 70,
    "cost": 70,
    "route": 330,
}


def chosen() -> bool:
    """The switch between records and whole calls; says whether whole calls are wanted."""
    if not session.may("journeys.view"):
        return False
    view = address.choice(VIEW, _VIEWS, _VIEWS[0])
    key = address.shown("calls_view", view)
    st.segmented_control(
        t("journeys_page.view.label"),
        _VIEWS,
        format_func=lambda name: t(f"journeys_page.view.{name}"),
        required=True,
        key=key,
        label_visibility="collapsed",
        on_change=_switch,
        args=(key,),
    )
    return view == JOURNEYS


def _switch(key: str) -> None:
    """Show the other view over the same period, number and sites."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    if st.session_state[key] == JOURNEYS:
        records, _ = CallFilter.read_query(query)
        wanted = JourneyFilter(records.last, records.since, records.until, number=records.number, sites=records.sites)
        st.query_params.from_dict({VIEW: JOURNEYS, **wanted.to_query()})
        return
    calls, _ = JourneyFilter.read_query(query)
    st.query_params.from_dict(
        CallFilter(calls.last, calls.since, calls.until, number=calls.number, sites=calls.sites).to_query()
    )


def actions(current: JourneyFilter) -> None:
    """Take the list away as a file, keep it as a view, share it."""
    _export(current)
    saved.menu("calls", {VIEW: [JOURNEYS], **current.to_query()})
    copy_button(t("ui.copy_link"), t("ui.copied"), key="calls_link")


def _export(current: JourneyFilter) -> None:
    person, parts = session.current_user(), session.services()
    if person is None or not person.may("calls.export"):
        return
    count = reading.totals(current).calls
    if count:
        order = JourneyOrder(current.resolved(parts.clock.now()), str(times.zone()))
        link = export_link(Vault(parts.settings, parts.clock), person.id, order)
        states.action_link(t("calls_page.export", n=numbers.whole(count)), link, primary=False, wide=False)


def strip(current: JourneyFilter) -> int:
    """The figures of the filter in a row; gives how many calls it shows."""
    found = reading.totals(current)
    shown = {
        "calls": numbers.whole(found.calls),
        "answered": numbers.share(found.answered_share),
        "abandoned": numbers.whole(found.abandoned),
        "wait": "–" if found.wait is None else times.clock_span(found.wait),
        "minutes": numbers.whole(found.talk_seconds / 60),
        "cost": numbers.money(found.cost),
    }
    with st.container(key="kpis"), st.grid(len(shown), min_column_width=130, gap="small"):
        for name, value in shown.items():
            st.metric(t(f"journeys_page.strip.{name}"), value, border=True, help=t(f"journeys_page.strip.{name}_help"))
    return found.calls


def grid(current: JourneyFilter) -> None:
    """The calls, newest first; a chosen one opens on its own page."""
    shown = _page(current)
    rows = shown.journeys
    picked = st.dataframe(
        pd.DataFrame([_cells(journey) for journey in rows], columns=list(_COLUMNS)),
        key=f"journeys_{st.query_params.get(CURSOR, '')}_{hash(current)}",
        height=grid_height(len(rows), _GRID_HEIGHT),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(),
        placeholder=t("ui.none"),
        alt=t("journeys_page.grid_alt", n=len(rows)),
    ).selection.rows
    with st.container(horizontal=True, vertical_alignment="center"):
        steps("journeys", shown.previous, shown.next, partial(_go, current))
    if picked and picked[0] < len(rows):
        journey = rows[picked[0]]
        query = {search.CALL: journey.journey_id, search.DAY: journey.started.date().isoformat()}
        st.switch_page(navigation.script("journey"), query_params=query)


def _page(current: JourneyFilter) -> JourneyPage:
    try:
        return reading.page(current, st.query_params.get(CURSOR), ROWS)
    except InvalidInputError as error:
        refusals.told(error)
        return reading.page(current, None, ROWS)


def _cells(journey: Journey) -> dict[str, str]:
    waited = sum(journey.t_queues)
    return {
        "started": times.moment(journey.started),
        "caller": _party(journey.caller),
        "called": _party(journey.called),
        "result": t(f"journeys.result.{journey.result}"),
        "wait": times.clock_span(waited) if journey.t_queues else "",
        "talk": times.clock_span(journey.talk_seconds) if journey.talk_seconds else "",
        "final": _party(journey.final),
        "route": route_text(journey, language()),
        "direction": t(f"journeys.direction.{journey.direction}"),
        "cost": "" if journey.cost is None else numbers.money(journey.cost),
    }


def _party(party: Party) -> str:
    return f"{party.name} {party.number}" if party.name and party.number else party.label


def _columns() -> dict[str, Any]:
    return {
        name: st.column_config.TextColumn(
            t(f"journeys_page.columns.{name}"),
            pinned=name == "started",
            width=_WIDTHS.get(name, 130),
            alignment="right" if name in ("wait", "talk", "cost") else "left",
        )
        for name in _COLUMNS
    }


def _go(current: JourneyFilter, cursor: str | None) -> None:
    filters.to_address(current, **({CURSOR: cursor} if cursor else {}))


def nothing() -> None:
    """Why there are no calls, and what would bring some."""
    if not reading.any_yet():
        states.empty(t("journeys_page.empty.none_yet"), t("journeys_page.empty.none_yet_help"))
        return
    wider = JourneyFilter(last="30d")
    states.empty(
        t("journeys_page.empty.no_match"),
        t("calls_page.empty.no_match_help"),
        lambda: st.button(t("calls_page.empty.widen"), type="primary", on_click=filters.to_address, args=(wider,)),
    )


def draw(current: JourneyFilter) -> None:
    """Everything below the filter."""
    if strip(current):
        grid(current)
    else:
        nothing()
