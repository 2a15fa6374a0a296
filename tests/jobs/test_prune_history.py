"""Old history goes, what is still of use stays."""

from datetime import timedelta

from core.calls.table import CallTable
from core.clock import SteppedClock
from core.services import Services
from core.settings import Settings
from core.store import audit, commands, job_runs, rate_gate
from core.store.engine import Database
from jobs.prune_history import KEPT, prune_history
from jobs.registry import JobContext
from tests.conftest import NOON


def ended_run(database: Database, job: str, state: str) -> int:
    run_id = job_runs.start(database, job, "schedule", 0, NOON)
    job_runs.end(database, run_id, state, NOON)
    return run_id


def test_old_runs_and_commands_go_but_last_ones_open_ones_and_the_audit_stay(
    database: Database, settings: Settings, clock: SteppedClock
) -> None:
    ended_run(database, "ingest", job_runs.DONE)
    success = ended_run(database, "ingest", job_runs.DONE)
    failure = ended_run(database, "ingest", job_runs.FAILED)
    going = job_runs.start(database, "rescan", "schedule", 0, NOON)
    with database.write() as session:
        old = commands.request(session, "run_job", {"job": "a"}, "ana", NOON)
        waiting = commands.request(session, "run_job", {"job": "b"}, "ana", NOON)
        audit.record(session, actor="ana", action="sign_in", at=NOON)
    (claimed,) = commands.claim(database, ("run_job",), clock, 60)
    commands.finish(database, claimed, {}, clock)
    services = Services(settings, clock, database, CallTable(settings.calls_path))

    rate_gate.take(database, "sign-in-from:192.0.2.1", capacity=1, per_seconds=60, clock=clock)

    clock.step(KEPT.total_seconds())
    first = prune_history(JobContext(services))
    assert (first["job_runs"], first["sign_in_attempts"]) == (0, 1)
    clock.step(timedelta(seconds=1).total_seconds())
    removed = prune_history(JobContext(services))

    assert (removed["job_runs"], removed["commands"]) == (1, 1)
    with database.read() as session:
        assert [run.id for run in job_runs.history(session)] == [going, failure, success]
        assert [command.id for command in commands.recent(session)] == [waiting]
    assert claimed.id == old
    assert audit.verify(database).entries == 1
