"""Figures over the journeys of a filter: totals, queues, agents, and the ways that calls took."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.calls.engine import LegReader, Legs, reading
from core.calls.paging import files_by_day
from core.calls.summaries import Choice
from core.journeys.filters import JourneyFilter
from core.journeys.query import LIVE
from core.journeys.table import JourneyTable

DEFAULT_THRESHOLD = 20
"""Seconds within which a call should be answered: four of five in twenty seconds is the customary service level."""

MOST_ROWS = 500
MOST_WAYS = 2000

_ABANDONED = "result IN ('abandoned_attendant', 'abandoned_queue', 'abandoned_ringing')"
_TOTALS = f"""
SELECT count(*), count(*) FILTER (result = 'answered'), count(*) FILTER ({_ABANDONED}),
       coalesce(sum(talk_seconds), 0.0), median(t_queue), sum(cost)
FROM (SELECT * FROM {LIVE} AND {{condition}})
"""  # noqa: S608 - our own columns
_QUEUES = f"""
, live AS (SELECT queue_stays, missed_rings FROM {LIVE} AND {{condition}}),
stays AS (SELECT unnest(queue_stays) AS stay FROM live),
missed AS (
    SELECT ring.queue AS queue, count(*) AS rings
    FROM (SELECT unnest(missed_rings) AS ring FROM live) WHERE NOT ring.elsewhere GROUP BY 1
),
told AS (
    SELECT stay.queue AS queue, any_value(stay.kind) AS kind, count(*) AS offered,
           count(*) FILTER (stay['end'] = 'answered') AS answered,
           count(*) FILTER (stay['end'] = 'abandoned') AS abandoned,
           count(*) FILTER (stay['end'] IN ('overflowed', 'voicemail', 'refused')) AS overflowed,
           count(*) FILTER (stay['end'] = 'callback') AS callbacks,
           count(*) FILTER (stay['end'] = 'answered' AND stay.wait <= ?) AS in_time,
           quantile_cont(stay.wait, [0.5, 0.9, 0.95]) AS waits, max(stay.wait) AS longest
    FROM stays GROUP BY 1
)
SELECT queue, kind, offered, answered, abandoned, overflowed, callbacks, in_time, waits[1], waits[2], waits[3], longest,
       coalesce(rings, 0)
FROM told LEFT JOIN missed USING (queue) ORDER BY offered DESC, queue LIMIT {MOST_ROWS}
"""  # noqa: S608 - our own columns
_AGENTS = f"""
, live AS (SELECT agent_stays, missed_rings FROM {LIVE} AND {{condition}}),
talked AS (
    SELECT stay.agent AS agent, max(stay.name) AS name, count(*) AS answered,
           count(*) FILTER (stay.queue <> '') AS from_queues, sum(stay.talk) AS talk, sum(stay.hold) AS hold,
           avg(stay.ring) AS ring
    FROM (SELECT unnest(agent_stays) AS stay FROM live) GROUP BY 1
),
missed AS (
    SELECT ring.agent AS agent, max(ring.name) AS name, count(*) FILTER (NOT ring.elsewhere) AS missed,
           count(*) FILTER (ring.elsewhere) AS elsewhere
    FROM (SELECT unnest(missed_rings) AS ring FROM live) GROUP BY 1
)
SELECT agent, coalesce(nullif(talked.name, ''), missed.name, ''), coalesce(answered, 0), coalesce(from_queues, 0),
       coalesce(missed, 0), coalesce(elsewhere, 0), coalesce(talk, 0.0), coalesce(hold, 0.0), ring
