"""When jobs are due, and what a start after an absence does."""

from datetime import UTC, datetime, timedelta

import pytest

from core.settings import Settings
from jobs.clock import JobClock, first_run
from jobs.registry import Job, JobContext, job
from tests.conftest import NOON
from tests.waiting import until

HOUR = timedelta(hours=1)


def nothing(context: JobContext) -> None:
    """A job that does nothing."""


EVERY_HOUR = Job("hourly", nothing, every_seconds=3600)
NIGHTLY = Job("nightly", nothing, cron="30 3 * * *")


@pytest.mark.parametrize(
    ("last_success", "first"),
    [
        (None, NOON),
        (NOON - timedelta(minutes=20), NOON + timedelta(minutes=40)),
        (NOON - 5 * HOUR, NOON),
        (NOON + 5 * HOUR, NOON),
    ],
)
def test_an_interval_job_runs_at_once_when_it_was_missed_and_else_when_due(
    settings: Settings, last_success: datetime | None, first: datetime
) -> None:
    assert first_run(EVERY_HOUR, settings, last_success, NOON, NOON) == first


def test_an_interval_job_that_does_not_catch_up_waits_its_time(settings: Settings) -> None:
    patient = Job("patient", nothing, every_seconds=3600, catch_up=False)
    assert first_run(patient, settings, None, NOON, NOON) == NOON + HOUR


@pytest.mark.parametrize(
    ("last_success", "since", "first"),
    [
        (datetime(2026, 11, 20, 3, 30, tzinfo=UTC), NOON, datetime(2026, 11, 21, 3, 30, tzinfo=UTC)),
        (datetime(2026, 11, 18, 3, 30, tzinfo=UTC), NOON, NOON),
        (None, NOON, datetime(2026, 11, 21, 3, 30, tzinfo=UTC)),
        (None, NOON - 24 * HOUR, NOON),
    ],
)
def test_a_nightly_job_is_caught_up_only_when_a_night_was_missed(
    settings: Settings, last_success: datetime | None, since: datetime, first: datetime
) -> None:
    assert first_run(NIGHTLY, settings, last_success, since, NOON) == first


def test_the_clock_calls_what_is_due_and_tells_the_next_time(settings: Settings) -> None:
    called: list[str] = []
    often = Job("often", nothing, every_seconds=0.1)
    clock = JobClock(settings, lambda due: called.append(due.name))
    now = datetime.now(UTC)
    clock.start([often, NIGHTLY, Job("on request", nothing)], {"often": now, "nightly": now + HOUR})
    try:
        until(lambda: len(called) >= 3)
        following = clock.next_runs()
    finally:
        clock.stop()
    assert set(called) == {"often"}
    assert set(following) == {"often", "nightly"}
    assert following["nightly"].utcoffset() == timedelta(0)
    assert clock.next_runs() == {}


def test_an_interval_may_come_from_the_settings(settings: Settings) -> None:
    @job("from settings", every_seconds=lambda chosen: float(chosen.ingest_interval_seconds))
    def work(context: JobContext) -> dict[str, int]:
        return {"seen": 1}

    assert work.interval(settings) == settings.ingest_interval_seconds
    assert work.name == "from settings"


def test_two_schedules_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two schedules"):
        Job("both", nothing, every_seconds=1, cron="* * * * *")
