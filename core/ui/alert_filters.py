"""The filter of alerts as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from core.alerts import explain, query
from core.alerts.filters import ME, MUTED, NOBODY, OPEN_WORK, SORTS, AlertFilter
from core.alerts.receive import DATA_VERSION
from core.alerts.vocabulary import STATES, VERDICTS
from core.calls.filter_terms import LONGEST_VALUE
from core.detection.finding import SEVERITIES
from core.store import data_version
from core.ui import address, session, times
from core.ui.filter_address import FilterAddress, days_of, period_of
from core.ui.text import escaped, language, t
from core.ui.who import person_name

PERIODS = ("24h", "7d", "30d", "all")
STATE_CHOICES = (OPEN_WORK, *STATES, "all")
KEPT = ("alert", "tab", "view")
"""What stays in the address when the filter changes: what is open beside the queue."""

_ANYBODY = "anybody"
_LIVE = "300ms"


ADDRESS = FilterAddress(AlertFilter, KEPT)
from_address, to_address = ADDRESS.read, ADDRESS.write


def bar(current: AlertFilter) -> None:
    """The row of widgets."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="alert_filters"):
        _search(current)
        _severities(current)
        _states(current)
        _owner(current)
        with st.popover(t("alerts_page.more"), icon=":material/tune:"):
            _lists(current)
    ADDRESS.tell_problem()


def sentence(current: AlertFilter, shown: int) -> None:
    """How many there are and the filter in words, and a button for each part that takes the part away."""
    most = query.COUNTED_TO
    number = f"{most:,}+" if shown > most else f"{shown:,}"
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


def _search(current: AlertFilter) -> None:
    key = address.shown("af_text", current.text)
    st.text_input(
        t("alerts_page.search"),
        key=key,
        type="search",
        live=_LIVE,
        placeholder=t("alerts_page.search_hint"),
        max_chars=LONGEST_VALUE,
        width=230,
        on_change=ADDRESS.change,
        args=(key, lambda was, text: replace(was, text=(text or "").strip())),
    )


def _severities(current: AlertFilter) -> None:
    key = address.shown("af_severity", list(current.severities))
    st.pills(
        t("alerts_page.severity"),
        SEVERITIES[::-1],
        selection_mode="multi",
        format_func=lambda severity: t(f"alerts.severities.{severity}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, severities=tuple(chosen))),
    )


def _states(current: AlertFilter) -> None:
    shown = current.states[0] if len(current.states) == 1 else "all" if current.states else OPEN_WORK
    key = address.shown("af_state", shown)
    st.selectbox(
        t("alerts_page.state"),
        STATE_CHOICES,
        format_func=lambda state: t(f"alerts_page.states.{state}"),
        key=key,
        width=170,
        on_change=ADDRESS.change,
        args=(key, lambda was, state: replace(was, states=_states_of(state))),
    )


def _states_of(choice: str) -> tuple[str, ...]:
    if choice == "all":
        return STATES
    return () if choice == OPEN_WORK else (choice,)


def _owner(current: AlertFilter) -> None:
    owners = _choices(_version())["owners"]
    offered = [_ANYBODY, ME, NOBODY, *owners]
    shown = current.owner or _ANYBODY
    key = address.shown("af_owner", shown)
    st.selectbox(
        t("alerts_page.owner"),
        offered if shown in offered else [*offered, shown],
        format_func=lambda name: t(f"alerts.owners.{name}") if name in (_ANYBODY, ME, NOBODY) else person_name(name),
        key=key,
        width=160,
        on_change=ADDRESS.change,
        args=(key, lambda was, name: replace(was, owner="" if name == _ANYBODY else name)),
    )


def _lists(current: AlertFilter) -> None:
    offered = _choices(_version())
    _period(current)
    _list("rules", current.rules, offered["rules"], lambda one: explain.rule_name(one, language()))
    _list("sites", current.sites, offered["sites"], str)
    _list("verdicts", current.verdicts, list(VERDICTS), lambda one: t(f"alerts.verdicts.{one}"))
    _choice("muted", current.muted, MUTED)
    _choice("sort", current.sort, SORTS)


def _choice(field: str, value: str, options: tuple[str, ...]) -> None:
    key = address.shown(f"af_{field}", value)
    st.segmented_control(
        t(f"alerts_page.{field}"),
        options,
        required=True,
        format_func=lambda one: t(f"alerts_page.{field}_choices.{one}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, one: replace(was, **{field: one})),
    )


def _period(current: AlertFilter) -> None:
    key = address.shown("af_last", current.last if current.last in PERIODS else None)
    st.pills(
        t("alerts_page.period"),
        PERIODS,
        format_func=lambda period: t(f"filters.periods.{period}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, last: replace(was, last=last or "all", since=None, until=None)),
    )
    key = address.shown("af_dates", days_of(current.since, current.until))
    st.date_input(
        t("filters.dates_label", zone=str(times.zone())),
        key=key,
        format="YYYY-MM-DD",
        on_change=ADDRESS.change,
        args=(key, _between),
    )


def _between(was: AlertFilter, days: Sequence[date]) -> AlertFilter:
    period = period_of(days)
    return replace(was, last="", since=period[0], until=period[1]) if period else was


def _list(field: str, value: tuple[str, ...], offered: list[str], name: Callable[[str], str]) -> None:
    key = address.shown(f"af_{field}", list(value))
    st.multiselect(
        t(f"alerts_page.{field}"),
        [*offered, *(one for one in value if one not in offered)],
        format_func=name,
        key=key,
        placeholder=t("filters.any"),
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, **{field: tuple(chosen)})),
    )
