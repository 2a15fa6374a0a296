"""Working time by a local clock: hours, weekends, holidays, and the days on which the clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.errors import InvalidInputError
from core.tickets.calendars import ALWAYS, Calendar, checked, office_hours

OFFICE = Calendar(name="Bogotá", time_zone="America/Bogota", country="CO", hours=office_hours(8 * 60, 18 * 60))
MADRID = Calendar(name="Madrid", time_zone="Europe/Madrid", country="ES", hours=office_hours(0, 24 * 60, range(7)))
NIGHT = Calendar(name="New York", time_zone="America/New_York", hours=office_hours(60, 5 * 60, range(7)))
HOUR = timedelta(hours=1)


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def bogota(text: str) -> datetime:
    return at(text, "America/Bogota")


def test_work_passes_only_in_hours_and_not_on_weekends_and_holidays() -> None:
    assert OFFICE.after(bogota("2026-11-20 17:00"), 2 * HOUR) == bogota("2026-11-23 09:00")
    assert OFFICE.between(bogota("2026-11-20 17:00"), bogota("2026-11-23 09:00")) == 2 * HOUR
    assert OFFICE.after(bogota("2026-11-20 19:30"), timedelta(0)) == bogota("2026-11-20 19:30")
    # 8 December is a holiday in Colombia.
    assert OFFICE.after(bogota("2026-12-07 17:30"), HOUR) == bogota("2026-12-09 08:30")
    assert not OFFICE.is_open(bogota("2026-12-08 10:00"))
    closed = Calendar(**{**vars(OFFICE), "closed_days": ("2026-12-09",)})
    assert closed.after(bogota("2026-12-07 17:30"), HOUR) == bogota("2026-12-10 08:30")


def test_a_deadline_may_be_the_very_end_of_the_hours() -> None:
    assert OFFICE.after(bogota("2026-11-20 17:00"), HOUR) == bogota("2026-11-20 18:00")
    assert OFFICE.between(bogota("2026-11-20 18:00"), bogota("2026-11-23 08:00")) == timedelta(0)


def test_around_the_clock_nothing_is_left_out() -> None:
    begin = bogota("2026-12-24 23:00")
    assert ALWAYS.after(begin, 30 * HOUR) == begin + 30 * HOUR
    assert ALWAYS.between(begin, begin + 30 * HOUR) == 30 * HOUR
    assert ALWAYS.between(begin, begin - HOUR) == timedelta(0)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_has_as_many_hours_as_its_clock_shows(day: str, hours: int) -> None:
    midnight = at(f"{day} 00:00", "Europe/Madrid")
    assert MADRID.between(midnight, midnight + timedelta(hours=hours)) == timedelta(hours=hours)
    assert MADRID.after(midnight, timedelta(hours=hours)) == midnight + timedelta(hours=hours)


def test_hours_over_a_change_of_the_clock_are_as_long_as_they_really_are() -> None:
    spring, autumn = at("2026-03-08 00:00", "America/New_York"), at("2026-11-01 00:00", "America/New_York")
    assert NIGHT.between(spring, spring + 12 * HOUR) == 3 * HOUR
    assert NIGHT.between(autumn, autumn + 12 * HOUR) == 5 * HOUR


def test_hours_that_begin_in_the_skipped_hour_begin_at_the_change() -> None:
    skipped = Calendar(time_zone="America/New_York", hours=office_hours(2 * 60 + 30, 6 * 60, range(7)))
    night = at("2026-03-08 00:00", "America/New_York")
    assert skipped.after(night, timedelta(microseconds=1)) == at("2026-03-08 03:00", "America/New_York") + timedelta(
        microseconds=1
    )
    assert skipped.between(night, night + 12 * HOUR) == 3 * HOUR
    midnights = Calendar(time_zone="America/Santiago", hours=office_hours(0, 60, range(7)))
    change = at("2026-09-06 01:00", "America/Santiago")
    assert midnights.between(change - 3 * HOUR, change + 3 * HOUR) == timedelta(0)


def test_a_calendar_that_never_opens_promises_nothing() -> None:
    assert Calendar().after(bogota("2026-11-20 17:00"), HOUR) is None
    assert Calendar().between(bogota("2026-11-20 17:00"), bogota("2027-11-20 17:00")) == timedelta(0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Bogotá"},
        {"hours": ((),) * 7},
        {"hours": (((600, 500),), *(((),) * 6))},
        {"hours": (((0, 600), (500, 700)), *(((),) * 6))},
        {"hours": (((0, 1441),), *(((),) * 6))},
        {"closed_days": ("tomorrow",)},
    ],
)
def test_what_cannot_be_reckoned_with_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        checked(Calendar(**{**vars(OFFICE), **wrong}))
    assert checked(OFFICE) == OFFICE == Calendar.from_json(OFFICE.to_json())


def _instants(first: datetime, days: int) -> some.SearchStrategy[datetime]:
    return some.integers(0, days * 86_400).map(lambda second: first + timedelta(seconds=second))


@settings(max_examples=60, deadline=None)
@given(
    calendar=some.sampled_from([OFFICE, MADRID, NIGHT]),
    begin=_instants(datetime(2026, 1, 1, tzinfo=UTC), 350),
    minutes=some.integers(0, 3000),
    more=some.integers(0, 3000),
)
def test_reckoning_forth_and_back_agrees(calendar: Calendar, begin: datetime, minutes: int, more: int) -> None:
    work, rest = timedelta(minutes=minutes), timedelta(minutes=more)
    end = calendar.after(begin, work)
    assert end is not None
    assert calendar.between(begin, end) == work
    later = calendar.after(end, rest)
    assert later is not None
    assert later == calendar.after(begin, work + rest) or work == timedelta(0)
    assert calendar.between(begin, later) == work + rest


@settings(max_examples=12, deadline=None)
@given(
    calendar=some.sampled_from([OFFICE, MADRID]),
    begin=_instants(datetime(2026, 3, 26, tzinfo=UTC), 4),
    hours=some.integers(1, 70),
)
def test_working_time_is_that_of_the_clock_on_the_wall(calendar: Calendar, begin: datetime, hours: int) -> None:
    begin = begin.replace(minute=begin.minute // 15 * 15, second=0, microsecond=0)
    quarters = [begin + timedelta(minutes=15 * number) for number in range(4 * hours)]
    zone = ZoneInfo(calendar.time_zone)

    def is_open(instant: datetime) -> bool:
        local = instant.astimezone(zone)
        minute = local.hour * 60 + local.minute
        spans = calendar.hours[local.weekday()]
        return calendar.is_working_day(local.date()) and any(first <= minute < last for first, last in spans)

    counted = sum(is_open(quarter) for quarter in quarters) * timedelta(minutes=15)
    assert calendar.between(begin, begin + timedelta(hours=hours)) == counted
