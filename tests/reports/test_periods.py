"""Periods are those of a zone's clock, clock changes included, and are told from the instant that is passed in."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInputError
from core.reports import due
from core.reports.order import ReportOrder
from core.reports.periods import NAMES, Period, resolved
from tests.conftest import NOON

NEW_YORK = "America/New_York"


def local(period: Period) -> list[str]:
    return [at.astimezone(period.clock).strftime("%Y-%m-%d %H:%M") for at in (period.since, period.until)]


@pytest.mark.parametrize(
    ("name", "begin", "end"),
    [
        ("today", "2026-11-20 00:00", "2026-11-21 00:00"),
        ("yesterday", "2026-11-19 00:00", "2026-11-20 00:00"),
        ("this_week", "2026-11-16 00:00", "2026-11-23 00:00"),
        ("last_week", "2026-11-09 00:00", "2026-11-16 00:00"),
        ("this_month", "2026-11-01 00:00", "2026-12-01 00:00"),
        ("last_month", "2026-10-01 00:00", "2026-11-01 00:00"),
        ("last_quarter", "2026-07-01 00:00", "2026-10-01 00:00"),
        ("24h", "2026-11-19 12:00", "2026-11-20 12:00"),
    ],
)
def test_names_mean_whole_stretches_of_the_zones_clock(name: str, begin: str, end: str) -> None:
    assert local(resolved(name, NOON, "America/Bogota")) == [begin, end]


def test_a_day_with_a_clock_change_has_its_hours() -> None:
    day = resolved("yesterday", datetime(2026, 11, 2, 12, tzinfo=UTC), NEW_YORK)
    assert day.until - day.since == timedelta(hours=25)
    assert len(day.parts()) == 25
    spring = resolved("yesterday", datetime(2026, 3, 9, 12, tzinfo=UTC), NEW_YORK)
    assert len(spring.parts()) == 23
    week = resolved("last_week", datetime(2026, 11, 4, 12, tzinfo=UTC), NEW_YORK)
    assert [part.until - part.since for part in week.parts()].count(timedelta(hours=25)) == 1


def test_the_period_before_is_as_long_by_the_calendar() -> None:
    month = resolved("last_month", NOON, NEW_YORK).previous()
    assert local(month) == ["2026-09-01 00:00", "2026-10-01 00:00"]
    day = resolved("yesterday", datetime(2026, 11, 2, 12, tzinfo=UTC), NEW_YORK).previous()
    assert local(day) == ["2026-10-31 00:00", "2026-11-01 00:00"]
    assert day.until - day.since == timedelta(hours=24)


@settings(max_examples=40, deadline=None)
@given(
    hours=st.integers(0, 15 * 365 * 24),
    name=st.sampled_from(NAMES),
    zone=st.sampled_from([NEW_YORK, "America/Bogota", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"]),
)
def test_parts_cover_a_period_without_gap_or_overlap(hours: int, name: str, zone: str) -> None:
    period = resolved(name, datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours), zone)
    for step in (None, "day", "week", "month"):
        parts = period.parts(step)
        assert (parts[0].since, parts[-1].until) == (period.since, period.until)
        assert all(one.until == other.since for one, other in pairwise(parts))
        assert all(part.since < part.until for part in parts)
    assert period.previous().until == period.since


def test_what_is_no_period_is_refused() -> None:
    for wrong in ((NOON, NOON), (NOON, NOON - timedelta(days=1)), (NOON, NOON + timedelta(days=1000))):
        with pytest.raises(InvalidInputError):
            Period(*wrong)
    with pytest.raises(InvalidInputError):
        resolved("last_decade", NOON, "UTC")
    with pytest.raises(InvalidInputError):
        resolved("today", NOON, "../../etc/passwd")


def test_an_order_is_what_its_address_says() -> None:
    order = ReportOrder("calls", "last_month", parameters=(("site", ("Bogotá",)), ("international", ("yes",))))
    assert ReportOrder.from_query(order.to_query()) == order
    days = ReportOrder.from_query({"report": ["alerts"], "since": ["2026-11-01"], "until": ["2026-11-01"]}, NEW_YORK)
    assert local(days.stretch(NOON, NEW_YORK)) == ["2026-11-01 00:00", "2026-11-02 00:00"]
    for wrong in (
        {"period": ["last_decade"]},
        {"since": ["2026-11-01"]},
        {"since": ["yesterday"], "until": ["2026-11-01"]},
        {"international": ["perhaps"]},
        {"site": ["x" * 300]},
        {"site": ["\x00"]},
    ):
        with pytest.raises(InvalidInputError):
            ReportOrder.from_query({"report": ["calls"], **wrong})


def test_cron_counts_weekdays_from_sunday_by_the_zones_clock() -> None:
    assert due.following("0 8 * * 1", "America/Bogota", NOON) == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert due.following("0 8 * * 0", "America/Bogota", NOON) == due.following("0 8 * * 7", "America/Bogota", NOON)
    assert due.following("0 8 * * 0-2,4", "UTC", NOON).strftime("%A") == "Sunday"
    assert due.following("0 8 * * mon-fri", "UTC", NOON).strftime("%A") == "Monday"


def test_a_clock_change_neither_skips_nor_doubles_a_due_time() -> None:
    at, seen = datetime(2026, 3, 7, 12, tzinfo=UTC), []
    for _ in range(3):
        at = due.following("30 2 * * *", NEW_YORK, at)
        seen.append(at.isoformat())
    assert seen == ["2026-03-08T07:30:00+00:00", "2026-03-09T06:30:00+00:00", "2026-03-10T06:30:00+00:00"]
    at, days = datetime(2026, 10, 31, 12, tzinfo=UTC), []
    for _ in range(2):
        at = due.following("30 1 * * *", NEW_YORK, at)
        days.append(at.astimezone(Period(NOON, NOON + timedelta(days=1), NEW_YORK).clock).date().day)
    assert days == [1, 2]


@pytest.mark.parametrize(
    "cron", ["", "* * * * *", "*/10 * * * *", "0 8 * *", "0 8 * * 8", "0 8 31 2 *", "0 8 * * 1#2#3", "a b c d e"]
)
def test_what_is_no_schedule_or_comes_too_often_is_refused(cron: str) -> None:
    with pytest.raises(InvalidInputError):
        due.checked(cron, "UTC", NOON)
