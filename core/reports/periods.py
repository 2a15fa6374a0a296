"""The stretch of time a report tells of, and its parts: whole hours, days, weeks or months of a time zone's clock.

A named period is meant at an instant that is passed in, so that a report made late tells what it should have told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import InvalidInputError

NAMES = (
    "today", "yesterday", "24h", "7d", "30d", "this_week", "last_week", "this_month", "last_month", "last_quarter",
)  # fmt: skip
"""Periods by name. Those that begin with ``last`` or are ``yesterday`` are over; weeks begin on Monday."""

LONGEST = timedelta(days=731)
LONGEST_IN_HOURS = timedelta(hours=49)
"""Up to two days, the one with a clock change included, are told by hour."""
LONGEST_IN_DAYS = timedelta(days=93)
LONGEST_IN_WEEKS = timedelta(days=367)

Step = Literal["hour", "day", "week", "month"]
_ROLLING = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
_EARLIEST, _LATEST = 1990, 2200


@dataclass(frozen=True)
class Part:
    """A part of a period, ``since`` to ``until`` (exclusive), aware UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Period:
    """From ``since`` to ``until`` (exclusive), aware UTC; ``zone`` is the clock whose days and hours it is told in.

    Raises ``InvalidInputError`` for an end before the beginning, a length beyond ``LONGEST`` or an unknown zone.
    """

    since: datetime
    until: datetime
    zone: str = "UTC"

    def __post_init__(self) -> None:
        zone_of(self.zone)
        for field, at in (("since", self.since), ("until", self.until)):
            if not _EARLIEST <= at.year <= _LATEST:
                raise InvalidInputError(field=field, problem=at.isoformat()[:40])
        if not timedelta() < self.until - self.since <= LONGEST:
            raise InvalidInputError(field="until", problem=f"{self.until.isoformat()[:40]} (≤ {LONGEST.days} d)")

    @property
    def clock(self) -> ZoneInfo:
        """The time zone."""
        return zone_of(self.zone)

    @property
    def step(self) -> Step:
        """How fine a picture of the period is."""
        length = self.until - self.since
        if length <= LONGEST_IN_HOURS:
            return "hour"
        if length <= LONGEST_IN_DAYS:
            return "day"
        return "week" if length <= LONGEST_IN_WEEKS else "month"

    def parts(self, step: Step | None = None) -> list[Part]:
        """The whole of it in steps of the zone's clock, oldest first; the first and last may be cut off."""
        marks = [self.since]
        for mark in _marks(self, step or self.step):
            if self.since < mark < self.until:
                marks.append(mark)
        return [Part(begin, end) for begin, end in zip(marks, [*marks[1:], self.until], strict=True)]

    def previous(self) -> "Period":
        """The one before: as many months before whole months, days before whole days, else the same span."""
        begin, end = self.since.astimezone(self.clock), self.until.astimezone(self.clock)
        months = (end.year - begin.year) * 12 + end.month - begin.month
        if _is_midnight(begin) and _is_midnight(end) and begin.day == end.day == 1 and months:
            return Period(_midnight(_months_before(begin.date(), months), self.clock), self.since, self.zone)
        if _is_midnight(begin) and _is_midnight(end):
            days = end.date() - begin.date()
            return Period(_midnight(begin.date() - days, self.clock), self.since, self.zone)
        return Period(self.since - (self.until - self.since), self.since, self.zone)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises ``InvalidInputError``."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError(field="time_zone", problem=name[:60]) from error


def resolved(name: str, at: datetime, zone: str) -> Period:
    """The period of a name at an aware instant, by the clock of ``zone``. Raises ``InvalidInputError``."""
    clock = zone_of(zone)
    if name in _ROLLING:
        return Period((at - _ROLLING[name]).astimezone(UTC), at.astimezone(UTC), zone)
    today = at.astimezone(clock).date()
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    quarter = _months_before(first, (first.month - 1) % 3)
    stretches: dict[str, tuple[date, date]] = {
        "today": (today, today + timedelta(days=1)),
        "yesterday": (today - timedelta(days=1), today),
        "this_week": (monday, monday + timedelta(days=7)),
        "last_week": (monday - timedelta(days=7), monday),
        "this_month": (first, _months_before(first, -1)),
        "last_month": (_months_before(first, 1), first),
        "last_quarter": (_months_before(quarter, 3), quarter),
    }
    if name not in stretches:
        raise InvalidInputError(field="period", problem=name[:40])
    begin, end = stretches[name]
    return Period(_midnight(begin, clock), _midnight(end, clock), zone)


def _marks(period: Period, step: Step) -> Iterator[datetime]:
    """Where parts begin, from before the period to its end or beyond."""
    if step == "hour":
        mark = period.since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while mark < period.until:
            yield mark
            mark += timedelta(hours=1)
        return
    day = period.since.astimezone(period.clock).date()
    if step == "week":
        day -= timedelta(days=day.weekday())
    elif step == "month":
        day = day.replace(day=1)
    while (mark := _midnight(day, period.clock)) < period.until:
        yield mark
        day = _months_before(day, -1) if step == "month" else day + timedelta(days=7 if step == "week" else 1)


def _midnight(day: date, clock: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock).astimezone(UTC)


def _is_midnight(local: datetime) -> bool:
    return (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)


def _months_before(day: date, months: int) -> date:
    """The first of the month so many months before (negative: after) that of ``day``."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
