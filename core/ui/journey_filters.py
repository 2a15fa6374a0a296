"""The filter of rebuilt calls as widgets. The address holds the one state; widgets show it, a change rewrites it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from core.journeys.filters import TERMS, JourneyFilter
from core.journeys.model import Direction, Result
from core.ui import address, journey_reading, times
from core.ui.filter_address import FilterAddress, days_of, period_of
from core.ui.filters import PERIODS
from core.ui.text import escaped, language, t

KEPT = ("view", "threshold")
"""What stays in the address when the filter changes: which view, and the threshold of the service level."""

_GROUPS = ("queues", "agents", "sites", "trunks")
_SECONDS = ("min_wait", "max_wait", "min_attendant", "min_ring", "min_agent", "min_talk", "max_talk")
_FLAGS: dict[str, bool | None] = {"any": None, "yes": True, "no": False}
_TERM = {term.field: term for term in TERMS}


ADDRESS = FilterAddress(JourneyFilter, KEPT)
from_address, to_address = ADDRESS.read, ADDRESS.write


def bar(current: JourneyFilter) -> dict[str, str]:
    """The row of widgets; gives the readable names of identifiers, for the sentence."""
    choices = {group: journey_reading.choices(group) for group in _GROUPS}
    names = {choice.value: choice.label for group in choices.values() for choice in group}
    offered = {group: [choice.value for choice in found] for group, found in choices.items()}
    offered |= {"results": [str(one) for one in Result], "directions": [str(one) for one in Direction]}
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        _period(current)
        _number(current)
        with st.popover(t("filters.more", n=len(current.clauses())), icon=":material/tune:"):
            _lists(current, offered, names)
            _overflowed(current)
            _seconds(current)
    ADDRESS.tell_problem()
    return names


def sentence(current: JourneyFilter, names: Mapping[str, str]) -> None:
    """The filter in words, and a button for each part of it that takes the part away."""
    st.markdown(f"**{escaped(current.sentence(language(), times.zone(), names))}**")
    clauses = current.clauses(language(), names)
    if not clauses:
        return
    with st.container(horizontal=True, gap="xsmall", key="chips"):
        ADDRESS.chips(current, clauses, current.bare())


def _period(current: JourneyFilter) -> None:
    key = address.shown("j_last", current.last if current.last in PERIODS else None)
    st.pills(
        t("filters.period"),
        PERIODS,
        format_func=lambda period: t(f"filters.periods.{period}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, last: was.over_last(last) if last else was),
    )
    absolute = current.since is not None or current.until is not None
    with st.popover(t("filters.dates"), icon=":material/date_range:", type="primary" if absolute else "secondary"):
        key = address.shown("j_dates", days_of(current.since, current.until))
        st.date_input(
            t("filters.dates_label", zone=str(times.zone())),
            key=key,
            format="YYYY-MM-DD",
            on_change=ADDRESS.change,
            args=(key, _between),
        )


def _between(was: JourneyFilter, days: Sequence[date]) -> JourneyFilter:
    period = period_of(days)
    return was.within(*period) if period else was


def _number(current: JourneyFilter) -> None:
    key = address.shown("j_number", current.number)
    st.text_input(
        t("filters.number"),
        key=key,
        type="search",
        placeholder=t("filters.number_hint"),
        max_chars=40,
        width=260,
        on_change=ADDRESS.change,
        args=(key, lambda was, number: replace(was, number=number or "")),
    )


def _lists(current: JourneyFilter, offered: Mapping[str, list[str]], names: Mapping[str, str]) -> None:
    left, right = st.columns(2)
    for position, field in enumerate(("results", "queues", "agents", "sites", "directions", "trunks")):
        with left if position % 2 == 0 else right:
            _list(field, getattr(current, field), offered[field], names)


def _list(field: str, value: tuple[str, ...], offered: Sequence[str], names: Mapping[str, str]) -> None:
    key = address.shown(f"j_{field}", list(value))
    st.multiselect(
        t(f"journeys_page.filters.{field}"),
        [*offered, *(one for one in value if one not in offered)],
        format_func=lambda one: names.get(one) or _TERM[field].label(one, language()),
        key=key,
        placeholder=t("filters.any"),
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, **{field: tuple(chosen)})),
    )


def _overflowed(current: JourneyFilter) -> None:
    key = address.shown("j_overflowed", next(name for name, flag in _FLAGS.items() if flag is current.overflowed))
    st.segmented_control(
        t("journeys_page.filters.overflowed"),
        list(_FLAGS),
        format_func=lambda name: t(f"filters.flags.{name}"),
        required=True,
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, name: replace(was, overflowed=_FLAGS[name])),
    )


def _seconds(current: JourneyFilter) -> None:
    left, right = st.columns(2)
    for position, field in enumerate(_SECONDS):
        key = address.shown(f"j_{field}", getattr(current, field))
        (left if position % 2 == 0 else right).number_input(
            t(f"journeys_page.filters.{field}"),
            min_value=0,
            value=None,
            step=10,
            key=key,
            on_change=ADDRESS.change,
            args=(key, lambda was, seconds, field=field: replace(was, **{field: seconds})),
        )
