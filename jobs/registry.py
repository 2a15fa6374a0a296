"""What a job is. Each job lives in one file of this package and says here when it runs.

A job is declared where its work stands::

    @job("refresh_tokens", every_seconds=300)
    def refresh(context: JobContext) -> dict[str, Any]:
        ...

and listed in ``jobs/schedule.py``. What it gives back is stored as the run's outcome and shown on the Jobs page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from sqlalchemy.orm import Session

from core.services import Services
from core.settings import Settings

ANY_TIME = 3600.0


def _no_progress(done: int, total: int | None, doing: str) -> None:
    """Nobody is looking: a job called from a command or a test."""


def _never() -> bool:
    return False


def _no_fence(session: Session) -> None:
    """Nobody competes: a job called from a command or a test."""


@dataclass(frozen=True)
class JobContext:
    """What a job gets.

    ``progress(done, total, doing)`` is shown on the Jobs page; call it freely, it writes at most once a second.
    ``stopping()`` turns true when the process is asked to end, lost its lease, or the job's time is up: return soon
    with what was done. ``fence(session)`` raises ``LeaseLostError`` in a write transaction of a sidecar that has
    been replaced; jobs whose writes bear no repetition call it first in each transaction.
    """

    services: Services
    run_id: int = 0
    arguments: Mapping[str, Any] = field(default_factory=dict)
    progress: Callable[[int, int | None, str], None] = _no_progress
    stopping: Callable[[], bool] = _never
    fence: Callable[[Session], None] = _no_fence


JobFunction = Callable[[JobContext], Mapping[str, Any] | None]
Interval = float | Callable[[Settings], float]


@dataclass(frozen=True)
class Job:
    """One job: its name, its work, and when it runs.

    ``every_seconds`` may be read from the settings; ``cron`` has five fields in UTC; neither means only on request.
    ``catch_up`` runs it at start when a run was missed while nothing ran. After ``timeout_seconds`` the run is asked
    to stop and counts as failed. A ``lasting`` job works for as long as the sidecar is active: it has no time limit and
    takes no other job's place; its interval is how soon it is started again should it end.
    """

    name: str
    function: JobFunction
    every_seconds: Interval | None = None
    cron: str | None = None
    catch_up: bool = True
    timeout_seconds: float = ANY_TIME
    lasting: bool = False

    def __post_init__(self) -> None:
        if self.every_seconds is not None and self.cron is not None:
            raise ValueError(f"job {self.name} has two schedules")

    def __call__(self, context: JobContext) -> Mapping[str, Any]:
        return self.function(context) or {}

    def interval(self, settings: Settings) -> float | None:
        """Seconds between two runs, or ``None`` for one on a cron schedule or on request."""
        return self.every_seconds(settings) if callable(self.every_seconds) else self.every_seconds


def job(
    name: str,
    *,
    every_seconds: Interval | None = None,
    cron: str | None = None,
    catch_up: bool = True,
    timeout_seconds: float = ANY_TIME,
    lasting: bool = False,
) -> Callable[[JobFunction], Job]:
    """Make the function below a ``Job``; see there."""

    def declare(function: JobFunction) -> Job:
        return Job(name, function, every_seconds, cron, catch_up, inf if lasting else timeout_seconds, lasting)

    return declare
