"""The filter of visits as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from core.calls.filter_terms import LONGEST_VALUE
from core.store import data_version
from core.ui import address, session, times
from core.ui.filter_address import FilterAddress, days_of, period_of
from core.ui.text import escaped, language, t
from core.visits import query
from core.visits.filters import ME, WHENS, VisitFilter
from core.visits.vocabulary import DATA_VERSION, OVERDUE, STATES

KEPT = ("visit", "view", "day")
"""What stays in the address when the filter changes."""

_ANYBODY = "anybody"
_LIVE = "300ms"
ADDRESS = FilterAddress(VisitFilter, KEPT)
from_address, to_address = ADDRESS.read, ADDRESS.write


def bar(current: VisitFilter, *, with_period: bool) -> None:
    """The row of widgets; a calendar has its own period."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="visit_filters"):
        _search(current)
        if with_period:
            _when(current)
        _states(current)
        _operator(current)
        with st.popover(t("visits_page.more"), icon=":material/tune:"):
            if with_period:
                _period(current)
            _several("clients", current.clients)
            _several("sites", current.sites)
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
    number = f"{query.COUNTED_TO:,}+" if shown > query.COUNTED_TO else f"{shown:,}"
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


def _search(current: VisitFilter) -> None:
    key = address.shown("vf_text", current.text)
    st.text_input(
        t("visits_page.search"),
        key=key,
        type="search",
        live=_LIVE,
        placeholder=t("visits_page.search_hint"),
        max_chars=LONGEST_VALUE,
        width=230,
        on_change=ADDRESS.change,
        args=(key, lambda was, text: replace(was, text=(text or "").strip())),
    )


def _states(current: VisitFilter) -> None:
    key = address.shown("vf_states", list(current.states))
    st.pills(
        t("visits_page.state"),
        (*STATES, OVERDUE),
        selection_mode="multi",
        format_func=lambda state: t(f"visits.states.{state}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, states=tuple(chosen))),
    )


def _when(current: VisitFilter) -> None:
    key = address.shown("vf_when", current.when)
    st.segmented_control(
        t("visits_page.whens.when"),
        WHENS,
        required=True,
        format_func=lambda one: t(f"visits_page.whens.{one}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, one: replace(was, when=one, since=None, until=None)),
    )


def _operator(current: VisitFilter) -> None:
    known = dict(_choices(_version())["operators"])
    shown = current.operators[0] if len(current.operators) == 1 else _ANYBODY
    offered = [_ANYBODY, ME, *known]
    key = address.shown("vf_operator", shown)
    st.selectbox(
        t("visits_page.operator"),
        offered if shown in offered else [*offered, shown],
        format_func=lambda one: t(f"visits_page.operators.{one}") if one in (_ANYBODY, ME) else known.get(one, one),
        key=key,
        width=190,
        on_change=ADDRESS.change,
        args=(key, lambda was, one: replace(was, operators=() if one == _ANYBODY else (one,))),
    )


def _period(current: VisitFilter) -> None:
    key = address.shown("vf_dates", days_of(current.since, current.until))
    st.date_input(
        t("filters.dates_label", zone=str(times.zone())),
        key=key,
        format="YYYY-MM-DD",
        on_change=ADDRESS.change,
        args=(key, _between),
    )


def _between(was: VisitFilter, days: Sequence[date]) -> VisitFilter:
    if not days:
        return replace(was, since=None, until=None)
    period = period_of(days)
    return was.within(*period) if period else was


def _several(field: str, value: tuple[str, ...]) -> None:
    known = dict(_choices(_version())[field])
    key = address.shown(f"vf_{field}", list(value))
    st.multiselect(
        t(f"visits_page.{field}"),
        [*known, *(one for one in value if one not in known)],
        format_func=lambda one: known.get(one, one),
        key=key,
        placeholder=t("filters.any"),
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, **{field: tuple(chosen)})),
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