FROM talked FULL JOIN missed USING (agent)
WHERE from_queues > 0 OR missed > 0 OR elsewhere > 0
ORDER BY 3 DESC, 2, 1 LIMIT {MOST_ROWS}
"""  # noqa: S608 - our own columns
_WAYS = f"""
, ways AS (
    SELECT unnest(list_zip(flow[1:len(flow) - 1], flow[2:len(flow)])) AS step
    FROM (SELECT flow, queue_stays, t_aa FROM {LIVE} AND {{condition}})
    WHERE len(queue_stays) > 0 OR t_aa IS NOT NULL
)
SELECT step[1], step[2], count(*) FROM ways GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {MOST_WAYS}
"""  # noqa: S608 - our own columns
_CHOICES = {
    "queues": "SELECT DISTINCT value, value FROM (SELECT unnest(queues) AS value FROM legs WHERE NOT retired)",
    "agents": "SELECT stay.agent, max(stay.name) FROM (SELECT unnest(agent_stays) AS stay FROM legs WHERE NOT retired)"
    " GROUP BY 1",
    "sites": "SELECT DISTINCT location, location FROM legs WHERE NOT retired AND location IS NOT NULL",
    "trunks": "SELECT DISTINCT entry, entry FROM legs WHERE NOT retired AND entry IS NOT NULL",
}


@dataclass(frozen=True)
class JourneyTotals:
    """Totals of a filter; ``wait`` is the median wait of calls that waited in queues, ``cost`` in dollars."""

    calls: int = 0
    answered: int = 0
    abandoned: int = 0
    talk_seconds: float = 0.0
    wait: float | None = None
    cost: float | None = None

    @property
    def answered_share(self) -> float | None:
        """Answered calls among all, 0 to 1; ``None`` without calls."""
        return _share(self.answered, self.calls)


@dataclass(frozen=True)
class QueueFigures:
    """One queue or hunt group: calls offered and how they left it; waits in seconds of all that were offered.

    ``overflowed`` are those that went on to another place or to voicemail unanswered; ``in_time`` those answered
    within the threshold; ``missed`` phones that rang in vain while no other took the call.
    """

    queue: str
    kind: str
    offered: int
    answered: int
    abandoned: int
    overflowed: int
    callbacks: int
    in_time: int
    wait_p50: float | None
    wait_p90: float | None
    wait_p95: float | None
    longest: float | None
    missed: int

    @property
    def service_level(self) -> float | None:
        """Calls answered within the threshold among those offered, 0 to 1."""
        return _share(self.in_time, self.offered)

    @property
    def abandoned_share(self) -> float | None:
        """Abandoned calls among those offered, 0 to 1."""
        return _share(self.abandoned, self.offered)


@dataclass(frozen=True)
class AgentFigures:
    """One of our people: calls answered (``from_queues`` of them), rings missed or taken elsewhere, seconds."""

    agent: str
    name: str
    answered: int
    from_queues: int
    missed: int
    elsewhere: int
    talk_seconds: float
    hold_seconds: float
    ring_seconds: float | None


@dataclass(frozen=True)
class Way:
    """How many calls went from one place to the next; places as ``core.journeys.stays.flow`` writes them."""

    source: str
    target: str
    calls: int


class JourneyStatistics:
    """Asks the table of journeys for figures; filters are resolved. Raises ``CallQueryTooLongError`` when late."""

    def __init__(self, table: JourneyTable) -> None:
        self._table = table

    def totals(self, asked: JourneyFilter) -> JourneyTotals:
        """The figures of the strip above a list of calls."""
        rows = self._rows(_TOTALS, asked)
        return JourneyTotals(*rows[0]) if rows else JourneyTotals()

    def queues(self, asked: JourneyFilter, threshold: float = DEFAULT_THRESHOLD) -> list[QueueFigures]:
        """The queues and hunt groups of the filter's calls, busiest first; ``threshold`` in seconds."""
        rows = self._rows(_QUEUES, asked, [threshold])
        wanted = set(asked.queues)
        return [QueueFigures(*row) for row in rows if not wanted or row[0] in wanted]

    def agents(self, asked: JourneyFilter) -> list[AgentFigures]:
        """The people who took or missed calls of queues and groups, with all their answers, busiest first."""
        return [AgentFigures(*row) for row in self._rows(_AGENTS, asked)]

    def ways(self, asked: JourneyFilter) -> list[Way]:
        """The steps that calls through services took, the commonest first."""
        return [Way(*row) for row in self._rows(_WAYS, asked)]

    def choices(self, group: str, days: int = 31) -> list[Choice]:
        """The values of ``queues``, ``agents``, ``sites`` or ``trunks`` on the newest days on record, by label."""
        newest = list(files_by_day(self._table.files()).values())[:days]
        files = [path for paths in newest for path in paths]
        if not files:
            return []
        with reading() as reader:
            rows = reader.rows(f"{_CHOICES[group]} LIMIT {MOST_ROWS}", Legs(files))
        return sorted((Choice(*row) for row in rows if row[0]), key=lambda choice: choice.label.casefold())

    def _rows(self, sql: str, asked: JourneyFilter, more: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        files = self._table.files(*asked.days())
        if not files:
            return []
        condition, parameters = asked.condition()
        with reading() as reader:
            return _ask(reader, sql.format(condition=condition), files, [*parameters, *more])


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ask(reader: LegReader, sql: str, files: list[str], parameters: list[Any]) -> list[tuple[Any, ...]]:
    return reader.rows(sql, Legs(files), parameters)
