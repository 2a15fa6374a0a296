"""People change their own password: the present one is asked for, and every other browser is signed out."""

import math

from sqlalchemy import select

from core.access import passwords
from core.access.errors import PresentPasswordError, TooManyAttemptsError
from core.access.people import get
from core.access.revoking import close_links, end_sessions
from core.access.tokens import hash_of
from core.clock import Clock
from core.store import audit, rate_gate
from core.store.engine import Database
from core.store.models.access import PersonRow

ATTEMPTS = 6
"""In a quarter of an hour: enough for who mistypes, too few for somebody at an unlocked screen."""
_QUARTER_HOUR = 900.0


def change(database: Database, clock: Clock, person_id: int, present: str, wanted: str, *, session_token: str) -> None:
    """Give a person the password they ``wanted``, and end their sessions but that of ``session_token``.

    Raises ``TooManyAttemptsError`` before the password is looked at, ``PresentPasswordError``, ``WeakPasswordError``.
    """
    # The name begins as those of sign-in do, so that the nightly clean-up removes it with them.
    gate = f"sign-in-own:{person_id}"
    wait = rate_gate.take(database, gate, capacity=ATTEMPTS, per_seconds=_QUARTER_HOUR, clock=clock)
    if wait > 0:
        raise TooManyAttemptsError(retry_after_seconds=wait, seconds=math.ceil(wait))
    name = get(database, person_id).name
    with database.read() as session:
        known = session.scalar(
            select(PersonRow.password_hash).where(PersonRow.id == person_id, PersonRow.disabled_at.is_(None))
        )
    if not passwords.verify_password(present, known):
        with database.write() as session:
            audit.record(session, actor=name, action="person.password_refused", subject=name, at=clock.now())
        raise PresentPasswordError
    password_hash = passwords.hash_password(wanted, name)
    with database.write() as session:
        row = session.get_one(PersonRow, person_id, with_for_update=True)
        if row.password_hash != known:
            raise PresentPasswordError
        row.password_hash = password_hash
        end_sessions(session, person_id, clock.now(), besides=hash_of(session_token))
        close_links(session, person_id, clock.now())
        audit.record(session, actor=name, action="person.password_changed", subject=name, at=clock.now())
