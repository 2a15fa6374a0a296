"""Shifts as spans of time: by the clock on the wall, past midnight, and over changes of the clock. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.errors import InvalidInputError
from core.operators.vocabulary import checked_zone

MINUTES_A_DAY = 24 * 60
LOOK_AHEAD = timedelta(days=8)
"""A weekly shift that begins again does so within this."""

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Shift:
    """A weekly shift: ``weekdays`` on which it begins (0 = Monday), from and to in local minutes of the day.

    ``ends`` that is not after ``begins`` is on the next day, so equal ones mean a whole day. It begins on days from
    ``valid_from`` to ``valid_until``, both included; ``None`` sets no limit. Where the clock is put back, a local time
    that comes twice means the first; one that is skipped means as long after the change as it was meant before.
    """

    weekdays: tuple[int, ...]
    begins: int
    ends: int
    time_zone: str
    valid_from: date | None = None
    valid_until: date | None = None

    def checked(self) -> "Shift":
        """The shift as it is kept. Raises ``InvalidInputError``."""
        days = tuple(sorted(set(self.weekdays)))
        if not days or not all(0 <= day <= 6 for day in days):
            raise InvalidInputError(field="weekdays", problem="0-6")
        for field, minute in (("begins", self.begins), ("ends", self.ends)):
            if not 0 <= minute < MINUTES_A_DAY:
                raise InvalidInputError(field=field, problem=f"0-{MINUTES_A_DAY - 1}")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise InvalidInputError(field="valid_until", problem=self.valid_until.isoformat())
        checked_zone(self.time_zone)
        return Shift(days, self.begins, self.ends, self.time_zone, self.valid_from, self.valid_until)

    def spans(self, since: datetime, until: datetime) -> list[Span]:
        """When it is worked between two aware instants, uncut, in order; UTC."""
        zone = ZoneInfo(self.time_zone)
        day = since.astimezone(zone).date() - _DAY
        last = until.astimezone(zone).date()
        found = []
        while day <= last:
            if self._begins_on(day):
                ends_on = day if self.ends > self.begins else day + _DAY
                span = (_instant(day, self.begins, zone), _instant(ends_on, self.ends, zone))
                if span[0] < until and since < span[1]:
                    found.append(span)
            day += _DAY
        return found

    def _begins_on(self, day: date) -> bool:
        if self.valid_from is not None and day < self.valid_from:
            return False
        return day.weekday() in self.weekdays and (self.valid_until is None or day <= self.valid_until)


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone).astimezone(UTC)


def worked(shifts: Sequence[Shift], since: datetime, until: datetime) -> list[Span]:
    """When any of the shifts is worked between two instants: uncut spans, joined where they touch, in order."""
    joined: list[Span] = []
    for begin, end in sorted(span for shift in shifts for span in shift.spans(since, until)):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def is_on(shifts: Sequence[Shift], at: datetime) -> bool:
    """Whether any of the shifts is worked at an instant."""
    return any(shift.spans(at, at + _INSTANT) for shift in shifts)


def covers(shifts: Sequence[Shift], since: datetime, until: datetime) -> bool:
    """Whether the shifts are worked throughout a span."""
    return any(begin <= since and until <= end for begin, end in worked(shifts, since, until))


def next_begin(shifts: Sequence[Shift], after: datetime) -> datetime | None:
    """When work begins next after an instant; ``None`` when it does not within ``LOOK_AHEAD``."""
    later = [begin for begin, _ in worked(shifts, after, after + LOOK_AHEAD) if begin > after]
    return min(later, default=None)
