"""The history of outbound calls: its filter, the list, the file, and one call beside it."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core.dialer import favorites, query, steps
from core.dialer.filters import ME, STATUSES, OutboundFilter
from core.dialer.outcome_words import outcome_words, talk_seconds
from core.dialer.query import OutboundPage
from core.dialer.vocabulary import SOURCES
from core.errors import InvalidInputError, NotFoundError, TollwatchError
from core.journeys.lookup import JourneyLookup
from core.store.models.dialer import OutboundCallRow
from core.ui import address, neighbours, numbers, refusals, session, states, times
from core.ui.calls.filters import LONGEST_NUMBER
from core.ui.clicked import newly_clicked
from core.ui.dialpad import live, state
from core.ui.filter_address import FilterAddress
from core.ui.filter_widgets import FilterWidgets
from core.ui.journey import search as journey_search
from core.ui.session import CurrentUser
from core.ui.text import error_texts, escaped, language, t
from core.ui.who import person_name

ROWS = 100
_ROWS_SHOWN_WHOLE, _HEIGHT = 15, 520
CURSOR = "cursor"
ADDRESS = FilterAddress(OutboundFilter)


def draw(person: CurrentUser) -> None:
    """Filter, list and the chosen call."""
    current = ADDRESS.read()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("dialpad.history"), anchor=False, width="content")
        st.space("stretch")
        href = f"/api/v2/calls.csv?{urlencode(current.to_query(), doseq=True)}"
        states.action_link(t("dialpad.export"), href, primary=False, wide=False)
    _bar(current)
    with session.services().database.read() as opened:
        shown = _page(opened, current, person)
        number = query.count(opened, current, person=person.name)
    told = numbers.counted(number, query.COUNTED_TO)
    st.markdown(f"**{told}** · {escaped(current.sentence(language(), times.zone()))}")
    chosen = st.query_params.get(state.CALL)
    if chosen:
        _one(chosen, person)
    if not shown.rows:
        empty = "none" if current == OutboundFilter() else "no_match"
        states.empty(t(f"dialpad.empty.{empty}"), t(f"dialpad.empty.{empty}_help"))
        return
    _grid(shown.rows)
    neighbours.row("dial", ("dialpad.before", "dialpad.after_page"), (shown.previous, shown.next), CURSOR)


def _page(opened: Any, current: OutboundFilter, person: CurrentUser) -> OutboundPage:
    try:
        cursor = st.query_params.get(CURSOR)
        return query.page(opened, current, person=person.name, cursor=cursor, limit=ROWS)
    except InvalidInputError:
        return query.page(opened, current, person=person.name, limit=ROWS)


def _bar(current: OutboundFilter) -> None:
    widgets = FilterWidgets(ADDRESS, "df", current)
    with st.container(horizontal=True, vertical_alignment="bottom", key="dial_filters"):
        widgets.typed("number", t("dialpad.filter_number"), hint="+57", width=180, longest=LONGEST_NUMBER)
        widgets.several(
            "statuses", t("dialpad.filter_statuses"), STATUSES, lambda one: t(f"asterisk.statuses.{one}"), width=200
        )
        widgets.several(
            "sources", t("dialpad.filter_sources"), SOURCES, lambda one: t(f"dialer.sources.{one}"), width=200
        )
        key = address.shown("df_mine", current.people == (ME,))
        st.toggle(
            t("dialpad.mine"),
            key=key,
            on_change=ADDRESS.change,
            args=(key, lambda was, mine: replace(was, people=(ME,) if mine else ())),
        )
        widgets.dates(width=230)
    ADDRESS.tell_problem()


def _grid(rows: list[OutboundCallRow]) -> None:
    key = f"dial_grid_{hash(tuple((row.id, row.status) for row in rows))}"
    event = st.dataframe(
        _frame(rows),
        key=key,
        height="content" if len(rows) <= _ROWS_SHOWN_WHOLE else _HEIGHT,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        column_config=_columns(),
        alt=t("dialpad.grid_alt", n=len(rows)),
    )
    clicked = newly_clicked("dial", key, [row.call_id for row in rows], event.selection.cells)
    if clicked is not None:
        st.query_params[state.CALL] = clicked
        st.rerun()


def _columns() -> dict[str, Any]:
    wide = {"outcome": 400, "by": 150}
    return {
        name: st.column_config.Column(t(f"dialpad.columns.{name}"), width=wide.get(name)) for name in _frame([]).columns
    }


def _frame(rows: list[OutboundCallRow]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "when": [times.to_the_minute(row.created_at) for row in rows],
            "number": [row.number for row in rows],
            "outcome": [outcome_words(row, language(), name=person_name) for row in rows],
            "talk": [times.clock_span(talk_seconds(row)) for row in rows],
            "by": [person_name(row.requested_by) for row in rows],
            "reason": [row.reason for row in rows],
            "source": [t(f"dialer.sources.{row.source}") for row in rows],
        }
    )


def _one(call_id: str, person: CurrentUser) -> None:
    try:
        with session.services().database.read() as opened:
            row = query.one(opened, call_id)
            told = steps.of_call(opened, row)
            kept = {one.number: one.label for one in favorites.of_person(opened, person.name)}
    except NotFoundError as error:
        refusals.told(error)
        return
    with st.container(border=True, key="card-chosen-call"):
        st.markdown(f"**{escaped(row.number)}** · {escaped(outcome_words(row, language(), name=person_name))}")
        st.caption(
            escaped(
                t("dialpad.asked_by", by=person_name(row.requested_by), at=times.moment(row.created_at), why=row.reason)
            )
        )
        live.timeline(row, told)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                t("dialpad.again"), key="dial_again", icon=":material/dialpad:", on_click=_again, args=(row.number,)
            )
            if row.is_open and row.requested_by != person.name:
                live.hang_up(row)
            _favorite(row.number, kept)
            _journey(row, person)
            st.button(t("dialpad.close"), key="dial_close", type="tertiary", on_click=_close)


def _favorite(number: str, kept: dict[str, str]) -> None:
    if number in kept:
        st.button(t("dialpad.unkeep"), key="dial_unkeep", icon=":material/star:", on_click=_keep, args=(number, None))
        return
    with st.popover(t("dialpad.keep"), icon=":material/star_border:"):
        label = st.text_input(t("dialpad.keep_label"), key="dial_keep_label", max_chars=favorites.LONGEST_LABEL)
        st.button(t("dialpad.keep_do"), key="dial_keep", on_click=_keep, args=(number, label or ""))


def _keep(number: str, label: str | None) -> None:
    parts = session.services()
    try:
        person = session.check("dialer.view")
        with parts.database.write() as opened:
            if label is None:
                favorites.forget(opened, person.name, number)
            else:
                favorites.keep(opened, person.name, number, label, at=parts.clock.now())
    except TollwatchError as error:
        st.session_state[state.PROBLEM] = " ".join(error_texts(error))


def _journey(row: OutboundCallRow, person: CurrentUser) -> None:
    """A way to the same call as Webex recorded it, for who may see calls."""
    if not person.may("journeys.view") or not person.may("calls.view"):
        return
    found = JourneyLookup(session.services().calls).of_number(row.number.lstrip("+"), row.created_at)
    if not found:
        st.caption(t("dialpad.no_journey"))
        return
    journey_search.to(found[0].call_id, found[0].started, t("dialpad.journey"), key="dial")


def _again(number: str) -> None:
    state.put(number)
    state.new_key()


def _close() -> None:
    st.query_params.pop(state.CALL, None)
