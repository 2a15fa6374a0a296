"""The sidecar: one process that is active, others in reserve, all told by one lease.

The active one beats, starts the jobs that are due, claims commands, and ends cleanly on SIGTERM: jobs are asked to
stop, what is not finished goes back to the queue, the lease is given back.
"""

import os
import random
import secrets
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from core.errors import TransientError
from core.services import Services
from core.store import commands, crash_points, job_runs
from core.store.commands import Claimed
from core.store.engine import NOT_ANSWERING
from core.store.leases import Lease, LeaseLostError
from core.store.models.operations import ScheduledJob
from jobs.clock import JobClock, first_run
from jobs.registry import Job
from jobs.runner import Ended, JobUnknownError, run_job

RUN_JOB = "run_job"
POLL_SECONDS = 1.0
LEASE_SECONDS = 15.0
COMMAND_LEASE_SECONDS = 60.0
GRACE_SECONDS = 20.0
MOST_JOBS_AT_ONCE = 4
BUSY_DELAY_SECONDS = 2.0
RETRY_SELDOM_JOBS_SECONDS = 3600.0
"""A job that runs this seldom is tried again by a command after a passing failure, not only at its next time."""

log = structlog.get_logger(__name__)


@dataclass
class _Work:
    """One job under way in a thread, with the command that asked for it, if one did."""

    job: Job
    epoch: int
    command: Claimed | None = None
    thread: threading.Thread | None = None
    renewed: float = 0.0
    abandoned: threading.Event = field(default_factory=threading.Event)


