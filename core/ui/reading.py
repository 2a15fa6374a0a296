"""What pages ask core for, kept until the data changes: every answer is remembered under the version of the calls.

Relative periods move with time, so their answers also carry the minute in which they were given.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from core.calls.call_counts import CallAggregate
from core.calls.filters import CallFilter
from core.calls.query import CallPage, CallQueries
from core.calls.summaries import Choice, Histogram, TopRow
from core.language import Language, catalogue
from core.store import data_version
from core.ui import session
from core.ui.text import language

_KEPT = 128
_TTL = "1h"
_COUNTRIES = "countries."


@dataclass(frozen=True)
class Question:
    """What an answer is remembered under: the data it was read from, its minute, and the filter."""

    version: int
    minute: datetime
    filter: CallFilter
    detail: str = ""
    limit: int = 0


def queries() -> CallQueries:
    """The questions that the table of calls answers."""
    parts = session.services()
    return CallQueries(parts.calls, parts.clock)


def calls_version() -> int:
    """A number that grows with every change of the call records."""
    with session.services().database.read() as opened:
        return data_version.current(opened, "calls")[0]


def question(wanted: CallFilter | None = None, detail: str = "", limit: int = 0) -> Question:
    """A question about the calls as they are in this minute."""
    minute = session.services().clock.now().replace(second=0, microsecond=0)
    return Question(calls_version(), minute, wanted or CallFilter(), detail, limit)


def choices(group: str) -> list[Choice]:
    """The values that a filter's list offers, by label."""
    hourly = question(detail=group)
    return _choices(replace(hourly, minute=hourly.minute.replace(minute=0)))


def aggregate(wanted: CallFilter) -> CallAggregate:
    """The figures of the strip above the grid."""
    return _aggregate(question(wanted))


def histogram(wanted: CallFilter, bars: int) -> Histogram:
    """Legs by time over the filter's period, in at most ``bars`` bars."""
    return _histogram(question(wanted, limit=bars))


def page(wanted: CallFilter, cursor: str | None, limit: int, columns: tuple[str, ...]) -> CallPage:
    """The rows at that place of the list. Raises as ``CallQueries.page``."""
    return _page(question(wanted, cursor or "", limit), columns)


def top(wanted: CallFilter, group: str, limit: int) -> list[TopRow]:
    """The values of ``group`` with most legs."""
    return _top(question(wanted, group, limit))


def country_names() -> dict[str, str]:
    """The name of each country in the session's language, by ISO code."""
    return _country_names(language())


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _choices(asked: Question) -> list[Choice]:
    return queries().choices(asked.detail)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _aggregate(asked: Question) -> CallAggregate:
    return queries().aggregate(asked.filter)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _histogram(asked: Question) -> Histogram:
    return queries().histogram(asked.filter, asked.limit)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _page(asked: Question, columns: tuple[str, ...]) -> CallPage:
    return queries().page(asked.filter, asked.detail or None, asked.limit, columns=columns)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _top(asked: Question) -> list[TopRow]:
    return queries().top(asked.filter, asked.detail, asked.limit)


@st.cache_data(max_entries=2, show_spinner=False)
def _country_names(chosen: Language) -> dict[str, str]:
    return {
        key.removeprefix(_COUNTRIES): texts[chosen] for key, texts in catalogue().items() if key.startswith(_COUNTRIES)
    }
