"""The history of jobs."""

from datetime import timedelta

import pytest

from core.clock import SteppedClock
from core.errors import NotFoundError
from core.store import job_runs
from core.store.engine import Database
from core.store.leases import Lease, LeaseLostError
from core.store.models.operations import ScheduledJob
from tests.conftest import NOON


def test_a_run_from_start_to_end(database: Database) -> None:
    run_id = job_runs.start(database, "ingest", "schedule", 0, NOON)
    job_runs.progress(database, run_id, 3, 10, "window 3 of 10 " + "x" * 300)
    with database.read() as session:
        (run,) = job_runs.running(session)
        assert (run.done, run.total, len(run.doing)) == (3, 10, 200)
    ended = NOON + timedelta(seconds=5)
    assert job_runs.end(database, run_id, job_runs.DONE, ended, outcome={"new": 7})
    assert not job_runs.end(database, run_id, job_runs.FAILED, ended)
    with database.read() as session:
        run = job_runs.find(session, run_id)
        assert (run.state, run.outcome, run.error, run.finished_at) == ("done", {"new": 7}, None, ended)
        success = job_runs.last_success(session, "ingest")
        assert success is not None
        assert success.id == run_id
        assert job_runs.running(session) == []


def test_a_new_holder_closes_what_the_dead_one_left(database: Database, clock: SteppedClock) -> None:
    dead = Lease(database, job_runs.SIDECAR, "one", clock)
    assert dead.try_acquire()
    old = job_runs.start(database, "ingest", "schedule", dead.epoch, NOON)
    dead.release()
    present = Lease(database, job_runs.SIDECAR, "two", clock)
    assert present.try_acquire()
    new = job_runs.start(database, "ingest", "catch_up", present.epoch, NOON)
    by_hand = job_runs.start(database, "ingest", "command", 0, NOON)
    with database.write() as session:
        assert job_runs.close_lost(session, present.epoch, NOON) == 1
    with database.read() as session:
        assert [run.id for run in job_runs.running(session)] == [new, by_hand]
        assert job_runs.find(session, old).error == {"code": "worker_died", "facts": {}}
    with pytest.raises(LeaseLostError):
        job_runs.start(database, "ingest", "schedule", present.epoch - 1, NOON)
    present.release()


def test_states_tell_schedule_last_run_and_last_success(database: Database) -> None:
    with database.write() as session:
        rows = [ScheduledJob(name=name, every_seconds=60, position=i) for i, name in enumerate(("ingest", "backup"))]
        job_runs.publish_schedule(session, rows)
        job_runs.note_next_run(session, "ingest", NOON)
    good = job_runs.start(database, "ingest", "schedule", 0, NOON)
    job_runs.end(database, good, job_runs.DONE, NOON, outcome={})
    bad = job_runs.start(database, "ingest", "schedule", 0, NOON)
    job_runs.end(database, bad, job_runs.FAILED, NOON, error={"code": "transient", "facts": {}})
    with database.read() as session:
        ingest, backup = job_runs.states(session)
    assert (ingest.schedule.name, ingest.schedule.next_run_at) == ("ingest", NOON)
    assert ingest.last is not None
    assert ingest.last_success is not None
    assert (ingest.last.id, ingest.last_success.id) == (bad, good)
    assert (backup.last, backup.last_success) == (None, None)
    with database.write() as session:
        job_runs.publish_schedule(session, [])
    with database.read() as session:
        assert job_runs.states(session) == []


def test_history_pages_newest_first(database: Database) -> None:
    ids = [job_runs.start(database, job, "schedule", 0, NOON) for job in ("a", "b", "a", "a")]
    with database.read() as session:
        first = job_runs.history(session, "a", limit=2)
        second = job_runs.history(session, "a", states=("running",), before=first[-1].id)
        assert [run.id for run in first + second] == [ids[3], ids[2], ids[0]]
        with pytest.raises(NotFoundError):
            job_runs.find(session, 999)


def test_a_sidecar_is_alive_while_it_beats(database: Database, clock: SteppedClock) -> None:
    with database.read() as session:
        assert not job_runs.sidecar_is_alive(session, clock.now())
    lease = Lease(database, job_runs.SIDECAR, "one", clock)
    assert lease.try_acquire()
    clock.step(59)
    with database.read() as session:
        assert job_runs.sidecar_is_alive(session, clock.now())
    clock.step(2)
    with database.read() as session:
        assert not job_runs.sidecar_is_alive(session, clock.now())
    lease.release()
