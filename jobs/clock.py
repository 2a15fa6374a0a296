"""When jobs are due. APScheduler is the clock and nothing else: it keeps no state and runs no work.

Schedules are declared in code, history is in our own table; what was missed while nothing ran follows from the two.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from core.settings import Settings
from jobs.registry import Job


class JobClock:
    """Calls ``due(job)`` whenever a job is due, from a thread of its own; ``due`` must return at once."""

    def __init__(self, settings: Settings, due: Callable[[Job], None]) -> None:
        self._settings = settings
        self._due = due
        self._scheduler: BackgroundScheduler | None = None

    def start(self, jobs: Sequence[Job], first_runs: Mapping[str, datetime]) -> None:
        """Begin to count; ``first_runs`` holds each scheduled job's first time."""
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for job in jobs:
            trigger = trigger_of(job, self._settings)
            first = first_runs.get(job.name)
            if trigger is not None and first is not None:
                self._scheduler.add_job(self._due, trigger, args=(job,), id=job.name, next_run_time=first)
        self._scheduler.start()

    def stop(self) -> None:
        """Count no more."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    def next_runs(self) -> dict[str, datetime]:
        """When each scheduled job is due next, aware UTC."""
        if self._scheduler is None:
            return {}
        return {job.id: job.next_run_time.astimezone(UTC) for job in self._scheduler.get_jobs() if job.next_run_time}


def trigger_of(job: Job, settings: Settings) -> BaseTrigger | None:
    """The APScheduler trigger of a job; ``None`` for one that runs only on request."""
    trigger: BaseTrigger | None = None
    seconds = job.interval(settings)
    if seconds is not None:
        trigger = IntervalTrigger(seconds=seconds, timezone=UTC)
    elif job.cron is not None:
        trigger = CronTrigger.from_crontab(job.cron, timezone=UTC)
    return trigger


def first_run(job: Job, settings: Settings, last_success: datetime | None, since: datetime, now: datetime) -> datetime:
    """When a scheduled job runs first after a start at ``now``: at once if a run was missed, else when it is due.

    ``last_success`` is the start of the job's last good run, ``since`` when any job first ran here: a job on a cron
    schedule that never ran is missed only if its time came after that. A fresh machine runs the interval jobs at once.
    """
    seconds = job.interval(settings)
    if seconds is not None:
        return _first_of_interval(job, timedelta(seconds=seconds), last_success, now)
    trigger: BaseTrigger = CronTrigger.from_crontab(str(job.cron), timezone=UTC)
    due: datetime = trigger.get_next_fire_time(None, min(last_success or since, now) + timedelta(seconds=1))
    if due <= now and job.catch_up:
        return now
    following: datetime = trigger.get_next_fire_time(None, now)
    return following


def _first_of_interval(job: Job, interval: timedelta, last_success: datetime | None, now: datetime) -> datetime:
    if not job.catch_up:
        return now + interval
    if last_success is None or last_success > now:
        return now
    return max(now, last_success + interval)
