"""Signed-in browsers: an opaque random token in a cookie, its hash and its limits in the database.

A session ends twelve hours after its last use, seven days after sign-in, when it is signed out, and when the
person's account is closed, demoted or given a new password.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Select, delete, func, select, update
from sqlalchemy.orm import Session

from core.access.people import Person, person_from
from core.access.revoking import end_sessions
from core.access.tokens import derived, hash_of, new_token
from core.clock import Clock
from core.store import audit
from core.store.engine import Database
from core.store.models.access import PersonRow, SessionRow

COOKIE = "tollwatch_session"
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
_TOUCH_EVERY = timedelta(minutes=1)
_LONGEST_TOKEN = 100


@dataclass(frozen=True)
class Origin:
    """Where a sign-in came from: ``method`` is ``password``, ``link``, ``oidc``, ``setup`` or ``sandbox``."""

    method: str
    address: str = ""
    agent: str = ""


def start(database: Database, clock: Clock, person_id: int, origin: Origin) -> str:
    """Open a session and give its token: always a new one, whatever the browser held before."""
    with database.write() as session:
        return open_session(session, clock.now(), person_id, origin)


def open_session(session: Session, at: datetime, person_id: int, origin: Origin) -> str:
    """As ``start``, in the caller's transaction; audited as ``session.started``."""
    token = new_token()
    person = session.get_one(PersonRow, person_id)
    person.last_sign_in_at = at
    session.add(
        SessionRow(
            token_hash=hash_of(token),
            person_id=person_id,
            method=origin.method,
            address=origin.address[:60],
            agent=origin.agent[:200],
            created_at=at,
            seen_at=at,
            expires_at=at + LONGEST,
        )
    )
    detail = {"method": origin.method, "address": origin.address[:60]}
    audit.record(session, actor=person.name, action="session.started", subject=person.name, detail=detail, at=at)
    return token


def person_of(database: Database, token: str | None, clock: Clock) -> Person | None:
    """Who holds a session token; ``None`` for an unknown, ended or expired one and for a closed account."""
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    now = clock.now()
    with database.read() as session:
        found = session.execute(_live(now).where(SessionRow.token_hash == hash_of(token))).one_or_none()
    if found is None:
        return None
    row, person = found
    if now - row.seen_at >= _TOUCH_EVERY:
        _touch(database, row.id, now)
    return person_from(person)


def _live(now: datetime) -> Select[SessionRow, PersonRow]:
    return (
        select(SessionRow, PersonRow)
        .join(PersonRow, PersonRow.id == SessionRow.person_id)
        .where(
            SessionRow.revoked_at.is_(None),
            SessionRow.expires_at > now,
            SessionRow.seen_at > now - IDLE,
            PersonRow.disabled_at.is_(None),
        )
    )


def _touch(database: Database, session_id: int, now: datetime) -> None:
    with database.write() as session:
        session.execute(
            update(SessionRow).where(SessionRow.id == session_id, SessionRow.seen_at < now).values(seen_at=now)
        )


def end(database: Database, clock: Clock, token: str) -> None:
    """Sign one browser out; nothing happens when it was not signed in."""
    with database.write() as session:
        row = session.scalar(
            select(SessionRow).where(SessionRow.token_hash == hash_of(token), SessionRow.revoked_at.is_(None))
        )
        if row is None:
            return
        row.revoked_at = clock.now()
        person = session.get_one(PersonRow, row.person_id)
        audit.record(session, actor=person.name, action="session.ended", subject=person.name, at=clock.now())


def end_all(database: Database, clock: Clock, person_id: int, *, actor: str) -> None:
    """Sign a person out everywhere."""
    with database.write() as session:
        person = session.get_one(PersonRow, person_id)
        end_sessions(session, person_id, clock.now())
        audit.record(session, actor=actor, action="session.ended_all", subject=person.name, at=clock.now())


def count_live(database: Database, clock: Clock) -> int:
    """How many sessions are open."""
    live = _live(clock.now()).subquery()
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(live)) or 0


def forget_expired(database: Database, clock: Clock) -> int:
    """Delete sessions that ended or expired more than ``LONGEST`` ago; gives how many."""
    with database.write() as session:
        old = delete(SessionRow).where(SessionRow.expires_at < clock.now() - LONGEST)
        return cast(CursorResult[Any], session.execute(old)).rowcount


def csrf_token(token: str) -> str:
    """What a page of this session must send along with each change, so that other sites cannot."""
    return derived(token, "csrf")
