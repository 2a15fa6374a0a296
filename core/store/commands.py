"""Work asked for by a page, a route or a person, done by whichever sidecar claims it.

A command is claimed by compare-and-set and carries a lease. A worker that dies leaves the lease to run out, and
the command is claimed again; ``attempts`` is the number of the claim, so that a worker that was only slow cannot
finish what another has taken over. Delivery is at least once: what a command does must bear a repetition.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Select, Update, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import NotFoundError, TollwatchError, TransientError
from core.store.engine import Database, is_passing
from core.store.models.operations import Command

QUEUED, RUNNING, DONE, FAILED, DEAD = "queued", "running", "done", "failed", "dead"
OPEN = (QUEUED, RUNNING)
WITHDRAWN = "withdrawn"
"""The outcome of a command that was taken back before anybody began it."""

ATTEMPTS_BEFORE_DEAD = 8
"""Eight attempts with the waits below span about an hour."""
FIRST_WAIT_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 3600.0
JITTER = 0.2


@dataclass(frozen=True)
class Claimed:
    """One command in the hands of one worker; ``attempt`` fences an earlier claim of the same command."""

    id: int
    kind: str
    arguments: Mapping[str, Any]
    requested_by: str
    attempt: int


def request(
    session: Session,
    kind: str,
    arguments: Mapping[str, Any],
    requested_by: str,
    at: datetime,
    idempotency_key: str | None = None,
) -> int:
    """Ask for work in the caller's transaction; gives the command's id.

    A second request with the same ``idempotency_key`` gives the id of the first and adds nothing.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(Command)
        .values(
            kind=kind,
            arguments=dict(arguments),
            requested_by=requested_by[:200],
            requested_at=at,
            not_before=at,
            idempotency_key=idempotency_key,
            state=QUEUED,
            attempts=0,
        )
        .on_conflict_do_nothing(index_elements=[Command.idempotency_key])
        .returning(Command.id)
    )
    created = session.execute(statement).scalar_one_or_none()
    if created is not None:
        return created
    return session.execute(select(Command.id).where(Command.idempotency_key == idempotency_key)).scalar_one()


def claim(
    database: Database, kinds: Sequence[str], clock: Clock, lease_seconds: float, limit: int = 1
) -> list[Claimed]:
    """Take up to ``limit`` due commands of ``kinds``, oldest first; nobody else gets the same ones.

    Commands of workers that died (lease run out) are taken again; after ``ATTEMPTS_BEFORE_DEAD`` they are dead.
    """
    now = clock.now()
    with database.write() as session:
        session.execute(_bury(kinds, now))
        rows = session.execute(_take(_due(kinds, now, limit), now + timedelta(seconds=lease_seconds)))
        claimed = [Claimed(*row) for row in rows]
    return sorted(claimed, key=lambda command: command.id)


def _abandoned(now: datetime) -> Any:
    return and_(Command.state == RUNNING, Command.lease_until < now)


def _bury(kinds: Sequence[str], now: datetime) -> Update:
    return (
        update(Command)
        .where(Command.kind.in_(kinds), _abandoned(now), Command.attempts >= ATTEMPTS_BEFORE_DEAD)
        .values(state=DEAD, finished_at=now, lease_until=None, error={"code": "worker_died", "facts": {}})
        .execution_options(synchronize_session=False)
    )


