"""Figures over the legs of a filter: totals, legs by time, and the values with most legs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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

_FIGURES = (
    "count(*), count_if(outcome = 'answered'), count_if(international), "
    "coalesce(sum(duration) FILTER (outcome = 'answered'), 0)::BIGINT"
)
_CALL = "coalesce(correlation_id, report_id)"


@dataclass(frozen=True)
class CallAggregate:
    """Totals of a filter. ``calls`` are distinct Correlation IDs, ``numbers`` distinct far numbers; both are
    estimates when ``approximate``. ``talk_seconds`` is the duration of the legs a person answered."""

    legs: int
    answered: int
    international: int
    talk_seconds: int
    calls: int
    numbers: int
    approximate: bool

    @property
    def answered_share(self) -> float | None:
        """Answered legs among all legs, 0 to 1; ``None`` without legs."""
        return self.answered / self.legs if self.legs else None

    @property
    def international_share(self) -> float | None:
        """International legs among all legs, 0 to 1; ``None`` without legs."""
        return self.international / self.legs if self.legs else None

    @property
    def talk_minutes(self) -> float:
        """Talk in minutes."""
        return self.talk_seconds / 60


@dataclass(frozen=True)
class Bar:
    """Legs that began in a stretch of time: ``since`` inclusive, ``until`` exclusive, aware UTC."""

    since: datetime
    until: datetime
    legs: int = 0
    answered: int = 0
    international: int = 0
    talk_seconds: int = 0


@dataclass(frozen=True)
class Histogram:
    """Legs by time in bars of equal ``width``, oldest first, empty bars included."""

    width: timedelta
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class TopRow:
    """One value of a group with its figures; ``value`` is what the filter takes, ``label`` what people read."""

    value: str
    label: str
    legs: int
    answered: int
    international: int
    talk_seconds: int


@dataclass(frozen=True)
class Choice:
    """A value a filter's widget offers, and how it reads."""

    value: str
    label: str


def aggregate(reader: LegReader, legs: Legs) -> CallAggregate:
    """The totals of ``legs``."""
    count, answered, international, seconds = reader.rows(f"SELECT {_FIGURES} FROM legs", legs)[0]
    approximate = count > EXACT_UP_TO
    calls, numbers = distinct(reader, legs, (_CALL, "far_number"), estimated=approximate)
    return CallAggregate(count, answered, international, seconds, calls, numbers, approximate)


def distinct_calls(reader: LegReader, legs: Legs) -> int:
    """Distinct Correlation IDs of ``legs``: exact up to ``EXACT_UP_TO`` legs, then an estimate."""
    count = reader.rows("SELECT count(*) FROM legs", legs)[0][0]
    return distinct(reader, legs, (_CALL,), estimated=count > EXACT_UP_TO)[0]


def distinct(reader: LegReader, legs: Legs, values: Sequence[str], *, estimated: bool) -> list[int]:
    """How many distinct values each SQL expression has over ``legs``, nulls aside.

    The estimate is linear counting (Whang, 1990): hashes mark bits, and the share of bits left unmarked tells how many
    there were. With 2^24 bits it is right to 0.1 % up to 50M values, where DuckDB's own estimate strays by 7 %.
    """
    if not estimated:
        counted = ", ".join(f"count(DISTINCT {value})" for value in values)
        return list(reader.rows(f"SELECT {counted} FROM legs", legs)[0])
    marked = ", ".join(
        f"bit_count(bitstring_agg((hash({value}) % {_BITS})::INTEGER, 0, {_BITS - 1}) FILTER ({value} IS NOT NULL))"
        for value in values
    )
    bits = reader.rows(f"SELECT {marked} FROM legs", legs)[0]
    return [round(-_BITS * math.log1p(-min(found or 0, _BITS - 1) / _BITS)) for found in bits]


def histogram(reader: LegReader, legs: Legs, since: datetime, until: datetime, buckets: int) -> Histogram:
    """``legs`` by time from ``since`` to ``until`` (aware).

    Bars begin at whole multiples of their width in UTC, so that they stay put while a relative period moves on.
    """
    width = bar_width(until - since, buckets)
    seconds = int(width.total_seconds())
    first = int(since.timestamp()) // seconds
    last = (int((until - timedelta(microseconds=1)).timestamp())) // seconds
    sql = f"SELECT epoch_us(start_time) // {seconds * 1_000_000} AS bar, {_FIGURES} FROM legs GROUP BY bar"
    found = {row[0]: row[1:] for row in reader.rows(sql, legs)}
    bars = (
        Bar(_instant(index * seconds), _instant((index + 1) * seconds), *found.get(index, ()))
        for index in range(first, last + 1)
    )
    return Histogram(width, tuple(bars))


def top(reader: LegReader, legs: Legs, by: str, limit: int) -> list[TopRow]:
    """The values of ``by`` with most legs; legs without a value are left out. Raises ``InvalidInputError``."""
    if by not in GROUPS:
        raise InvalidFilterError("by", "by", by=by[:60])
    value, label = GROUPS[by]
    sql = (
        f"SELECT {value} AS value, {label} AS label, {_FIGURES} FROM legs "
        f"WHERE {value} IS NOT NULL GROUP BY value ORDER BY count(*) DESC, value LIMIT ?"
    )
    return [TopRow(*row) for row in reader.rows(sql, legs, [limit])]


def bar_width(span: timedelta, buckets: int) -> timedelta:
    """The narrowest width of ``BAR_WIDTHS`` that covers ``span`` in at most ``buckets`` bars."""
    fits = (width for width in BAR_WIDTHS if span <= width * max(1, buckets - 1))
    return next(fits, BAR_WIDTHS[-1])


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
