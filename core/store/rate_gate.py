"""A token bucket kept as a row, shared by every process that calls the same limited service.

Used for Webex's per-token limits, and wherever attempts have to be slowed down across processes.
"""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.clock import Clock
from core.store.engine import Database
from core.store.models.operations import RateGate


def take(
    database: Database, name: str, *, capacity: float, per_seconds: float, clock: Clock, amount: float = 1
) -> float:
    """Take ``amount`` from the bucket ``name``, which refills ``capacity`` evenly over ``per_seconds``.

    Gives 0.0 when taken, else the seconds to wait before asking again; nothing is taken then.
    Raises ``ValueError`` for an amount that the bucket can never hold.
    """
    if amount > capacity:
        raise ValueError(f"{amount} can never be taken from a bucket of {capacity}")
    now = clock.now()
    with database.write() as session:
        gate = _locked(session, name, capacity, now)
        elapsed = max((now - gate.refilled_at).total_seconds(), 0.0)
        gate.tokens = min(capacity, gate.tokens + elapsed * capacity / per_seconds)
        gate.refilled_at = now
        if gate.blocked_until and gate.blocked_until > now:
            return (gate.blocked_until - now).total_seconds()
        missing = amount - gate.tokens
        if missing > 1e-9:
            return missing * per_seconds / capacity
        gate.tokens -= amount
        return 0.0


def waiting(database: Database, name: str, *, capacity: float, per_seconds: float, clock: Clock) -> float:
    """Seconds until one can be taken from the bucket ``name``, without taking or writing anything."""
    now = clock.now()
    with database.read() as session:
        gate = session.get(RateGate, name)
    if gate is None:
        return 0.0
    blocked = (gate.blocked_until - now).total_seconds() if gate.blocked_until else 0.0
    elapsed = max((now - gate.refilled_at).total_seconds(), 0.0)
    missing = 1 - gate.tokens - elapsed * capacity / per_seconds
    return max(blocked, missing * per_seconds / capacity if missing > 1e-9 else 0.0)


def forget(session: Session, prefix: str, before: datetime) -> int:
    """Remove the buckets whose names begin with ``prefix`` and that nobody took from since ``before``."""
    unused = delete(RateGate).where(
        RateGate.name.startswith(prefix, autoescape=True),
        RateGate.refilled_at < before,
        or_(RateGate.blocked_until.is_(None), RateGate.blocked_until < before),
    )
    return cast("CursorResult[Any]", session.execute(unused)).rowcount


def penalise(database: Database, name: str, until: datetime) -> None:
    """Close the gate until that instant, because the other side said so (429); a later instant is never shortened."""
    with database.write() as session:
        gate = _locked(session, name, 0.0, until - timedelta(days=1))
        if gate.blocked_until is None or gate.blocked_until < until:
            gate.blocked_until = until


def reopen(database: Database, name: str) -> None:
    """Lift a penalty and fill the bucket: after a new token, or when an administrator decides so."""
    with database.write() as session:
        gate = session.get(RateGate, name)
        if gate is not None:
            session.delete(gate)


def _locked(session: Session, name: str, tokens: float, at: datetime) -> RateGate:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(RateGate)
        .values(name=name, tokens=tokens, refilled_at=at, blocked_until=None)
        .on_conflict_do_nothing(index_elements=[RateGate.name])
    )
    return session.execute(select(RateGate).where(RateGate.name == name).with_for_update()).scalar_one()