class Sidecar:
    """One sidecar process. ``run`` until ``stop``; ``tick`` is one round of it, for tests."""

    def __init__(
        self,
        services: Services,
        jobs: Sequence[Job],
        *,
        holder: str | None = None,
        poll_seconds: float = POLL_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        command_lease_seconds: float = COMMAND_LEASE_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._services = services
        self._jobs = {job.name: job for job in jobs}
        self._poll_seconds = poll_seconds
        self._lease_seconds = lease_seconds
        self._command_lease_seconds = command_lease_seconds
        self._grace_seconds = grace_seconds
        name = holder or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._lease = Lease(services.database, job_runs.SIDECAR, name, services.clock, lease_seconds)
        self._clock = JobClock(services.settings, self._due)
        self._stopping = False
        self._slots = threading.Semaphore(MOST_JOBS_AT_ONCE)
        self._work: dict[str, _Work] = {}
        self._work_lock = threading.Lock()
        self._published: dict[str, Any] = {}
        self._last_beat = 0.0
        self._told_reserve = False

    @property
    def active(self) -> bool:
        """Whether this process holds the lease."""
        return self._lease.held

    def stop(self) -> None:
        """Ask ``run`` to end; safe in a signal handler, where setting an event could wait for itself."""
        self._stopping = True

    def run(self) -> None:
        """Work until ``stop``, then end cleanly."""
        log.info("sidecar started", holder=self._lease.holder, jobs=list(self._jobs))
        while not self._stopping:
            self.tick()
            self._services.clock.sleep(self._poll_seconds)
        self._end()

    def tick(self) -> None:
        """One round: hold or seek the lease, look after running work, claim commands. A lost database is waited for."""
        try:
            if not self.active and not self._seek():
                return
            self._hold()
            self._renew_commands()
            self._publish_next_runs()
            self._claim_commands()
        except LeaseLostError:
            self._step_down("another sidecar took over")
        except NOT_ANSWERING as error:
            log.warning("database does not answer", reason=type(error).__name__)
            if self.active and self._services.clock.monotonic() - self._last_beat > self._lease_seconds:
                self._step_down("could not beat in time")

    def _seek(self) -> bool:
        if not self._lease.try_acquire():
            if not self._told_reserve:
                log.info("in reserve: another sidecar is active")
                self._told_reserve = True
            return False
        self._told_reserve = False
        log.info("active", epoch=self._lease.epoch)
        self._last_beat = self._services.clock.monotonic()
        try:
            self._take_over()
        except NOT_ANSWERING:
            self._lease.forget()
            raise
        return True

    def _take_over(self) -> None:
        now = self._services.clock.now()
        with self._services.database.write() as session:
            lost = job_runs.close_lost(session, self._lease.epoch, now)
            since = job_runs.first_start(session) or now
            succeeded = {name: job_runs.last_success(session, name) for name in self._jobs}
            first_runs = {
                job.name: first_run(job, self._services.settings, last.started_at if last else None, since, now)
                for job in self._scheduled()
                for last in (succeeded[job.name],)
            }
            job_runs.publish_schedule(session, self._schedule_rows(first_runs))
        if lost:
            log.warning("closed runs of a sidecar that died", runs=lost)
        self._published = dict(first_runs)
        self._clock.start(self._scheduled(), first_runs)

    def _scheduled(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.cron or job.every_seconds is not None]

    def _schedule_rows(self, first_runs: Mapping[str, Any]) -> list[ScheduledJob]:
        return [
            ScheduledJob(
                name=job.name,
                every_seconds=job.interval(self._services.settings),
                cron=job.cron,
                next_run_at=first_runs.get(job.name),
                position=position,
            )
            for position, job in enumerate(self._jobs.values())
        ]

    def _hold(self) -> None:
        self._lease.beat()
        self._last_beat = self._services.clock.monotonic()

    def _publish_next_runs(self) -> None:
        changed = {name: at for name, at in self._clock.next_runs().items() if self._published.get(name) != at}
        if not changed:
            return
        with self._services.database.write() as session:
            for name, at in changed.items():
                job_runs.note_next_run(session, name, at)
        self._published.update(changed)

    def _due(self, job: Job) -> None:
        epoch = self._lease.epoch
        if epoch and not self._begin(_Work(job, epoch)) and not self._stopping:
            log.debug("still running, this time is left out", job=job.name)

    def _claim_commands(self) -> None:
        free = MOST_JOBS_AT_ONCE - sum(not work.job.lasting for work in list(self._work.values()))
        if free <= 0:
            return
        clock, database = self._services.clock, self._services.database
        for command in commands.claim(database, (RUN_JOB,), clock, self._command_lease_seconds, limit=free):
            crash_points.reached("sidecar.command_claimed")
            job = self._jobs.get(str(command.arguments.get("job")))
            if job is None:
                commands.fail(database, command, JobUnknownError(job=command.arguments.get("job")), clock)
            elif not self._begin(_Work(job, self._lease.epoch, command, renewed=clock.monotonic())):
                commands.hand_back(database, command, clock, delay_seconds=BUSY_DELAY_SECONDS)

    def _begin(self, work: _Work) -> bool:
        with self._work_lock:
            if self._stopping or work.job.name in self._work:
                return False
            self._work[work.job.name] = work
            work.thread = threading.Thread(target=self._do, args=(work,), name=f"job {work.job.name}", daemon=True)
            work.thread.start()
        return True

    def _do(self, work: _Work) -> None:
        with ExitStack() as afterwards:
            afterwards.callback(self._forget, work)
            if not work.job.lasting:
                afterwards.enter_context(self._slots)
            try:
                self._settle(work, self._run(work))
            except LeaseLostError:
                log.info("not started: another sidecar is active", job=work.job.name)
            except NOT_ANSWERING as error:
                log.warning("could not write how a job ended", job=work.job.name, reason=type(error).__name__)

    def _run(self, work: _Work) -> Ended:
        command = work.command
        arguments = {name: value for name, value in command.arguments.items() if name != "job"} if command else {}

        def started(run_id: int) -> None:
            if command:
                commands.attach_run(self._services.database, command, run_id)
                crash_points.reached("sidecar.command_started")

        return run_job(
            self._services,
            work.job,
            "request" if command else "schedule",
            arguments,
            epoch=work.epoch,
            asked_to_stop=lambda: self._stopping or self._lease.epoch != work.epoch or work.abandoned.is_set(),
            started=started,
        )

    def _settle(self, work: _Work, ended: Ended) -> None:
        command, database, clock = work.command, self._services.database, self._services.clock
        if command is None:
            self._retry_seldom_job(work.job, ended)
            return
        crash_points.reached("sidecar.command_done")
        if ended.state == job_runs.DONE:
            commands.finish(database, command, ended.outcome, clock)
        elif ended.state == job_runs.FAILED and ended.error:
            commands.fail(database, command, ended.error, clock)
        else:
            commands.hand_back(database, command, clock)

    def _retry_seldom_job(self, job: Job, ended: Ended) -> None:
        interval = job.interval(self._services.settings)
        if not isinstance(ended.error, TransientError) or ended.state != job_runs.FAILED:
            return
        if interval is not None and interval < RETRY_SELDOM_JOBS_SECONDS:
            return
        later = self._services.clock.now() + timedelta(seconds=commands.backoff_seconds(1, random.Random()))
        with self._services.database.write() as session:
            commands.request(session, RUN_JOB, {"job": job.name}, "schedule", later)

    def _forget(self, work: _Work) -> None:
        with self._work_lock:
            self._work.pop(work.job.name, None)

    def _renew_commands(self) -> None:
        now = self._services.clock.monotonic()
        for work in list(self._work.values()):
            if work.command is None or now - work.renewed < self._command_lease_seconds / 3:
                continue
            work.renewed = now
            database, clock = self._services.database, self._services.clock
            if not commands.renew(database, work.command, clock, self._command_lease_seconds):
                work.abandoned.set()

    def _step_down(self, reason: str) -> None:
        log.warning("no longer active", reason=reason)
        self._clock.stop()
        self._lease.forget()

    def _end(self) -> None:
        log.info("ending", running=list(self._work))
        self._clock.stop()
        ends = self._services.clock.monotonic() + self._grace_seconds
        with self._work_lock:
            begun = list(self._work.values())
        for work in begun:
            if work.thread is not None:
                work.thread.join(max(ends - self._services.clock.monotonic(), 0.0))
        try:
            self._give_back()
        except NOT_ANSWERING as error:
            log.warning("database does not answer, leases run out by themselves", reason=type(error).__name__)
        log.info("ended")

    def _give_back(self) -> None:
        for work in list(self._work.values()):
            log.warning("did not stop in time, goes back to the queue", job=work.job.name)
            if work.command:
                commands.hand_back(self._services.database, work.command, self._services.clock)
        self._lease.release()
