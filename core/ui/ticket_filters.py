"""The filter of tickets as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from core.store import data_version
from core.tickets import query
from core.tickets.create import DATA_VERSION
from core.tickets.filters import NOBODY, SORTS, VIEWS, TicketFilter
from core.tickets.vocabulary import PRIORITIES, SOURCES, STATES
from core.ui import address, session, ticket_names, times
from core.ui.filter_address import FilterAddress, days_of, period_of
from core.ui.text import escaped, language, t

PERIODS = ("24h", "7d", "30d", "all")
KEPT = ("ticket", "tab", "show")
"""What stays in the address when the filter changes: what is open beside the list, and how it is shown."""

LONGEST_TEXT = 200
_ANYBODY = "anybody"
_LIVE = "300ms"

ADDRESS = FilterAddress(TicketFilter, KEPT)
from_address, to_address = ADDRESS.read, ADDRESS.write


def bar(current: TicketFilter) -> None:
    """The row of widgets."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="ticket_filters"):
        _view(current)
        _search(current)
        _priorities(current)
        _operator(current)
        with st.popover(t("tickets_page.more"), icon=":material/tune:"):
            _lists(current)
    ADDRESS.tell_problem()


def sentence(current: TicketFilter, shown: int) -> None:
    """How many there are and the filter in words, and a button for each part that takes the part away."""
    number = f"{query.COUNTED_TO:,}+" if shown > query.COUNTED_TO else f"{shown:,}"
    named = names()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="chips"):
        words = escaped(current.sentence(language(), times.zone(), named))
        st.markdown(f"**{number}** · {words}", width="content")
        cleared = TicketFilter(view=current.view, sort=current.sort)
        ADDRESS.chips(current, current.clauses(language(), named), cleared if current != cleared else None)


def names() -> dict[str, str]:
    """Operators' and clients' names by what the filter holds of them."""
    known = ticket_names.names()
    told = {f"operators:{number}": name for number, name in known.operators.items()}
    return told | {f"clients:{number}": name for number, name in known.clients.items()}


def _sites() -> list[str]:
    with session.services().database.read() as opened:
        version = data_version.current(opened, DATA_VERSION)[0]
    return _choices(version)["sites"]


@st.cache_data(max_entries=4, ttl="1h", show_spinner=False)
def _choices(version: int) -> dict[str, list[str]]:  # noqa: ARG001 - what the answer is remembered under
    with session.services().database.read() as opened:
        return query.choices(opened)


def _view(current: TicketFilter) -> None:
    key = address.shown("tf_view", current.view)
    st.segmented_control(
        t("tickets_page.view"),
        VIEWS,
        required=True,
        format_func=lambda view: t(f"tickets_page.views.{view}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, view: replace(was, view=view)),
    )


def _search(current: TicketFilter) -> None:
    key = address.shown("tf_words", current.words)
    st.text_input(
        t("tickets_page.search"),
        key=key,
        type="search",
        live=_LIVE,
        placeholder=t("tickets_page.search_hint"),
        max_chars=LONGEST_TEXT,
        width=220,
        on_change=ADDRESS.change,
        args=(key, lambda was, text: replace(was, words=(text or "").strip())),
    )


def _priorities(current: TicketFilter) -> None:
    key = address.shown("tf_priority", list(current.priorities))
    st.pills(
        t("tickets_page.priority"),
        PRIORITIES[::-1],
        selection_mode="multi",
        format_func=lambda one: t(f"tickets.priorities.{one}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, priorities=tuple(chosen))),
    )


def _operator(current: TicketFilter) -> None:
    known = {str(number): name for number, name in ticket_names.names().operators.items()}
    shown = current.operators[0] if len(current.operators) == 1 else _ANYBODY
    offered = [_ANYBODY, NOBODY, *sorted(known, key=lambda one: known[one].lower())]
    key = address.shown("tf_operator", shown)
    st.selectbox(
        t("tickets_page.operator"),
        offered if shown in offered else [*offered, shown],
        format_func=lambda one: (
            t(f"tickets_page.operators.{one}") if one in (_ANYBODY, NOBODY) else known.get(one, one)
        ),
        key=key,
        width=170,
        on_change=ADDRESS.change,
        args=(key, lambda was, one: replace(was, operators=() if one == _ANYBODY else (one,))),
    )


def _lists(current: TicketFilter) -> None:
    clients = {str(number): name for number, name in ticket_names.names().clients.items()}
    _several("states", current.states, STATES, lambda one: t(f"tickets.states.{one}"))
    _several("sources", current.sources, SOURCES, lambda one: t(f"tickets.sources.{one}"))
    _several("clients", current.clients, list(clients), lambda one: clients.get(one, one))
    _several("sites", current.sites, _sites(), str)
    _period(current)
    key = address.shown("tf_sort", current.sort)
    st.selectbox(
        t("tickets_page.sort"),
        SORTS,
        format_func=lambda one: t(f"tickets.sorts.{one}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, one: replace(was, sort=one)),
    )


def _period(current: TicketFilter) -> None:
    key = address.shown("tf_last", current.last if current.last in PERIODS else None)
    st.pills(
        t("tickets_page.period"),
        PERIODS,
        format_func=lambda period: t(f"filters.periods.{period}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, last: replace(was, last=last or "all", since=None, until=None)),
    )
    key = address.shown("tf_dates", days_of(current.since, current.until))
    st.date_input(
        t("filters.dates_label", zone=str(times.zone())),
        key=key,
        format="YYYY-MM-DD",
        on_change=ADDRESS.change,
        args=(key, _between),
    )


def _between(was: TicketFilter, days: Sequence[date]) -> TicketFilter:
    period = period_of(days)
    return replace(was, last="", since=period[0], until=period[1]) if period else was


def _several(field: str, value: tuple[str, ...], offered: Sequence[str], name: Callable[[str], str]) -> None:
    key = address.shown(f"tf_{field}", list(value))
    st.multiselect(
        t(f"tickets_page.{field}"),
        [*offered, *(one for one in value if one not in offered)],
        format_func=name,
        key=key,
        placeholder=t("filters.any"),
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, **{field: tuple(chosen)})),
    )
