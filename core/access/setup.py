"""The first administrator: made by whoever can read the log of the first start; there is no default password.

While no administrator exists, each start makes one link, good for a day and for one use.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.access.errors import PersonExistsError, SetupClosedError
from core.access.people import NewPerson, insert, new_row
from core.access.sandbox_people import SANDBOX_ACTOR
from core.access.sessions import Origin, open_session
from core.access.tokens import hash_of, new_token
from core.clock import Clock
from core.store import audit
from core.store.engine import Database
from core.store.models.access import PersonRow, SetupLinkRow

VALID = timedelta(hours=24)
_LONGEST_TOKEN = 100


def is_needed(database: Database) -> bool:
    """Whether nobody can administer the product yet; the people of the sandbox do not count."""
    with database.read() as session:
        return not _has_admin(session)


def new_link(database: Database, clock: Clock, base_url: str) -> str:
    """A fresh set-up address for the log."""
    token, now = new_token(), clock.now()
    with database.write() as session:
        session.add(SetupLinkRow(token_hash=hash_of(token), created_at=now, expires_at=now + VALID))
        audit.record(session, actor="start", action="setup.link_made", at=now)
    return f"{base_url.rstrip('/')}/set-up?token={token}"


def check(database: Database, clock: Clock, token: str) -> None:
    """Raise ``SetupClosedError`` unless ``token`` can make the first administrator now."""
    with database.read() as session:
        _open_link(session, token, clock.now())


def make_first_admin(database: Database, clock: Clock, token: str, new: NewPerson, origin: Origin) -> str:
    """Make the administrator, use up every link, sign them in; gives the session token.

    Raises ``SetupClosedError``, ``InvalidInputError``, ``WeakPasswordError``, ``PersonExistsError``.
    """
    now = clock.now()
    check(database, clock, token)
    row = new_row(new, actor="setup", at=now)
    try:
        with database.write() as session:
            _use_up(session, token, now)
            insert(session, row, actor="setup", at=now)
            return open_session(session, now, row.id, origin)
    except IntegrityError as error:
        raise PersonExistsError(what="person", name=row.name) from error


def _use_up(session: Session, token: str, now: datetime) -> None:
    _open_link(session, token, now, lock=True)
    for link in session.scalars(select(SetupLinkRow).where(SetupLinkRow.used_at.is_(None)).with_for_update()):
        link.used_at = now


def _open_link(session: Session, token: str, now: datetime, *, lock: bool = False) -> SetupLinkRow:
    query = select(SetupLinkRow).where(
        SetupLinkRow.token_hash == hash_of(token[:_LONGEST_TOKEN]),
        SetupLinkRow.used_at.is_(None),
        SetupLinkRow.expires_at > now,
    )
    link = session.scalar(query.with_for_update() if lock else query)
    if link is None or _has_admin(session):
        raise SetupClosedError
    return link


def _has_admin(session: Session) -> bool:
    admins = select(func.count()).where(
        PersonRow.role == "admin", PersonRow.disabled_at.is_(None), PersonRow.created_by != SANDBOX_ACTOR
    )
    return bool(session.scalar(admins))
