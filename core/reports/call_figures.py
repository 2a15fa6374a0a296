"""Questions of reports to the table of calls: sums by part of a period, and by hour of the week."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from core.calls.conversations import TALK_SECONDS, conversation
from core.calls.engine import reading
from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.reports.periods import Part

_QUARTER = 900
"""Seconds: every offset from UTC now in use is a whole number of quarters of an hour."""


@dataclass(frozen=True)
class CallSums:
    """Legs that began in a stretch; ``conversations`` are those of them that stand for one."""

    legs: int = 0
    conversations: int = 0
    international: int = 0
    talk_seconds: int = 0

    def plus(self, other: "CallSums") -> "CallSums":
        """Both together."""
        return CallSums(
            self.legs + other.legs,
            self.conversations + other.conversations,
            self.international + other.international,
            self.talk_seconds + other.talk_seconds,
        )


def quarters(queries: CallQueries, wanted: CallFilter, seconds_limit: float) -> dict[datetime, CallSums]:
    """The sums of each quarter of an hour (aware UTC) with any leg."""
    spoken = conversation(one_side=wanted.shows_one_side)
    sql = (
        f"SELECT epoch_us(start_time) // {_QUARTER * 1_000_000} AS quarter, count(*), count(*) FILTER ({spoken}), "
        f"count(*) FILTER (international), coalesce(sum({TALK_SECONDS}) FILTER ({spoken}), 0)::BIGINT "
        "FROM legs GROUP BY quarter ORDER BY quarter"
    )
    with reading(seconds_limit) as reader:
        rows = reader.rows(sql, queries.legs(wanted))
    return {datetime.fromtimestamp(quarter * _QUARTER, UTC): CallSums(*sums) for quarter, *sums in rows}


def by_part(found: dict[datetime, CallSums], parts: Sequence[Part]) -> list[CallSums]:
    """The sums of each part; a quarter that a part's beginning cuts counts to that part."""
    begins = [part.since for part in parts]
    sums = [CallSums()] * len(parts)
    for at, one in found.items():
        index = max(0, bisect_right(begins, at) - 1)
        sums[index] = sums[index].plus(one)
    return sums


def by_hour_of_week(found: dict[datetime, CallSums], clock: tzinfo) -> dict[tuple[int, int], CallSums]:
    """The sums of each weekday (Monday is 0) and hour of a clock."""
    hours: dict[tuple[int, int], CallSums] = {}
    for at, one in found.items():
        local = at.astimezone(clock)
        key = (local.weekday(), local.hour)
        hours[key] = hours.get(key, CallSums()).plus(one)
    return hours
