"""Shifts: past midnight, over changes of the clock, within their days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInputError
from core.operators import hours
from core.operators.hours import Shift

MADRID, BOGOTA = "Europe/Madrid", "America/Bogota"


def local(zone: str, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold)  # type: ignore[misc,arg-type]


def test_a_shift_past_midnight_belongs_to_the_day_it_begins_on() -> None:
    night = [Shift((4,), 22 * 60, 6 * 60, BOGOTA)]
    assert hours.is_on(night, local(BOGOTA, 2026, 11, 20, 22, 0))
    assert hours.is_on(night, local(BOGOTA, 2026, 11, 21, 5, 59))
    assert not hours.is_on(night, local(BOGOTA, 2026, 11, 21, 6, 0))
    assert not hours.is_on(night, local(BOGOTA, 2026, 11, 20, 5, 0))
    assert hours.next_begin(night, local(BOGOTA, 2026, 11, 21, 7, 0)) == local(BOGOTA, 2026, 11, 27, 22, 0)


def test_equal_times_are_a_whole_day() -> None:
    day = [Shift((0,), 0, 0, BOGOTA)]
    assert hours.worked(day, local(BOGOTA, 2026, 11, 23), local(BOGOTA, 2026, 11, 24)) == [
        (local(BOGOTA, 2026, 11, 23).astimezone(UTC), local(BOGOTA, 2026, 11, 24).astimezone(UTC))
    ]


@pytest.mark.parametrize(("day", "long"), [((2026, 3, 29), 7), ((2026, 10, 25), 9), ((2026, 6, 7), 8)])
def test_a_night_over_a_change_of_the_clock_is_shorter_or_longer(day: tuple[int, int, int], long: int) -> None:
    """Madrid goes from 2 to 3 on the last Sunday of March and back from 3 to 2 on that of October."""
    night = Shift(tuple(range(7)), 22 * 60, 6 * 60, MADRID)
    morning = local(MADRID, *day, 6, 0)
    begin, end = night.spans(morning - timedelta(hours=3), morning - timedelta(hours=2))[0]
    assert end == morning
    assert end - begin == timedelta(hours=long)


def test_days_limit_when_a_shift_begins() -> None:
    shift = [Shift(tuple(range(7)), 22 * 60, 6 * 60, BOGOTA, date(2026, 11, 20), date(2026, 11, 21))]
    assert not hours.is_on(shift, local(BOGOTA, 2026, 11, 20, 3, 0))
    assert hours.is_on(shift, local(BOGOTA, 2026, 11, 22, 3, 0))
    assert not hours.is_on(shift, local(BOGOTA, 2026, 11, 22, 23, 0))


def test_two_shifts_that_touch_cover_what_neither_does() -> None:
    both = [Shift((0,), 8 * 60, 12 * 60, BOGOTA), Shift((0,), 12 * 60, 18 * 60, BOGOTA)]
    since, until = local(BOGOTA, 2026, 11, 23, 11, 0), local(BOGOTA, 2026, 11, 23, 13, 0)
    assert hours.covers(both, since, until)
    assert not hours.covers(both[:1], since, until)
    assert not hours.covers(both, since, local(BOGOTA, 2026, 11, 23, 18, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        Shift((), 0, 60, "UTC"),
        Shift((7,), 0, 60, "UTC"),
        Shift((0,), -1, 60, "UTC"),
        Shift((0,), 0, 1440, "UTC"),
        Shift((0,), 0, 60, "Mars/Base"),
        Shift((0,), 0, 60, "UTC", date(2026, 2, 1), date(2026, 1, 1)),
    ],
)
def test_what_is_no_shift_is_refused(wrong: Shift) -> None:
    with pytest.raises(InvalidInputError):
        wrong.checked()


@settings(max_examples=60, deadline=None)
@given(
    days=st.sets(st.integers(0, 6), min_size=1),
    begins=st.integers(0, 1439),
    ends=st.integers(0, 1439),
    hour=st.integers(0, 24 * 365),
)
def test_an_instant_without_a_change_of_clock_is_on_as_the_wall_says(
    days: set[int], begins: int, ends: int, hour: int
) -> None:
    shift = Shift(tuple(sorted(days)), begins, ends, BOGOTA)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour, minutes=13)
    wall = at.astimezone(ZoneInfo(BOGOTA))
    minute, today = wall.hour * 60 + wall.minute, wall.weekday()
    if begins < ends:
        expected = today in days and begins <= minute < ends
    else:
        expected = (today in days and minute >= begins) or ((today - 1) % 7 in days and minute < ends)
    assert hours.is_on([shift], at) is expected
