"""The filter of visits as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from core.store import data_version
from core.ui import address, numbers, session, times
from core.ui.filter_address import FilterAddress
from core.ui.filter_widgets import FilterWidgets
from core.ui.text import escaped, language, t
from core.visits import query
from core.visits.filters import ME, WHENS, VisitFilter
from core.visits.vocabulary import DATA_VERSION, OVERDUE, STATES

KEPT = ("visit", "view", "day")
"""What stays in the address when the filter changes."""

_ANYBODY = "anybody"
ADDRESS = FilterAddress(VisitFilter, KEPT)
from_address, to_address = ADDRESS.read, ADDRESS.write


def bar(current: VisitFilter, *, with_period: bool) -> None:
    """The row of widgets; a calendar has its own period."""
    widgets = FilterWidgets(ADDRESS, "vf", current)
    with st.container(horizontal=True, vertical_alignment="bottom", key="visit_filters"):
        widgets.typed("text", t("visits_page.search"), hint=t("visits_page.search_hint"), width=230)
        if with_period:
            _when(widgets)
        widgets.any_of("states", t("visits_page.state"), (*STATES, OVERDUE), lambda one: t(f"visits.states.{one}"))
        _operator(widgets)
        with st.popover(t("visits_page.more"), icon=":material/tune:"):
            if with_period:
                widgets.dates()
            for field in ("clients", "sites"):
                known = dict(_choices(_version())[field])
                widgets.several(field, t(f"visits_page.{field}"), list(known), partial(_name, known))
            _ticket(current)
    ADDRESS.tell_problem()


def chips(current: VisitFilter) -> None:
    """A button for each part of the filter that takes the part away."""
    clauses = current.clauses(language(), names())
    if not clauses:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="chips"):
        ADDRESS.chips(current, clauses, VisitFilter(sort=current.sort))


def sentence(current: VisitFilter, shown: int) -> None:
    """How many there are and the filter in words."""
    number = numbers.counted(shown, query.COUNTED_TO)
    st.markdown(f"**{number}** · {escaped(current.sentence(language(), times.zone(), names()))}", width="content")


def names() -> dict[str, str]:
    """Operators' and clients' names by what the filter holds of them."""
    offered = _choices(_version())
    return {f"{field}:{value}": name for field in ("operators", "clients") for value, name in offered[field]}


def _version() -> int:
    with session.services().database.read() as opened:
        return data_version.current(opened, DATA_VERSION)[0]


@st.cache_data(max_entries=4, ttl="1h", show_spinner=False)
def _choices(version: int) -> dict[str, Sequence[tuple[str, str]]]:  # noqa: ARG001 - what the answer is remembered under
    with session.services().database.read() as opened:
        return query.choices(opened)


def _name(known: Mapping[str, str], value: str) -> str:
    return known.get(value, value)


def _when(widgets: FilterWidgets[VisitFilter]) -> None:
    widgets.one(
        "when",
        t("visits_page.whens.when"),
        WHENS,
        lambda one: t(f"visits_page.whens.{one}"),
        change=lambda was, one: replace(was, when=one, since=None, until=None),
    )


def _operator(widgets: FilterWidgets[VisitFilter]) -> None:
    known = dict(_choices(_version())["operators"])
    chosen = widgets.current.operators
    widgets.choice(
        "operators",
        t("visits_page.operator"),
        [_ANYBODY, ME, *known],
        lambda one: t(f"visits_page.operators.{one}") if one in (_ANYBODY, ME) else known.get(one, one),
        width=190,
        shown=chosen[0] if len(chosen) == 1 else _ANYBODY,
        change=lambda was, one: replace(was, operators=() if one == _ANYBODY else (one,)),
    )


def _ticket(current: VisitFilter) -> None:
    key = address.shown("vf_ticket", current.tickets[0] if current.tickets else "")
    st.text_input(
        t("visits_page.ticket"),
        key=key,
        max_chars=20,
        on_change=ADDRESS.change,
        args=(key, lambda was, text: replace(was, tickets=((text or "").strip(),) if (text or "").strip() else ())),
    )
