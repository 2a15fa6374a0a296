"""Figures over the legs of a filter: totals of calls, legs by time, and the values with most legs.

What ``conversation`` means as a parameter: the SQL condition of ``core.calls.conversations`` to count by.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from core.calls.conversations import CALL, CONVERSATION, OWN_CONVERSATION, PEOPLE, TALK_SECONDS
from core.calls.engine import LegReader, Legs
from core.calls.filter_terms import InvalidFilterError

EXACT_UP_TO = 300_000
"""Legs up to which calls and numbers are counted exactly; beyond, estimated."""
_BITS = 1 << 24

BAR_WIDTHS = tuple(
    timedelta(seconds=seconds)
    for seconds in (60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400, 28 * 86400)
)

GROUPS: dict[str, tuple[str, str]] = {
    "users": ('coalesce(user_uuid, "user")', 'coalesce(any_value("user"), value)'),
    "numbers": ("far_number", "far_number"),
    "countries": ("far_country", "far_country"),
    "sites": ("location", "location"),
    "outcomes": ("outcome", "outcome"),
    "call_types": ("call_type", "call_type"),
    "directions": ("direction", "direction"),
    "user_types": ("user_type", "user_type"),
    "client_types": ("client_type", "client_type"),
    "outcome_reasons": ("call_outcome_reason", "call_outcome_reason"),
    "trunks": ("coalesce(outbound_trunk, inbound_trunk)", "coalesce(outbound_trunk, inbound_trunk)"),
}
"""What legs can be grouped by: the SQL of the value, which the filter field of that name takes, and of its label."""

_ANY_LEG = "true"
_ABROAD = "coalesce(international, false)"


@dataclass(frozen=True)
class CallCounts:
    """Distinct calls (Correlation IDs) among some legs: all, ``answered`` by a person (with a conversation leg), and
    ``international`` (with an international leg)."""

    calls: int = 0
    answered: int = 0
    international: int = 0


@dataclass(frozen=True)
class CallAggregate:
    """Totals of a filter, over the legs it shows.

    ``calls`` are distinct Correlation IDs; ``answered`` those in which people spoke, ``international`` those with an
    international leg; ``numbers`` distinct far numbers. These four are estimates when ``approximate``.
    ``talk_seconds`` is the length of the conversations (``core.calls.conversations``), each counted once.
    """

    legs: int
    calls: int
    answered: int
    international: int
    talk_seconds: int
    numbers: int
    approximate: bool

    @property
    def answered_share(self) -> float | None:
        """Answered calls among all calls, 0 to 1; ``None`` without calls."""
        return share(self.answered, self.calls)

    @property
    def international_share(self) -> float | None:
        """International calls among all calls, 0 to 1; ``None`` without calls."""
        return share(self.international, self.calls)

    @property
    def talk_minutes(self) -> float:
        """Talk in minutes."""
        return self.talk_seconds / 60


@dataclass(frozen=True)
class Bar:
    """Legs that began in a stretch of time: ``since`` inclusive, ``until`` exclusive, aware UTC.

    ``conversations`` are those of them that stand for one, ``international`` the international ones.
    """

    since: datetime
    until: datetime
    legs: int = 0
    conversations: int = 0
    international: int = 0
    talk_seconds: int = 0


@dataclass(frozen=True)
class Histogram:
    """Legs by time in bars of equal ``width``, oldest first, empty bars included."""

    width: timedelta
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class TopRow:
    """One value of a group with the figures of its legs; ``value`` is what the filter takes, ``label`` what people
    read. Of users, ``conversations`` and ``talk_seconds`` are their own: what they made and took."""

    value: str
    label: str
    legs: int
    conversations: int
    international: int
    talk_seconds: int


@dataclass(frozen=True)
class Choice:
    """A value a filter's widget offers, and how it reads."""

    value: str
    label: str


def share(part: int, whole: int) -> float | None:
    """A part of a whole, 0 to 1, also where estimates of both disagree; ``None`` of nothing."""
    return min(1.0, part / whole) if whole else None


def aggregate(reader: LegReader, legs: Legs, conversation: str = CONVERSATION) -> CallAggregate:
    """The totals of ``legs``."""
    count, seconds = reader.rows(f"SELECT count(*), {_talk(conversation)} FROM legs", legs)[0]
    approximate = count > EXACT_UP_TO
    asked = ((CALL, _ANY_LEG), (CALL, conversation), (CALL, _ABROAD), ("far_number", _ANY_LEG))
    calls, answered, international, numbers = distinct(reader, legs, asked, estimated=approximate)
    return CallAggregate(count, calls, answered, international, seconds, numbers, approximate)


