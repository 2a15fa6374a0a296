"""Figures over the legs of a filter: totals of calls, legs by time, and the values with most legs.

What ``conversation`` means as a parameter: the SQL condition of ``core.calls.conversations`` to count by.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from core.calls.call_counts import EXACT_UP_TO, CallAggregate, calls_and_numbers
from core.calls.conversations import CONVERSATION, OWN_CONVERSATION, PEOPLE, TALK_SECONDS
from core.calls.engine import LegReader, Legs
from core.calls.filter_terms import InvalidFilterError

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


def aggregate(reader: LegReader, legs: Legs, conversation: str = CONVERSATION) -> CallAggregate:
    """The totals of ``legs``."""
    count, seconds = reader.rows(f"SELECT count(*), {_talk(conversation)} FROM legs", legs)[0]
    approximate = count > EXACT_UP_TO
    calls, numbers = calls_and_numbers(reader, legs, conversation, estimated=approximate)
    return CallAggregate(
        legs=count,
        calls=calls.calls,
        answered=calls.answered,
        international=calls.international,
        talk_seconds=seconds,
        numbers=numbers,
        approximate=approximate,
    )


def _talk(conversation: str) -> str:
    return f"coalesce(sum({TALK_SECONDS}) FILTER ({conversation}), 0)::BIGINT"


def _figures(conversation: str) -> str:
    return f"count(*), count(*) FILTER ({conversation}), count(*) FILTER (international), {_talk(conversation)}"


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