def _due(kinds: Sequence[str], now: datetime, limit: int) -> Select[int]:
    return (
        select(Command.id)
        .where(
            Command.kind.in_(kinds),
            or_(and_(Command.state == QUEUED, Command.not_before <= now), _abandoned(now)),
        )
        .order_by(Command.not_before, Command.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _take(due: Select[int], lease_until: datetime) -> Any:
    return (
        update(Command)
        .where(Command.id.in_(due.scalar_subquery()))
        .values(state=RUNNING, attempts=Command.attempts + 1, lease_until=lease_until)
        .returning(Command.id, Command.kind, Command.arguments, Command.requested_by, Command.attempts)
        .execution_options(synchronize_session=False)
    )


def renew(database: Database, claimed: Claimed, clock: Clock, lease_seconds: float) -> bool:
    """Prolong the lease of work that takes long; ``False`` when another worker has it by now."""
    return _change(database, claimed, lease_until=clock.now() + timedelta(seconds=lease_seconds))


def attach_run(database: Database, claimed: Claimed, run_id: int) -> bool:
    """Note which job run does the command, for the page that waits for it."""
    return _change(database, claimed, run_id=run_id)


def finish(database: Database, claimed: Claimed, result: Mapping[str, Any], clock: Clock) -> bool:
    """Mark as done with ``result``; ``False`` when another worker has it by now."""
    now = clock.now()
    return _change(database, claimed, state=DONE, result=dict(result), error=None, finished_at=now, lease_until=None)


def fail(
    database: Database, claimed: Claimed, error: Exception, clock: Clock, chance: random.Random | None = None
) -> bool:
    """Note the failure: what passes (``is_passing``) goes back to the queue with a growing wait, all else has failed.

    A transient failure of the last permitted attempt makes the command dead. ``False`` as in ``finish``.
    """
    now = clock.now()
    described = describe(error)
    if not is_passing(error):
        return _change(database, claimed, state=FAILED, error=described, finished_at=now, lease_until=None)
    if claimed.attempt >= ATTEMPTS_BEFORE_DEAD:
        return _change(database, claimed, state=DEAD, error=described, finished_at=now, lease_until=None)
    asked = (error.retry_after_seconds or 0.0) if isinstance(error, TransientError) else 0.0
    wait = max(backoff_seconds(claimed.attempt, chance or random.Random()), asked)
    due = now + timedelta(seconds=min(wait, LONGEST_WAIT_SECONDS * (1 + JITTER)))
    return _change(database, claimed, state=QUEUED, error=described, not_before=due, lease_until=None)


def hand_back(database: Database, claimed: Claimed, clock: Clock, delay_seconds: float = 0.0) -> bool:
    """Return unfinished work to the queue at no cost: the worker is stopping, or the job is busy."""
    due = clock.now() + timedelta(seconds=delay_seconds)
    return _change(
        database, claimed, state=QUEUED, not_before=due, lease_until=None, attempts=max(claimed.attempt - 1, 0)
    )


def retry(session: Session, command_id: int, at: datetime) -> None:
    """Queue a failed or dead command again with a fresh count. Raises ``NotFoundError`` when there is none such."""
    statement = (
        update(Command)
        .where(Command.id == command_id, Command.state.in_((FAILED, DEAD)))
        .values(state=QUEUED, attempts=0, not_before=at, finished_at=None, lease_until=None)
    )
    result = session.execute(statement)
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise NotFoundError(what=f"failed command {command_id}")


def withdraw(session: Session, command_id: int, at: datetime) -> bool:
    """Take back a command that nobody has begun, in the caller's transaction; ``False`` when it is not waiting."""
    statement = (
        update(Command)
        .where(Command.id == command_id, Command.state == QUEUED)
        .values(state=DONE, result={"outcome": WITHDRAWN}, error=None, finished_at=at)
    )
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def find(session: Session, command_id: int) -> Command:
    """One command with its state. Raises ``NotFoundError``."""
    command = session.get(Command, command_id)
    if command is None:
        raise NotFoundError(what=f"command {command_id}")
    return command


def recent(session: Session, states: Sequence[str] = (), before: int | None = None, limit: int = 100) -> list[Command]:
    """Commands, newest first; ``before`` continues after the last id of a former page."""
    statement = select(Command).order_by(Command.id.desc()).limit(limit)
    if states:
        statement = statement.where(Command.state.in_(states))
    if before is not None:
        statement = statement.where(Command.id < before)
    return list(session.scalars(statement))


def prune(session: Session, before: datetime) -> int:
    """Remove commands that ended before that instant; gives how many."""
    statement = delete(Command).where(Command.finished_at < before, Command.state.not_in(OPEN))
    result = session.execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0


def backoff_seconds(attempt: int, chance: random.Random) -> float:
    """The wait before the next attempt: min(2ⁿ·30 s, 1 h), n from 0, give or take ``JITTER``."""
    wait = min(FIRST_WAIT_SECONDS * 2.0 ** max(attempt - 1, 0), LONGEST_WAIT_SECONDS)
    return wait * chance.uniform(1 - JITTER, 1 + JITTER)


def describe(error: Exception) -> dict[str, Any]:
    """An error as it is stored: code and facts for texts in both languages; never a traceback or a value."""
    if isinstance(error, TollwatchError):
        return {"code": error.code, "facts": {name: str(value)[:500] for name, value in error.facts.items()}}
    return {"code": "unexpected", "facts": {"kind": type(error).__name__}}


def _change(database: Database, claimed: Claimed, **values: Any) -> bool:
    statement = (
        update(Command)
        .where(Command.id == claimed.id, Command.state == RUNNING, Command.attempts == claimed.attempt)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    with database.write() as session:
        result = session.execute(statement)
        return isinstance(result, CursorResult) and result.rowcount == 1
