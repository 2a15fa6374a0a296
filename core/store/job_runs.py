"""The history of jobs: what runs, how far it is, how it ended, and when each job runs next.

Only the sidecar that holds the lease writes here; pages and health checks read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.store import leases
from core.store.engine import Database
from core.store.models.operations import JobRun, ScheduledJob

RUNNING, DONE, FAILED, STOPPED, LOST = "running", "done", "failed", "stopped", "lost"
ENDED = (DONE, FAILED, STOPPED, LOST)
SIDECAR = "sidecar"
"""Name of the lease of the active sidecar."""
HEALTHY_SECONDS = 60.0
"""A sidecar whose last beat is older than this counts as absent (readiness, doctor)."""


@dataclass(frozen=True)
class JobState:
    """What a page shows of one job: its schedule, its last run and its last success."""

    schedule: ScheduledJob
    last: JobRun | None
    last_success: JobRun | None

    @property
    def has_failed(self) -> bool:
        """Whether its last run went wrong and that concerns everybody; one on request concerns who asked for it."""
        is_scheduled = self.schedule.every_seconds is not None or self.schedule.cron is not None
        return is_scheduled and self.last is not None and self.last.state == FAILED


def start(database: Database, job: str, trigger: str, epoch: int, at: datetime) -> int:
    """Open a run; ``trigger`` is schedule, catch_up, request or command. Raises ``LeaseLostError``."""
    with database.write() as session:
        if epoch:
            leases.guard(session, SIDECAR, epoch)
        run = JobRun(job=job, trigger=trigger, state=RUNNING, epoch=epoch, started_at=at)
        session.add(run)
        session.flush()
        return run.id


def progress(database: Database, run_id: int, done: int, total: int | None, doing: str) -> None:
    """Note how far a run is."""
    _change(database, run_id, done=done, total=total, doing=doing[:200])


def end(
    database: Database,
    run_id: int,
    state: str,
    at: datetime,
    *,
    outcome: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> bool:
    """Close a run; ``False`` when a successor has already closed it as lost."""
    values = {"outcome": dict(outcome) if outcome is not None else None, "error": dict(error) if error else None}
    return _change(database, run_id, state=state, finished_at=at, **values)


def close_lost(session: Session, epoch: int, at: datetime) -> int:
    """Close what sidecars before ``epoch`` left running; gives how many. The new holder calls it first."""
    result = session.execute(
        update(JobRun)
        .where(JobRun.state == RUNNING, JobRun.epoch < epoch, JobRun.epoch > 0)
        .values(state=LOST, finished_at=at, error={"code": "worker_died", "facts": {}})
    )
    return result.rowcount if isinstance(result, CursorResult) else 0


def find(session: Session, run_id: int) -> JobRun:
    """One run. Raises ``NotFoundError``."""
    run = session.get(JobRun, run_id)
    if run is None:
        raise NotFoundError(what=f"job run {run_id}")
    return run


def history(
    session: Session, job: str | None = None, states: Sequence[str] = (), before: int | None = None, limit: int = 50
) -> list[JobRun]:
    """Runs, newest first; ``before`` continues after the last id of a former page."""
    statement = select(JobRun).order_by(JobRun.id.desc()).limit(limit)
    if job:
        statement = statement.where(JobRun.job == job)
    if states:
        statement = statement.where(JobRun.state.in_(states))
    if before is not None:
        statement = statement.where(JobRun.id < before)
    return list(session.scalars(statement))


def running(session: Session) -> list[JobRun]:
    """What runs at present, oldest first."""
    return list(session.scalars(select(JobRun).where(JobRun.state == RUNNING).order_by(JobRun.id)))


def first_start(session: Session) -> datetime | None:
    """When the oldest run that is kept began; ``None`` on a fresh machine."""
    return session.scalar(select(JobRun.started_at).order_by(JobRun.id).limit(1))


def last_success(session: Session, job: str) -> JobRun | None:
    """The newest run of ``job`` that ended well."""
    statement = select(JobRun).where(JobRun.job == job, JobRun.state == DONE).order_by(JobRun.id.desc()).limit(1)
    return session.scalar(statement)


def states(session: Session) -> list[JobState]:
    """Every job of the active sidecar in its order, with its last run and last success."""
    schedules = session.scalars(select(ScheduledJob).order_by(ScheduledJob.position)).all()
    latest = _newest(session, ())
    succeeded = _newest(session, (DONE,))
    return [JobState(row, latest.get(row.name), succeeded.get(row.name)) for row in schedules]


def _newest(session: Session, wanted: Sequence[str]) -> dict[str, JobRun]:
    newest = select(func.max(JobRun.id)).group_by(JobRun.job)
    if wanted:
        newest = newest.where(JobRun.state.in_(wanted))
    return {run.job: run for run in session.scalars(select(JobRun).where(JobRun.id.in_(newest)))}


def prune(session: Session, before: datetime) -> int:
    """Remove ended runs of before that instant, except each job's last run and last success; gives how many."""
    kept = {run.id for wanted in ((), (DONE,)) for run in _newest(session, wanted).values()}
    statement = delete(JobRun).where(JobRun.finished_at < before, JobRun.id.not_in(kept))
    result = session.execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0


def publish_schedule(session: Session, rows: Sequence[ScheduledJob]) -> None:
    """Replace the published schedule by that of the sidecar which just became active."""
    session.execute(delete(ScheduledJob))
    session.add_all(rows)


def note_next_run(session: Session, job: str, at: datetime | None) -> None:
    """Publish when ``job`` runs next."""
    session.execute(update(ScheduledJob).where(ScheduledJob.name == job).values(next_run_at=at))


def sidecar_beat(session: Session) -> datetime | None:
    """When the active sidecar last beat; ``None`` when there never was one."""
    row = leases.holder(session, SIDECAR)
    return row.beat_at if row else None


def sidecar_is_alive(session: Session, now: datetime) -> bool:
    """Whether a sidecar beat within ``HEALTHY_SECONDS``, in either direction of a clock step."""
    beat = sidecar_beat(session)
    return beat is not None and abs((now - beat).total_seconds()) <= HEALTHY_SECONDS


def _change(database: Database, run_id: int, **values: Any) -> bool:
    statement = update(JobRun).where(JobRun.id == run_id, JobRun.state == RUNNING).values(**values)
    with database.write() as session:
        result = session.execute(statement)
        return isinstance(result, CursorResult) and result.rowcount == 1
