"""What pages ask of the rebuilt calls, kept until the journeys change or the minute is over."""

from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from core.calls.summaries import Choice
from core.journeys.filters import JourneyFilter
from core.journeys.query import JourneyPage, JourneyQueries
from core.journeys.statistics import AgentFigures, JourneyStatistics, JourneyTotals, QueueFigures, Way
from core.journeys.update import DATA_VERSION, open_journeys
from core.store import data_version
from core.ui import session

_KEPT, _TTL = 64, "1h"


@dataclass(frozen=True)
class Question:
    """What an answer is remembered under: the journeys it was read from, its minute, and what was asked."""

    version: int
    minute: datetime
    filter: JourneyFilter
    detail: str = ""
    limit: int = 0


def question(wanted: JourneyFilter | None = None, detail: str = "", limit: int = 0) -> Question:
    """A question about the journeys as they are in this minute."""
    parts = session.services()
    with parts.database.read() as opened:
        version = data_version.current(opened, DATA_VERSION)[0]
    return Question(
        version, parts.clock.now().replace(second=0, microsecond=0), wanted or JourneyFilter(), detail, limit
    )


def any_yet() -> bool:
    """Whether any call was ever rebuilt."""
    return bool(open_journeys(session.services()).days())


def choices(group: str) -> list[Choice]:
    """The values that a filter's list offers, by label."""
    hourly = question(detail=group)
    return _choices(replace(hourly, minute=hourly.minute.replace(minute=0)))


def totals(wanted: JourneyFilter) -> JourneyTotals:
    """The figures of the strip above the grid."""
    return _totals(question(wanted))


def page(wanted: JourneyFilter, cursor: str | None, limit: int) -> JourneyPage:
    """The journeys at that place of the list. Raises as ``JourneyQueries.page``."""
    return _page(question(wanted, cursor or "", limit))


def queues(wanted: JourneyFilter, threshold: int) -> list[QueueFigures]:
    """Figures of queues and hunt groups; ``threshold`` in seconds."""
    return _queues(question(wanted, limit=threshold))


def agents(wanted: JourneyFilter) -> list[AgentFigures]:
    """Figures of the people who took or missed calls of queues."""
    return _agents(question(wanted))


def ways(wanted: JourneyFilter) -> list[Way]:
    """The ways that calls took through services."""
    return _ways(question(wanted))


def _statistics() -> JourneyStatistics:
    return JourneyStatistics(open_journeys(session.services()))


def _resolved(asked: Question) -> JourneyFilter:
    return asked.filter.resolved(session.services().clock.now())


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _choices(asked: Question) -> list[Choice]:
    return _statistics().choices(asked.detail)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _totals(asked: Question) -> JourneyTotals:
    return _statistics().totals(_resolved(asked))


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _page(asked: Question) -> JourneyPage:
    queries = JourneyQueries(open_journeys(session.services()))
    return queries.page(_resolved(asked), asked.detail or None, asked.limit)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _queues(asked: Question) -> list[QueueFigures]:
    return _statistics().queues(_resolved(asked), asked.limit)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _agents(asked: Question) -> list[AgentFigures]:
    return _statistics().agents(_resolved(asked))


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _ways(asked: Question) -> list[Way]:
    return _statistics().ways(_resolved(asked))
