"""The hours of a routing rule: by the clock and the public holidays of the site, through changes of the clock too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.detection.calendar import EPOCH, public_holidays
from core.errors import InvalidInputError

Mode = Literal["any", "within", "outside"]
Otherwise = Literal["skip", "hold"]
MODES: tuple[Mode, ...] = get_args(Mode)
OTHERWISE: tuple[Otherwise, ...] = get_args(Otherwise)
MINUTES_A_DAY = 24 * 60
WORKING_DAYS = (0, 1, 2, 3, 4)
_DAYS_AHEAD = 15
"""Longer than any run of public holidays and weekends."""


@dataclass(frozen=True)
class Place:
    """Where an announcement belongs: a site, or the organisation where ``uuid`` is empty. ``zone`` is an IANA name."""

    uuid: str = ""
    name: str = ""
    zone: str = "UTC"
    country: str = ""


@dataclass(frozen=True)
class Hours:
    """When a rule acts. ``start`` and ``end`` are local minutes of the day (end before start: over midnight, equal:
    the whole day), ``days`` 0 = Monday.

    With ``closed_on_holidays`` a public holiday of the site's country counts as closed. ``zone`` overrides the
    site's own. ``otherwise`` says what becomes of an announcement at another hour: left to other rules, or held until
    the hours begin.
    """

    mode: Mode = "any"
    start: int = 7 * 60
    end: int = 20 * 60
    days: tuple[int, ...] = WORKING_DAYS
    closed_on_holidays: bool = True
    zone: str = ""
    otherwise: Otherwise = "skip"

    def due(self, at: datetime, place: Place) -> datetime | None:
        """The instant (UTC) from which an announcement of ``at`` may leave; ``None`` when this rule leaves it."""
        if self.acts(at, place):
            return at
        if self.otherwise == "skip":
            return None
        return next((moment for moment in self._changes(at, place) if self.acts(moment, place)), None)

    def acts(self, at: datetime, place: Place) -> bool:
        """Whether the rule acts at that instant."""
        if self.mode == "any":
            return True
        is_open = self._is_open(at.astimezone(zone_of(self.zone or place.zone)), place.country)
        return is_open is (self.mode == "within")

    def _is_open(self, local: datetime, country: str) -> bool:
        minute, today = local.hour * 60 + local.minute, local.date()
        if self.start == self.end:
            return self._is_open_day(today, country)
        if self.start < self.end:
            return self.start <= minute < self.end and self._is_open_day(today, country)
        if minute >= self.start:
            return self._is_open_day(today, country)
        return minute < self.end and self._is_open_day(today - timedelta(days=1), country)

    def _is_open_day(self, day: date, country: str) -> bool:
        if day.weekday() not in self.days:
            return False
        is_holiday = day.toordinal() - EPOCH in public_holidays(country, day.year)
        return not (self.closed_on_holidays and is_holiday)

    def _changes(self, at: datetime, place: Place) -> Iterator[datetime]:
        """The instants after ``at`` at which open and closed may change, in order."""
        zone = zone_of(self.zone or place.zone)
        first = at.astimezone(zone).date()
        minutes = sorted({0, self.start % MINUTES_A_DAY, self.end % MINUTES_A_DAY})
        for ahead in range(_DAYS_AHEAD):
            for minute in minutes:
                moment = local_instant(first + timedelta(days=ahead), minute, zone)
                if moment > at:
                    yield moment

    def to_json(self) -> dict[str, Any]:
        """As kept in a rule's row."""
        return {name: list(value) if name == "days" else value for name, value in vars(self).items()}


def hours_from(stored: Mapping[str, Any]) -> Hours:
    """The hours of a stored rule. Raises ``InvalidInputError`` for what could never act."""
    hours = Hours(**{**stored, "days": tuple(stored.get("days", WORKING_DAYS))})
    if hours.mode not in MODES or hours.otherwise not in OTHERWISE:
        raise InvalidInputError(field="hours", problem=f"{hours.mode}, {hours.otherwise}"[:60])
    if not all(0 <= minute < MINUTES_A_DAY for minute in (hours.start, hours.end)):
        raise InvalidInputError(field="hours", problem="00:00-23:59")
    if hours.mode != "any" and (not hours.days or not set(hours.days) <= set(range(7))):
        raise InvalidInputError(field="days", problem="0-6")
    if hours.zone:
        checked_zone(hours.zone)
    return hours


def zone_of(name: str) -> ZoneInfo:
    """The time zone of an IANA name, UTC for one this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def checked_zone(name: str) -> str:
    """The name, when it is one of an IANA zone. Raises ``InvalidInputError``."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError(field="zone", problem=name[:60]) from error
    return name


def local_instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a local minute of a day; one that the clock skips becomes the moment after the gap."""
    local = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    return local.astimezone(UTC)


def next_full_hour(at: datetime) -> datetime:
    """The beginning of the hour after ``at``."""
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def next_daily(at: datetime, minute: int, zone: ZoneInfo) -> datetime:
    """The next instant after ``at`` at which it is that local minute of the day."""
    today = at.astimezone(zone).date()
    moments = (local_instant(today + timedelta(days=ahead), minute, zone) for ahead in range(3))
    return next(moment for moment in moments if moment > at)
