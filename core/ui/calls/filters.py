"""The filter of calls as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.calls.filter_terms import value_label
from core.calls.filters import CallFilter
from core.calls.outcomes import OUTCOMES
from core.calls.summaries import Choice
from core.ui import reading, times
from core.ui.filter_address import FilterAddress
from core.ui.filter_widgets import FilterWidgets
from core.ui.text import escaped, language, t

PERIODS = ("24h", "7d", "30d", "90d", "all")
DIRECTIONS = ("ORIGINATING", "TERMINATING")
LONGEST_NUMBER = 40
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
    widgets = FilterWidgets(ADDRESS, "f", current)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        widgets.period(t("filters.period"), PERIODS)
        widgets.dates_behind_button(t("filters.dates_help"))
        widgets.typed(
            "number", t("filters.number"), hint=t("filters.number_hint"), width=260, longest=LONGEST_NUMBER, live=False
        )
        with st.popover(t("filters.more", n=len(current.clauses())), icon=":material/tune:"):
            _lists(widgets, choices, names)
            _excluded(widgets)
            for column, field in zip(st.columns(2), ("international", "off_net"), strict=True):
                with column:
                    widgets.flag(field, t(f"filters.{field}"), lambda word: t(f"filters.flags.{word}"))
            widgets.seconds({field: t(f"filters.{field}") for field in ("min_seconds", "max_seconds")})
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


def _lists(
    widgets: FilterWidgets[CallFilter], choices: Mapping[str, Sequence[Choice]], names: Mapping[str, str]
) -> None:
    offered = {group: [choice.value for choice in choices[group]] for group in _GROUPS}
    offered |= {"directions": list(DIRECTIONS), "outcomes": list(OUTCOMES)}
    left, right = st.columns(2)
    for position, field in enumerate(("directions", "outcomes", "sites", "users", "countries", "call_types", "trunks")):
        with left if position % 2 == 0 else right:
            widgets.several(field, t(f"filters.{field}"), offered[field], partial(_name, names, field))


def _name(names: Mapping[str, str], field: str, value: str) -> str:
    return names.get(value) or value_label(field, value, language())


def _excluded(widgets: FilterWidgets[CallFilter]) -> None:
    current = widgets.current
    fields = {term.key: term.field for term in current.TERMS}
    set_keys = [term.key for term in current.TERMS if term.can_be_excluded and getattr(current, term.field)]
    if set_keys:
        widgets.any_of(
            "excluded",
            t("filters.excluded"),
            set_keys,
            lambda key: t(f"filters.{fields[key]}"),
            help=t("filters.excluded_help"),
        )
