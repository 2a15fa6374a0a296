"""Working time: which hours of which days count, by a local clock and the public holidays of a country.

Everything is reckoned between instants (aware UTC). A local time that the clock skips means the moment of the change;
one that comes twice means its first coming where hours begin and its last where they end.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from core.detection.calendar import EPOCH, public_holidays
from core.errors import InvalidInputError

MINUTES_A_DAY = 24 * 60
WEEKDAYS = range(7)
MOST_CLOSED_DAYS = 400
LONGEST_SEARCH = timedelta(days=3 * 366)
"""A calendar that is not open once in this time promises nothing."""

_COUNTRY_CODE = 2
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class Calendar:
    """Working hours. ``hours`` holds for each weekday (0 = Monday) its spans of local minutes, in order.

    ``time_zone`` is an IANA name; public holidays of ``country`` (ISO 3166) and ``closed_days`` (ISO 8601) are free.
    ``is_always`` counts around the clock and ignores the rest. Frozen and hashable.
    """

    name: str = ""
    time_zone: str = "UTC"
    country: str = ""
    is_always: bool = False
    hours: tuple[tuple[tuple[int, int], ...], ...] = field(default=((),) * 7)
    closed_days: tuple[str, ...] = ()

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """The working time from ``begin`` to ``end``; nothing when ``end`` is not later."""
        if end <= begin:
            return _NOTHING
        if self.is_always:
            return end - begin
        total = _NOTHING
        for opens, closes in self._spans(begin, end):
            total += max(_NOTHING, min(closes, end) - max(opens, begin))
        return total

    def after(self, begin: datetime, work: timedelta) -> datetime | None:
        """The instant at which ``work`` (not negative) has passed since ``begin``; ``None`` when it never will."""
        if self.is_always or work == _NOTHING:
            return begin + work
        left = work
        for opens, closes in self._spans(begin, begin + LONGEST_SEARCH + 8 * work):
            starts = max(opens, begin)
            if closes - starts >= left:
                return starts + left
            left -= max(_NOTHING, closes - starts)
        return None

    def is_open(self, at: datetime) -> bool:
        """Whether that instant is working time."""
        return self.between(at, at + timedelta(microseconds=1)) > _NOTHING

    def _spans(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans of the local days from that of ``begin`` to that of ``end``, in order."""
        zone = zone_of(self.time_zone)
        day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
        while day <= last:
            yield from _open_spans(self, day)
            day += _DAY

    def is_working_day(self, day: date) -> bool:
        """Whether a local day has hours at all: no holiday, not closed, a weekday with hours."""
        if day.isoformat() in self.closed_days or not self.hours[day.weekday()]:
            return False
        return day.toordinal() - EPOCH not in public_holidays(self.country, day.year)

    def to_json(self) -> dict[str, Any]:
        """As a policy's snapshot keeps it."""
        return {
            "name": self.name,
            "time_zone": self.time_zone,
            "country": self.country,
            "is_always": self.is_always,
            "hours": {str(weekday): [list(span) for span in self.hours[weekday]] for weekday in WEEKDAYS},
            "closed_days": list(self.closed_days),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The calendar of a snapshot or of a row's columns."""
        hours = stored.get("hours") or {}
        return cls(
            name=str(stored.get("name", "")),
            time_zone=str(stored.get("time_zone") or "UTC"),
            country=str(stored.get("country") or ""),
            is_always=bool(stored.get("is_always")),
            hours=tuple(
                tuple((int(begin), int(end)) for begin, end in hours.get(str(weekday), ())) for weekday in WEEKDAYS
            ),
            closed_days=tuple(sorted(str(day) for day in stored.get("closed_days") or ())),
        )


ALWAYS = Calendar(name="24×7", is_always=True)


def office_hours(begin: int, end: int, weekdays: range = range(5)) -> tuple[tuple[tuple[int, int], ...], ...]:
    """The same span of local minutes on some weekdays, Monday to Friday unless told otherwise."""
    return tuple(((begin, end),) if weekday in weekdays else () for weekday in WEEKDAYS)


@cache
def known_countries() -> tuple[str, ...]:
    """The countries whose public holidays are known (ISO 3166)."""
    return tuple(sorted(code for code in holidays.list_supported_countries() if len(code) == _COUNTRY_CODE))


def checked(calendar: Calendar) -> Calendar:
    """The calendar, when it can be reckoned with. Raises ``InvalidInputError`` naming the field that cannot be used."""
    try:
        ZoneInfo(calendar.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError(field="time_zone", problem=calendar.time_zone[:60]) from error
    if calendar.is_always:
        return calendar
    if calendar.country and calendar.country not in known_countries():
        raise InvalidInputError(field="country", problem=calendar.country[:20])
    if len(calendar.hours) != len(WEEKDAYS) or not any(calendar.hours):
        raise InvalidInputError(field="hours", problem="–")
    for spans in calendar.hours:
        ends = [minute for span in spans for minute in span]
        if ends != sorted(set(ends)) or any(not 0 <= minute <= MINUTES_A_DAY for minute in ends):
            raise InvalidInputError(field="hours", problem=str(spans)[:60])
    if len(calendar.closed_days) > MOST_CLOSED_DAYS:
        raise InvalidInputError(field="closed_days", problem=f"<= {MOST_CLOSED_DAYS}")
    for day in calendar.closed_days:
        try:
            date.fromisoformat(day)
        except ValueError as error:
            raise InvalidInputError(field="closed_days", problem=day[:20]) from error
    return calendar


@cache
def zone_of(name: str) -> ZoneInfo:
    """The time zone of an IANA name, UTC for one this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@lru_cache(maxsize=4096)
def _open_spans(calendar: Calendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    if not calendar.is_working_day(day):
        return ()
    zone = zone_of(calendar.time_zone)
    found = []
    for begin, end in calendar.hours[day.weekday()]:
        opens, closes = _instant(day, begin, zone, fold=0), _instant(day, end, zone, fold=1)
        if opens < closes:
            found.append((opens, closes))
    return tuple(found)


def _instant(day: date, minute: int, zone: ZoneInfo, *, fold: int) -> datetime:
    """The instant of a local minute of a day; of two the first (``fold`` 0) or the last (1)."""
    midnight = datetime.combine(day, time(0))
    local = (midnight + timedelta(minutes=minute)).replace(tzinfo=zone, fold=fold)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _change_of_clock(local, zone)


def _change_of_clock(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clock skips a local time that does not exist."""
    before, after = local.replace(fold=1).astimezone(UTC), local.replace(fold=0).astimezone(UTC)
    seconds = range(int((after - before).total_seconds()) + 1)
    skipped = local.replace(tzinfo=None)

    def is_past(second: int) -> bool:
        return (before + timedelta(seconds=second)).astimezone(zone).replace(tzinfo=None) > skipped

    return before + timedelta(seconds=bisect_left(seconds, True, key=is_past))
