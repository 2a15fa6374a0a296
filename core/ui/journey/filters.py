"""The filter of rebuilt calls as widgets. The address holds the one state; widgets show it, a change rewrites it."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from core.journeys.filters import TERMS, JourneyFilter
from core.journeys.model import Direction, Result
from core.ui import times
from core.ui.calls.filters import LONGEST_NUMBER, PERIODS
from core.ui.filter_address import FilterAddress
from core.ui.filter_widgets import FilterWidgets
from core.ui.journey import reading
from core.ui.text import escaped, language, t

KEPT = ("view", "threshold")
"""What stays in the address when the filter changes: which view, and the threshold of the service level."""

_GROUPS = ("queues", "agents", "sites", "trunks")
_SECONDS = ("min_wait", "max_wait", "min_attendant", "min_ring", "min_agent", "min_talk", "max_talk")
_TERM = {term.field: term for term in TERMS}


ADDRESS = FilterAddress(JourneyFilter, KEPT)
from_address, to_address = ADDRESS.read, ADDRESS.write


def bar(current: JourneyFilter) -> dict[str, str]:
    """The row of widgets; gives the readable names of identifiers, for the sentence."""
    choices = {group: reading.choices(group) for group in _GROUPS}
    names = {choice.value: choice.label for group in choices.values() for choice in group}
    offered = {group: [choice.value for choice in found] for group, found in choices.items()}
    offered |= {"results": [str(one) for one in Result], "directions": [str(one) for one in Direction]}
    widgets = FilterWidgets(ADDRESS, "j", current)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        widgets.period(t("filters.period"), PERIODS)
        widgets.dates_behind_button()
        widgets.typed(
            "number", t("filters.number"), hint=t("filters.number_hint"), width=260, longest=LONGEST_NUMBER, live=False
        )
        with st.popover(t("filters.more", n=len(current.clauses())), icon=":material/tune:"):
            _lists(widgets, offered, names)
            widgets.flag("overflowed", _label("overflowed"), lambda word: t(f"filters.flags.{word}"))
            widgets.seconds({field: _label(field) for field in _SECONDS})
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


def _label(name: str) -> str:
    return t(f"journeys_page.filters.{name}")


def _lists(widgets: FilterWidgets[JourneyFilter], offered: Mapping[str, list[str]], names: Mapping[str, str]) -> None:
    left, right = st.columns(2)
    for position, field in enumerate(("results", "queues", "agents", "sites", "directions", "trunks")):
        with left if position % 2 == 0 else right:
            widgets.several(field, _label(field), offered[field], partial(_name, names, field))


def _name(names: Mapping[str, str], field: str, value: str) -> str:
    return names.get(value) or _TERM[field].label(value, language())
