"""The filter of alerts as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from dataclasses import replace
from functools import partial

import streamlit as st

from core.alerts import explain, query
from core.alerts.filters import ME, MUTED, NOBODY, OPEN_WORK, SORTS, AlertFilter
from core.alerts.receive import DATA_VERSION
from core.alerts.vocabulary import STATES, VERDICTS
from core.detection.finding import SEVERITIES
from core.store import data_version
from core.ui import numbers, session, times
from core.ui.filter_address import FilterAddress
from core.ui.filter_widgets import FilterWidgets
from core.ui.text import escaped, language, t
from core.ui.who import person_name

PERIODS = ("24h", "7d", "30d", "all")
STATE_CHOICES = (OPEN_WORK, *STATES, "all")
KEPT = ("alert", "tab", "view")
"""What stays in the address when the filter changes: what is open beside the queue."""

_ANYBODY = "anybody"


ADDRESS = FilterAddress(AlertFilter, KEPT)
from_address, to_address = ADDRESS.read, ADDRESS.write


def bar(current: AlertFilter) -> None:
    """The row of widgets."""
    widgets = FilterWidgets(ADDRESS, "af", current)
    with st.container(horizontal=True, vertical_alignment="bottom", key="alert_filters"):
        widgets.typed("text", t("alerts_page.search"), hint=t("alerts_page.search_hint"), width=230)
        widgets.any_of(
            "severities", t("alerts_page.severity"), SEVERITIES[::-1], lambda one: t(f"alerts.severities.{one}")
        )
        _states(widgets)
        _owner(widgets)
        with st.popover(t("alerts_page.more"), icon=":material/tune:"):
            _more(widgets)
    ADDRESS.tell_problem()


def sentence(current: AlertFilter, shown: int) -> None:
    """How many there are and the filter in words, and a button for each part that takes the part away."""
    number = numbers.counted(shown, query.COUNTED_TO)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="chips"):
        st.markdown(f"**{number}** · {escaped(current.sentence(language(), times.zone()))}", width="content")
        cleared = AlertFilter(sort=current.sort)
        ADDRESS.chips(current, current.clauses(language()), cleared if current != cleared else None)


def _version() -> int:
    with session.services().database.read() as opened:
        return data_version.current(opened, DATA_VERSION)[0]


@st.cache_data(max_entries=4, ttl="1h", show_spinner=False)
def _choices(version: int) -> dict[str, list[str]]:  # noqa: ARG001 - what the answer is remembered under
    with session.services().database.read() as opened:
        return query.choices(opened)


def _states(widgets: FilterWidgets[AlertFilter]) -> None:
    states = widgets.current.states
    widgets.choice(
        "states",
        t("alerts_page.state"),
        STATE_CHOICES,
        lambda state: t(f"alerts_page.states.{state}"),
        width=170,
        shown=states[0] if len(states) == 1 else "all" if states else OPEN_WORK,
        change=lambda was, state: replace(was, states=_states_of(state)),
    )


def _states_of(choice: str) -> tuple[str, ...]:
    if choice == "all":
        return STATES
    return () if choice == OPEN_WORK else (choice,)


def _owner(widgets: FilterWidgets[AlertFilter]) -> None:
    widgets.choice(
        "owner",
        t("alerts_page.owner"),
        [_ANYBODY, ME, NOBODY, *_choices(_version())["owners"]],
        lambda name: t(f"alerts.owners.{name}") if name in (_ANYBODY, ME, NOBODY) else person_name(name),
        width=160,
        shown=widgets.current.owner or _ANYBODY,
        change=lambda was, name: replace(was, owner="" if name == _ANYBODY else name),
    )


def _more(widgets: FilterWidgets[AlertFilter]) -> None:
    offered = _choices(_version())
    widgets.period(t("alerts_page.period"), PERIODS)
    widgets.dates()
    widgets.several("rules", t("alerts_page.rules"), offered["rules"], lambda one: explain.rule_name(one, language()))
    widgets.several("sites", t("alerts_page.sites"), offered["sites"])
    widgets.several("verdicts", t("alerts_page.verdicts"), VERDICTS, lambda one: t(f"alerts.verdicts.{one}"))
    for field, options in (("muted", MUTED), ("sort", SORTS)):
        widgets.one(field, t(f"alerts_page.{field}"), options, partial(_choice, field))


def _choice(field: str, value: str) -> str:
    return t(f"alerts_page.{field}_choices.{value}")
