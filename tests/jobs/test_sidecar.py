"""The sidecar: one active, one in reserve, no work lost however it ends."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from core.store import engine, job_runs, leases
from core.store.engine import Database
from core.store.models.operations import Command
from jobs.registry import Job, JobContext
from jobs.sidecar import Sidecar
from tests.conftest import PythonRunner
from tests.jobs.sidecars import ask, command, done, services_of, start_sidecar
from tests.waiting import until

pytestmark = pytest.mark.faults


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


def end(*sidecars: PythonRunner) -> list[int]:
    for sidecar in sidecars:
        sidecar.process.send_signal(signal.SIGTERM)
    ended = [sidecar.finish(timeout=30) for sidecar in sidecars]
    for code, output in ended:
        assert code == 0, output
    return [code for code, _ in ended]


def when_finished(database: Database, command_id: int) -> Command | None:
    asked = command(database, command_id)
    return asked if asked.finished_at else None


def holder(database: Database) -> str:
    with database.read() as session:
        row = leases.holder(session, job_runs.SIDECAR)
        return row.holder if row else ""


def test_it_runs_what_is_due_and_what_is_asked_and_ends_cleanly(database: Database, data_dir: Path) -> None:
    wanted = [ask(database, "quick", n=number) for number in range(5)]
    unknown, failing = ask(database, "no such job"), ask(database, "failing")
    sidecar = start_sidecar(database, data_dir, "first")
    until(lambda: all(command(database, each).state == "done" for each in wanted))
    until(lambda: done(data_dir).count("first:beat") >= 3)
    refused = until(lambda: command(database, unknown) if command(database, unknown).state == "failed" else None)
    assert refused.error == {"code": "job_unknown", "facts": {"job": "no such job"}}
    waiting = until(lambda: command(database, failing) if command(database, failing).error else None)
    assert (waiting.state, (waiting.not_before - waiting.requested_at).total_seconds() >= 120) == ("queued", True)
    with database.read() as session:
        published = {state.schedule.name: state for state in job_runs.states(session)}
        run = job_runs.find(session, command(database, wanted[3]).run_id or 0)
    assert (run.job, run.trigger, run.state, run.outcome) == ("quick", "request", "done", {"n": 3})
    assert published["beat"].schedule.next_run_at is not None
    assert published["quick"].schedule.every_seconds is None
    assert end(sidecar) == [0]
    assert sorted(line for line in done(data_dir) if "quick" in line) == [f"first:quick {n}" for n in range(5)]
    with database.read() as session:
        assert job_runs.running(session) == []


def test_the_second_stays_in_reserve_and_takes_over_when_the_first_is_killed(
    database: Database, data_dir: Path
) -> None:
    first = start_sidecar(database, data_dir, "first")
    until(lambda: "first:beat" in done(data_dir))
    second = start_sidecar(database, data_dir, "second")
    until(lambda: done(data_dir).count("first:beat") >= 8)
    assert "second:beat" not in done(data_dir)
    command_id = ask(database, "patient")
    until(lambda: "first:patient begins" in done(data_dir))
    first.process.kill()
    first.finish()
    until(lambda: "second:beat" in done(data_dir))
    until(lambda: "second:patient begins" in done(data_dir))
    with database.read() as session:
        lost = [run for run in job_runs.history(session, "patient") if run.state == "lost"]
        assert [run.epoch for run in lost] == [1]
        assert [run.epoch for run in job_runs.running(session) if run.job == "patient"] == [2]
    assert command(database, command_id).attempts == 2
    assert end(second) == [0]


def test_sigterm_hands_unfinished_work_back_and_the_next_one_does_it(sqlite_database: Database, data_dir: Path) -> None:
    first = start_sidecar(sqlite_database, data_dir, "first")
    command_id = ask(sqlite_database, "patient")
    until(lambda: "first:patient begins" in done(data_dir))
    assert end(first) == [0]
    handed_back = command(sqlite_database, command_id)
    assert (handed_back.state, handed_back.attempts) == ("queued", 0)
    with sqlite_database.read() as session:
        assert [run.state for run in job_runs.history(session, "patient")] == ["stopped"]
    second = start_sidecar(sqlite_database, data_dir, "second")
    until(lambda: "second:patient begins" in done(data_dir))
    assert end(second) == [0]


def test_killed_at_any_step_of_commands_they_are_done_by_the_next(sqlite_database: Database, data_dir: Path) -> None:
    asked = [ask(sqlite_database, "quick", n=1)]
    points = ("claimed", "started", "done")
    for number, point in enumerate(points):
        killed = start_sidecar(sqlite_database, data_dir, f"{number}", TOLLWATCH_CRASH_AT=f"sidecar.command_{point}")
        assert killed.finish()[0] == 137
        assert command(sqlite_database, asked[0]).state == "running", point
        asked.append(ask(sqlite_database, "quick", n=number + 2))
    last = start_sidecar(sqlite_database, data_dir, "last")
    finished = [until(partial(when_finished, sqlite_database, each)) for each in asked]
    assert [(each.state, each.result) for each in finished] == [("done", {"n": n + 1}) for n in range(len(asked))]
    assert finished[0].attempts == len(points) + 1
    assert {f"last:quick {n + 1}" for n in range(len(asked))} <= set(done(data_dir))
    assert end(last) == [0]
    with sqlite_database.read() as session:
        assert job_runs.running(session) == []


def test_a_job_that_kills_its_process_is_taken_up_again(sqlite_database: Database, data_dir: Path) -> None:
    command_id = ask(sqlite_database, "deadly")
    assert start_sidecar(sqlite_database, data_dir, "first").finish()[0] == -signal.SIGKILL
    second = start_sidecar(sqlite_database, data_dir, "second")
    until(lambda: command(sqlite_database, command_id).state == "done")
    assert [line for line in done(data_dir) if "deadly" in line] == ["first:deadly begins", "second:deadly ends"]
    assert end(second) == [0]


def test_of_two_started_together_one_is_active(database: Database, data_dir: Path) -> None:
    both = [start_sidecar(database, data_dir, name, LEASE_SECONDS="60") for name in ("first", "second")]
    until(lambda: len(done(data_dir)) >= 8)
    active = holder(database)
    assert {line.split(":")[0] for line in done(data_dir)} == {active}
    assert end(*both) == [0, 0]


def test_a_database_that_drops_every_connection_is_waited_for(postgres_database: Database, data_dir: Path) -> None:
    sidecar = start_sidecar(postgres_database, data_dir, "first")
    until(lambda: "first:beat" in done(data_dir))
    with postgres_database.write() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    before = len(done(data_dir))
    until(lambda: len(done(data_dir)) >= before + 3)
    command_id = ask(postgres_database, "quick", n=1)
    until(lambda: command(postgres_database, command_id).state == "done")
    with postgres_database.read() as session:
        row = leases.holder(session, job_runs.SIDECAR)
    assert row is not None
    assert (row.holder, row.epoch) == ("first", 2)
    assert end(sidecar) == [0]


def test_an_end_waits_for_work_whose_thread_is_only_just_starting(
    sqlite_database: Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, ended = threading.Event(), threading.Event()
    start = threading.Thread.start

    def start_slowly(thread: threading.Thread) -> None:
        if thread.name == "job brief":
            began.set()
            time.sleep(0.3)
        start(thread)

    def brief(_context: JobContext) -> dict[str, object]:
        ended.set()
        return {}

    monkeypatch.setattr(threading.Thread, "start", start_slowly)
    brief_job = Job("brief", brief, every_seconds=60)
    sidecar = Sidecar(services_of(sqlite_database, data_dir), [brief_job], poll_seconds=0.01, grace_seconds=20)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(sidecar.run)
        assert began.wait(20)
        sidecar.stop()
        running.result(timeout=30)
    assert ended.is_set()
    with sqlite_database.read() as session:
        assert job_runs.running(session) == []


def test_a_busy_database_is_waited_for(
    sqlite_database: Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    hurried = Database(sqlite_database.url)
    sidecar = Sidecar(services_of(hurried, data_dir), [], holder="first")
    with sqlite_database.write() as elsewhere:
        elsewhere.execute(text("SELECT 1"))
        sidecar.tick()
        while_busy = sidecar.active
    sidecar.tick()
    assert (while_busy, sidecar.active) == (False, True)
    with sqlite_database.write() as elsewhere:
        elsewhere.execute(text("SELECT 1"))
        sidecar.tick()
    assert sidecar.active, "a moment's wait loses nothing"
    hurried.close()
