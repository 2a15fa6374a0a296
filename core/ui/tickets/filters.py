"""The filter of tickets as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from dataclasses import replace

import streamlit as st

from core.store import data_version
from core.tickets import query
from core.tickets.create import DATA_VERSION
from core.tickets.filters import NOBODY, SORTS, VIEWS, TicketFilter
from core.tickets.vocabulary import PRIORITIES, SOURCES, STATES
from core.ui import numbers, session, times
from core.ui.filter_address import FilterAddress
from core.ui.filter_widgets import FilterWidgets
from core.ui.text import escaped, language, t
from core.ui.tickets import names as ticket_names

PERIODS = ("24h", "7d", "30d", "all")
KEPT = ("ticket", "tab", "show")
"""What stays in the address when the filter changes: what is open beside the list, and how it is shown."""

LONGEST_TEXT = 200
_ANYBODY = "anybody"

ADDRESS = FilterAddress(TicketFilter, KEPT)
from_address, to_address = ADDRESS.read, ADDRESS.write


def bar(current: TicketFilter) -> None:
    """The row of widgets."""
    widgets = FilterWidgets(ADDRESS, "tf", current)
    with st.container(horizontal=True, vertical_alignment="bottom", key="ticket_filters"):
        widgets.one("view", t("tickets_page.view"), VIEWS, lambda view: t(f"tickets_page.views.{view}"))
        widgets.typed("words", t("tickets_page.search"), hint=t("tickets_page.search_hint"), width=220)
        widgets.any_of(
            "priorities", t("tickets_page.priority"), PRIORITIES[::-1], lambda one: t(f"tickets.priorities.{one}")
        )
        _operator(widgets)
        with st.popover(t("tickets_page.more"), icon=":material/tune:"):
            _more(widgets)
    ADDRESS.tell_problem()


def sentence(current: TicketFilter, shown: int) -> None:
    """How many there are and the filter in words, and a button for each part that takes the part away."""
    number = numbers.counted(shown, query.COUNTED_TO)
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


def _operator(widgets: FilterWidgets[TicketFilter]) -> None:
    known = {str(number): name for number, name in ticket_names.names().operators.items()}
    chosen = widgets.current.operators
    widgets.choice(
        "operators",
        t("tickets_page.operator"),
        [_ANYBODY, NOBODY, *sorted(known, key=lambda one: known[one].lower())],
        lambda one: t(f"tickets_page.operators.{one}") if one in (_ANYBODY, NOBODY) else known.get(one, one),
        width=170,
        shown=chosen[0] if len(chosen) == 1 else _ANYBODY,
        change=lambda was, one: replace(was, operators=() if one == _ANYBODY else (one,)),
    )


def _more(widgets: FilterWidgets[TicketFilter]) -> None:
    clients = {str(number): name for number, name in ticket_names.names().clients.items()}
    widgets.several("states", t("tickets_page.states"), STATES, lambda one: t(f"tickets.states.{one}"))
    widgets.several("sources", t("tickets_page.sources"), SOURCES, lambda one: t(f"tickets.sources.{one}"))
    widgets.several("clients", t("tickets_page.clients"), list(clients), lambda one: clients.get(one, one))
    widgets.several("sites", t("tickets_page.sites"), _sites())
    widgets.period(t("tickets_page.period"), PERIODS)
    widgets.dates()
    widgets.choice("sort", t("tickets_page.sort"), SORTS, lambda one: t(f"tickets.sorts.{one}"))
