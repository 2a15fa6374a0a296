"""One run of one job: what its row tells."""

from collections.abc import Mapping
from typing import Any

import pytest

from core.calls.table import CallTable
from core.clock import SteppedClock
from core.errors import InvalidInputError, TransientError
from core.services import Services
from core.settings import Settings
from core.store import job_runs
from core.store.engine import Database
from core.store.leases import Lease, LeaseLostError
from core.store.models.operations import JobRun
from jobs.registry import Job, JobContext
from jobs.runner import Ended, run_job


@pytest.fixture
def services(settings: Settings, clock: SteppedClock, database: Database) -> Services:
    return Services(settings, clock, database, CallTable(settings.calls_path))


def stored(services: Services) -> JobRun:
    with services.database.read() as session:
        return job_runs.history(session, limit=1)[0]


def test_a_good_run_keeps_its_outcome(services: Services) -> None:
    ended = run_job(services, Job("j", lambda context: {"n": context.arguments["n"]}), "request", {"n": 7})
    assert (ended.state, ended.outcome) == ("done", {"n": 7})
    assert (stored(services).state, stored(services).outcome, stored(services).trigger) == ("done", {"n": 7}, "request")


@pytest.mark.parametrize(
    ("error", "described"),
    [
        (TransientError(), {"code": "transient", "facts": {}}),
        (InvalidInputError(field="f", problem="p"), {"code": "invalid_input", "facts": {"field": "f", "problem": "p"}}),
        (ZeroDivisionError("token=abc"), {"code": "unexpected", "facts": {"kind": "ZeroDivisionError"}}),
    ],
)
def test_a_failed_run_keeps_the_reason_and_raises_nothing(
    services: Services, error: Exception, described: dict[str, Any]
) -> None:
    def work(context: JobContext) -> Mapping[str, Any]:
        raise error

    assert run_job(services, Job("j", work), "schedule", {}).error is error
    assert (stored(services).state, stored(services).error) == ("failed", described)


def test_progress_is_written_at_most_once_a_second_and_at_the_end(services: Services, clock: SteppedClock) -> None:
    seen: list[int] = []

    def work(context: JobContext) -> None:
        for done in range(5):
            context.progress(done, 4, f"step {done}")
            seen.append(stored(services).done)
            clock.step(0.4)

    run_job(services, Job("j", work), "schedule", {})
    assert seen == [0, 0, 0, 3, 4]
    assert (stored(services).total, stored(services).doing) == (4, "step 4")


def test_a_job_over_its_time_is_asked_to_stop_and_has_failed(services: Services, clock: SteppedClock) -> None:
    def work(context: JobContext) -> dict[str, int]:
        steps = 0
        while not context.stopping():
            clock.step(1)
            steps += 1
        return {"steps": steps}

    ended = run_job(services, Job("slow", work, timeout_seconds=10), "schedule", {})
    assert (ended.state, ended.outcome) == ("failed", {"steps": 10})
    assert stored(services).error == {"code": "job_timed_out", "facts": {"job": "slow", "seconds": "10"}}


def test_a_job_that_heeded_a_stop_is_stopped_and_one_that_did_not_look_is_done(services: Services) -> None:
    def heeds(context: JobContext) -> dict[str, bool]:
        return {"stopping": context.stopping()}

    def run(work: Any) -> Ended:
        return run_job(services, Job("j", work), "schedule", {}, asked_to_stop=lambda: True)

    assert run(heeds).state == "stopped"
    assert run(lambda context: {}).state == "done"


def test_a_replaced_sidecar_starts_nothing_and_its_jobs_cannot_write(services: Services, clock: SteppedClock) -> None:
    lease = Lease(services.database, job_runs.SIDECAR, "one", clock)
    assert lease.try_acquire()
    epoch = lease.epoch

    def work(context: JobContext) -> None:
        with context.services.database.write() as session:
            context.fence(session)
        lease.release()
        successor = Lease(services.database, job_runs.SIDECAR, "two", clock)
        assert successor.try_acquire()
        try:
            with context.services.database.write() as session:
                context.fence(session)
        finally:
            successor.release()

    assert run_job(services, Job("j", work), "schedule", {}, epoch=epoch).state == "lost"
    with pytest.raises(LeaseLostError):
        run_job(services, Job("j", work), "schedule", {}, epoch=epoch)
