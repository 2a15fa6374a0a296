"""Running one job once: the row of the run, progress, time limit, and how it ended."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import stamina
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.errors import PermanentError, TollwatchError, TransientError
from core.services import Services
from core.store import commands, job_runs, leases
from core.store.engine import StoreBusyError
from core.store.leases import LeaseLostError
from jobs.registry import Job, JobContext

PROGRESS_SECONDS = 1.0
log = structlog.get_logger(__name__)


class JobTimedOutError(TransientError):
    """A job ran longer than it may and was asked to stop. Facts: ``job``, ``seconds``."""

    code = "job_timed_out"


class JobUnknownError(PermanentError):
    """Somebody asked for a job that does not exist. Facts: ``job``."""

    code = "job_unknown"
    http_status = 404


@dataclass(frozen=True)
class Ended:
    """How a run ended: ``state`` as in ``core.store.job_runs``, with the outcome or the error."""

    state: str
    outcome: Mapping[str, Any]
    error: Exception | None = None


class _Stop:
    """Tells a job to stop, and remembers whether it was told."""

    def __init__(self, services: Services, job: Job, asked: Callable[[], bool]) -> None:
        self._clock = services.clock
        self._asked = asked
        self._ends = services.clock.monotonic() + job.timeout_seconds
        self.seen = False

    @property
    def out_of_time(self) -> bool:
        return self._clock.monotonic() >= self._ends

    def __call__(self) -> bool:
        stop = self._asked() or self.out_of_time
        self.seen = self.seen or stop
        return stop


class _Progress:
    """Writes progress at most once a second, whatever the job reports."""

    def __init__(self, services: Services, run_id: int) -> None:
        self._services = services
        self._run_id = run_id
        self._written: float | None = None
        self._lock = threading.Lock()

    def __call__(self, done: int, total: int | None, doing: str) -> None:
        now = self._services.clock.monotonic()
        with self._lock:
            if self._written is not None and now - self._written < PROGRESS_SECONDS and done != total:
                return
            self._written = now
        job_runs.progress(self._services.database, self._run_id, done, total, doing)


def run_job(
    services: Services,
    job: Job,
    trigger: str,
    arguments: Mapping[str, Any],
    *,
    epoch: int = 0,
    asked_to_stop: Callable[[], bool] = lambda: False,
    started: Callable[[int], object] | None = None,
) -> Ended:
    """Run ``job`` and keep its history; never raises for what the job did.

    ``epoch`` is the lease's, 0 outside a sidecar. ``started`` is told the run's id. Raises ``LeaseLostError`` when a
    successor is active already, before the job begins.
    """
    run_id = job_runs.start(services.database, job.name, trigger, epoch, services.clock.now())
    if started:
        started(run_id)
    stop = _Stop(services, job, asked_to_stop)

    def fence(session: Session) -> None:
        if epoch:
            leases.guard(session, job_runs.SIDECAR, epoch)

    context = JobContext(services, run_id, arguments, _Progress(services, run_id), stop, fence)
    began = services.clock.monotonic()
    with structlog.contextvars.bound_contextvars(job=job.name, run=run_id):
        ended = _attempt(job, context, stop)
        _close(services, run_id, ended)
        _tell(ended, services.clock.monotonic() - began)
    return ended


def _attempt(job: Job, context: JobContext, stop: _Stop) -> Ended:
    try:
        outcome = json.loads(json.dumps(dict(job(context)), default=str))
    except LeaseLostError as error:
        return Ended(job_runs.LOST, {}, error)
    except TollwatchError as error:
        return Ended(job_runs.FAILED, {}, error)
    except Exception as error:
        log.exception("job broke")
        return Ended(job_runs.FAILED, {}, error)
    if stop.seen and stop.out_of_time:
        return Ended(job_runs.FAILED, outcome, JobTimedOutError(job=job.name, seconds=round(job.timeout_seconds)))
    return Ended(job_runs.STOPPED if stop.seen else job_runs.DONE, outcome)


@stamina.retry(on=(OperationalError, StoreBusyError), attempts=8, timeout=60.0)
def _close(services: Services, run_id: int, ended: Ended) -> None:
    job_runs.end(
        services.database,
        run_id,
        ended.state,
        services.clock.now(),
        outcome=ended.outcome,
        error=commands.describe(ended.error) if ended.error else None,
    )


def _tell(ended: Ended, seconds: float) -> None:
    if ended.error is None:
        log.info("job ended", outcome=dict(ended.outcome), result=ended.state, seconds=round(seconds, 3))
    else:
        log.warning("job failed", result=ended.state, reason=str(ended.error), seconds=round(seconds, 3))
