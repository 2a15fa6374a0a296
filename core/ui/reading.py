"""What pages ask core for, kept until the data changes: every answer is remembered under the version of the calls.

Relative periods move with time, so their answers also carry the minute in which they were given.
"""

from datetime import datetime

import streamlit as st

from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.calls.summaries import CallAggregate, Choice, Histogram
from core.language import Language, catalogue
from core.store import data_version
from core.ui import session
from core.ui.text import language

_KEPT = 128
_TTL = "1h"
_COUNTRIES = "countries."


def queries() -> CallQueries:
    """The questions that the table of calls answers."""
    parts = session.services()
    return CallQueries(parts.calls, parts.clock)


def calls_version() -> int:
    """A number that grows with every change of the call records."""
    with session.services().database.read() as opened:
        return data_version.current(opened, "calls")[0]


def minute() -> datetime:
    """The present minute: how long an answer about a relative period holds."""
    return session.services().clock.now().replace(second=0, microsecond=0)


def choices(group: str) -> list[Choice]:
    """The values that a filter's list offers, by label."""
    return _choices(calls_version(), group)


def aggregate(wanted: CallFilter) -> CallAggregate:
    """The figures of the strip above the grid."""
    return _aggregate(calls_version(), minute(), wanted)


def histogram(wanted: CallFilter, bars: int) -> Histogram:
    """Legs by time over the filter's period."""
    return _histogram(calls_version(), minute(), wanted, bars)


def country_names() -> dict[str, str]:
    """The name of each country in the session's language, by ISO code."""
    return _country_names(language())


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _choices(version: int, group: str) -> list[Choice]:
    return queries().choices(group)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _aggregate(version: int, at: datetime, wanted: CallFilter) -> CallAggregate:
    return queries().aggregate(wanted)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _histogram(version: int, at: datetime, wanted: CallFilter, bars: int) -> Histogram:
    return queries().histogram(wanted, bars)


@st.cache_data(max_entries=2, show_spinner=False)
def _country_names(chosen: Language) -> dict[str, str]:
    return {
        key.removeprefix(_COUNTRIES): texts[chosen] for key, texts in catalogue().items() if key.startswith(_COUNTRIES)
    }
