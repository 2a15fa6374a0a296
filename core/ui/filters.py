"""The filter of calls as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from core.calls.filter_terms import value_label
from core.calls.filters import CallFilter
from core.calls.outcomes import OUTCOMES
from core.calls.summaries import Choice
from core.ui import address, reading, times
from core.ui.filter_address import FilterAddress, days_of, period_of
from core.ui.text import escaped, language, t

PERIODS = ("24h", "7d", "30d", "90d", "all")
DIRECTIONS = ("ORIGINATING", "TERMINATING")
_FLAGS: dict[str, bool | None] = {"any": None, "yes": True, "no": False}
_GROUPS = ("sites", "users", "countries", "call_types", "trunks")


ADDRESS = FilterAddress(CallFilter)
from_address, to_address = ADDRESS.read, ADDRESS.write


def only(current: CallFilter, field: str, values: tuple[str, ...]) -> CallFilter:
    """The same filter with one of its lists replaced."""
    changed: dict[str, Any] = {field: values}
    return replace(current, **changed)


def named(choices: Mapping[str, Sequence[Choice]]) -> dict[str, str]:
    """Readable names for the identifiers that the filter's fields hold."""
    return {choice.value: choice.label for group in choices.values() for choice in group} | reading.country_names()


def bar(current: CallFilter) -> dict[str, str]:
    """The row of widgets; gives the readable names of identifiers, for the sentence."""
    choices = {group: reading.choices(group) for group in _GROUPS}
    names = named(choices)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        _period(current)
        _number(current)
        with st.popover(t("filters.more", n=len(current.clauses())), icon=":material/tune:"):
            _lists(current, choices, names)
            _excluded(current)
            _flags(current)
            _seconds(current)
    ADDRESS.tell_problem()
    return names


def sentence(current: CallFilter, names: Mapping[str, str]) -> None:
    """The filter in words, and a button for each part of it that takes the part away."""
    st.markdown(f"**{escaped(current.sentence(language(), times.zone(), names))}**")
    clauses = current.clauses(language(), names)
    if not clauses and not current.since and not current.until:
        return
    with st.container(horizontal=True, gap="xsmall", key="chips"):
        cleared = CallFilter(last=current.last, since=current.since, until=current.until) if clauses else None
        ADDRESS.chips(current, clauses, cleared)


def _period(current: CallFilter) -> None:
    key = address.shown("f_last", current.last if current.last in PERIODS else None)
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
        _dates(current)


def _dates(current: CallFilter) -> None:
    key = address.shown("f_dates", days_of(current.since, current.until))
    st.date_input(
        t("filters.dates_label", zone=str(times.zone())),
        key=key,
        format="YYYY-MM-DD",
        on_change=ADDRESS.change,
        args=(key, _between),
    )
    st.caption(t("filters.dates_help"))


def _between(was: CallFilter, days: Sequence[date]) -> CallFilter:
    period = period_of(days)
    return was.within(*period) if period else was


def _number(current: CallFilter) -> None:
    key = address.shown("f_number", current.number)
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


def _lists(current: CallFilter, choices: Mapping[str, Sequence[Choice]], names: Mapping[str, str]) -> None:
    offered = {group: [choice.value for choice in choices[group]] for group in _GROUPS}
    offered |= {"directions": list(DIRECTIONS), "outcomes": list(OUTCOMES)}
    left, right = st.columns(2)
    for position, field in enumerate(("directions", "outcomes", "sites", "users", "countries", "call_types", "trunks")):
        with left if position % 2 == 0 else right:
            _list(field, getattr(current, field), offered[field], names)


def _list(field: str, value: tuple[str, ...], offered: Sequence[str], names: Mapping[str, str]) -> None:
    key = address.shown(f"f_{field}", list(value))
    st.multiselect(
        t(f"filters.{field}"),
        [*offered, *(one for one in value if one not in offered)],
        format_func=lambda one: names.get(one) or value_label(field, one, language()),
        key=key,
        placeholder=t("filters.any"),
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, **{field: tuple(chosen)})),
    )


def _excluded(current: CallFilter) -> None:
    set_keys = [term.key for term in current.TERMS if term.can_be_excluded and getattr(current, term.field)]
    if not set_keys:
        return
    fields = {term.key: term.field for term in current.TERMS}
    key = address.shown("f_excluded", list(current.excluded))
    st.pills(
        t("filters.excluded"),
        set_keys,
        selection_mode="multi",
        format_func=lambda name: t(f"filters.{fields[name]}"),
        key=key,
        help=t("filters.excluded_help"),
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, excluded=tuple(chosen or ()))),
    )


def _flags(current: CallFilter) -> None:
    left, right = st.columns(2)
    for field, column in (("international", left), ("off_net", right)):
        value = getattr(current, field)
        key = address.shown(f"f_{field}", next(name for name, flag in _FLAGS.items() if flag is value))
        column.segmented_control(
            t(f"filters.{field}"),
            list(_FLAGS),
            format_func=lambda name: t(f"filters.flags.{name}"),
            required=True,
            key=key,
            on_change=ADDRESS.change,
            args=(key, lambda was, name, field=field: replace(was, **{field: _FLAGS[name]})),
        )


def _seconds(current: CallFilter) -> None:
    left, right = st.columns(2)
    for field, column in (("min_seconds", left), ("max_seconds", right)):
        key = address.shown(f"f_{field}", getattr(current, field))
        column.number_input(
            t(f"filters.{field}"),
            min_value=0,
            value=None,
            step=10,
            key=key,
            on_change=ADDRESS.change,
            args=(key, lambda was, seconds, field=field: replace(was, **{field: seconds})),
        )
