"""When a test is due: every so many minutes between two hours of chosen days, by the clock of its time zone.

The hours are read by the wall clock of each day, the minutes between two slots by time itself: a changed clock makes
the day's stretch longer or shorter, and no slot comes twice.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.number_tests.definition import NumberTest

GRACE = timedelta(minutes=3)
"""A slot that could not be dialled by then is left out."""
_DAYS_AHEAD = 15
"""Two weeks: on the one weekday of a test a changed clock may leave out its hours."""


def due(test: NumberTest, since: datetime, now: datetime) -> datetime | None:
    """The slot to dial at ``now``: the latest one after ``since``, unless it is too long ago. Aware UTC."""
    slot = _latest(test, now)
    return slot if slot is not None and slot > since and now - slot <= GRACE else None


def following(test: NumberTest, after: datetime) -> datetime:
    """The first slot after an instant, aware UTC."""
    today = after.astimezone(ZoneInfo(test.time_zone)).date()
    for ahead in range(_DAYS_AHEAD + 1):
        first, end = _stretch(test, today + timedelta(days=ahead))
        passed = max((after - first) // _step(test) + 1, 0)
        slot = first + passed * _step(test)
        if slot < end and _is_chosen(test, today + timedelta(days=ahead)):
            return slot
    raise ValueError("a test has at least one day")


def _latest(test: NumberTest, now: datetime) -> datetime | None:
    """The last slot of today up to now; hours never pass midnight."""
    today = now.astimezone(ZoneInfo(test.time_zone)).date()
    first, end = _stretch(test, today)
    if not _is_chosen(test, today) or now < first:
        return None
    slot = first + (now - first) // _step(test) * _step(test)
    return slot if slot < end else None


def _stretch(test: NumberTest, day: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(test.time_zone)
    ends = (day, test.last_hour) if test.last_hour < 24 else (day + timedelta(days=1), 0)
    first = datetime.combine(day, time(test.first_hour), zone).astimezone(UTC)
    return first, datetime.combine(ends[0], time(ends[1]), zone).astimezone(UTC)


def _is_chosen(test: NumberTest, day: date) -> bool:
    return day.weekday() in test.weekdays


def _step(test: NumberTest) -> timedelta:
    return timedelta(minutes=test.every_minutes)