def call_counts(reader: LegReader, legs: Legs) -> CallCounts:
    """Distinct calls of ``legs``: exact up to ``EXACT_UP_TO`` legs, then an estimate."""
    count = reader.rows("SELECT count(*) FROM legs", legs)[0][0]
    asked = ((CALL, _ANY_LEG), (CALL, CONVERSATION), (CALL, _ABROAD))
    return CallCounts(*distinct(reader, legs, asked, estimated=count > EXACT_UP_TO))


def _talk(conversation: str) -> str:
    return f"coalesce(sum({TALK_SECONDS}) FILTER ({conversation}), 0)::BIGINT"


def _figures(conversation: str) -> str:
    return f"count(*), count(*) FILTER ({conversation}), count(*) FILTER (international), {_talk(conversation)}"


def distinct(reader: LegReader, legs: Legs, asked: Sequence[tuple[str, str]], *, estimated: bool) -> list[int]:
    """How many distinct values each SQL expression has over those ``legs`` that meet its condition, nulls aside.

    The estimate is linear counting (Whang, 1990): hashes mark bits, and the share of bits left unmarked tells how many
    there were. With 2^24 bits it is right to 0.1 % up to 50M values, where DuckDB's own estimate strays by 7 %.
    """
    if not estimated:
        counted = ", ".join(f"count(DISTINCT {value}) FILTER ({condition})" for value, condition in asked)
        return list(reader.rows(f"SELECT {counted} FROM legs", legs)[0])
    marked = ", ".join(
        f"bit_count(bitstring_agg((hash({value}) % {_BITS})::INTEGER, 0, {_BITS - 1}) "
        f"FILTER ({condition} AND {value} IS NOT NULL))"
        for value, condition in asked
    )
    bits = reader.rows(f"SELECT {marked} FROM legs", legs)[0]
    return [round(-_BITS * math.log1p(-min(found or 0, _BITS - 1) / _BITS)) for found in bits]


def histogram(
    reader: LegReader,
    legs: Legs,
    period: tuple[datetime, datetime],
    buckets: int,
    conversation: str = CONVERSATION,
) -> Histogram:
    """``legs`` by time over ``period`` (from and to, aware).

    Bars begin at whole multiples of their width in UTC, so that they stay put while a relative period moves on.
    """
    since, until = period
    width = bar_width(until - since, buckets)
    seconds = int(width.total_seconds())
    first = int(since.timestamp()) // seconds
    last = (int((until - timedelta(microseconds=1)).timestamp())) // seconds
    sql = (
        f"SELECT epoch_us(start_time) // {seconds * 1_000_000} AS bar, {_figures(conversation)} FROM legs GROUP BY bar"
    )
    found = {row[0]: row[1:] for row in reader.rows(sql, legs)}
    bars = (
        Bar(_instant(index * seconds), _instant((index + 1) * seconds), *found.get(index, ()))
        for index in range(first, last + 1)
    )
    return Histogram(width, tuple(bars))


def top(reader: LegReader, legs: Legs, by: str, limit: int, conversation: str = CONVERSATION) -> list[TopRow]:
    """The values of ``by`` with most legs; legs without a value are left out. Raises ``InvalidInputError``."""
    if by not in GROUPS:
        raise InvalidFilterError("by", "by", by=by[:60])
    value, label = GROUPS[by]
    figures = _figures(OWN_CONVERSATION if by == "users" else conversation)
    sql = (
        f"SELECT {value} AS value, {label} AS label, {figures} FROM legs "
        f"WHERE {value} IS NOT NULL GROUP BY value ORDER BY count(*) DESC, value LIMIT ?"
    )
    return [TopRow(*row) for row in reader.rows(sql, legs, [limit])]


def talkers(reader: LegReader, legs: Legs, limit: int) -> list[TopRow]:
    """The people, workspaces and virtual lines who made and took most calls, each with those alone."""
    marks = ", ".join("?" * len(PEOPLE))
    condition = f"({legs.condition}) AND {OWN_CONVERSATION} AND user_type IN ({marks})"
    spoken = replace(legs, condition=condition, parameters=[*legs.parameters, *PEOPLE])
    return top(reader, spoken, "users", limit)


def bar_width(span: timedelta, buckets: int) -> timedelta:
    """The narrowest width of ``BAR_WIDTHS`` that covers ``span`` in at most ``buckets`` bars."""
    fits = (width for width in BAR_WIDTHS if span <= width * max(1, buckets - 1))
    return next(fits, BAR_WIDTHS[-1])


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
