"""One-time links by which people set their own password, so that nobody else ever knows it.

A link is signed (``Vault``), names a random token of which the database keeps the hash, lasts three days and works
once. A newer link, a revocation, another role, a password given otherwise and a closed account end it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from core.access import passwords
from core.access.errors import PasswordLinkClosedError
from core.access.people import Person, person_from
from core.access.revoking import close_links, end_sessions
from core.access.sessions import Origin, open_session
from core.access.tokens import hash_of, new_token
from core.clock import Clock
from core.errors import NotFoundError
from core.services import Services
from core.store import audit
from core.store.encryption import LinkExpiredError, LinkInvalidError, Vault
from core.store.engine import Database
from core.store.models.access import PasswordLinkRow, PersonRow

VALID = timedelta(days=3)
PATH = "/set-password"
_PURPOSE = "set password"


@dataclass(frozen=True)
class PasswordLink:
    """A fresh link, whole: ``address`` is given this once and stands nowhere else. ``expires_at`` is aware UTC."""

    address: str
    expires_at: datetime


def make(services: Services, person_id: int, *, actor: str) -> PasswordLink:
    """A new link for an open account; former ones end. Raises ``NotFoundError``."""
    token, now = new_token(), services.clock.now()
    with services.database.write() as session:
        person = _open_account(session, person_id)
        close_links(session, person_id, now)
        session.add(
            PasswordLinkRow(
                token_hash=hash_of(token),
                person_id=person_id,
                created_at=now,
                created_by=actor,
                expires_at=now + VALID,
            )
        )
        audit.record(session, actor=actor, action="person.link_made", subject=person.name, at=now)
    signed = Vault(services.settings, services.clock).sign({"token": token}, purpose=_PURPOSE, max_age=VALID)
    return PasswordLink(f"{services.settings.base_url.rstrip('/')}{PATH}?token={signed}", now + VALID)


def revoke(database: Database, clock: Clock, person_id: int, *, actor: str) -> None:
    """End the open link of a person; nothing happens when there is none."""
    now = clock.now()
    with database.write() as session:
        row = session.scalar(_open_links(now).where(PasswordLinkRow.person_id == person_id))
        if row is None:
            return
        close_links(session, person_id, now)
        person = session.get_one(PersonRow, person_id)
        audit.record(session, actor=actor, action="person.link_revoked", subject=person.name, at=now)


def open_until(database: Database, clock: Clock) -> dict[int, datetime]:
    """The people who have an open link, and when it ends (aware UTC)."""
    with database.read() as session:
        return {row.person_id: row.expires_at for row in session.scalars(_open_links(clock.now()))}


def holder(services: Services, signed: str) -> Person:
    """Whose password a link sets now. Raises ``PasswordLinkClosedError``."""
    token = _token(services, signed)
    with services.database.read() as session:
        return person_from(_person_behind(session, token, services.clock.now()))


def use(services: Services, signed: str, password: str, origin: Origin) -> str:
    """Set the password, end the link and all sessions, sign in; gives the session token.

    Raises ``PasswordLinkClosedError`` and, leaving the link open, ``WeakPasswordError``.
    """
    password_hash = passwords.hash_password(password, holder(services, signed).name)
    token, now = _token(services, signed), services.clock.now()
    with services.database.write() as session:
        person = _person_behind(session, token, now, lock=True)
        person.password_hash = password_hash
        close_links(session, person.id, now)
        end_sessions(session, person.id, now)
        audit.record(
            session, actor=person.name, action="person.password_set", subject=person.name, detail={"by": "link"}, at=now
        )
        return open_session(session, now, person.id, origin)


def forget_closed(session: Session, before: datetime) -> int:
    """Remove links that ended before that instant; gives how many."""
    ended = delete(PasswordLinkRow).where(PasswordLinkRow.expires_at < before).returning(PasswordLinkRow.id)
    return len(session.scalars(ended).all())


def _open_links(now: datetime) -> Select[PasswordLinkRow]:
    return select(PasswordLinkRow).where(PasswordLinkRow.closed_at.is_(None), PasswordLinkRow.expires_at > now)


def _open_account(session: Session, person_id: int) -> PersonRow:
    person = session.get(PersonRow, person_id, with_for_update=True)
    if person is None or person.disabled_at is not None:
        raise NotFoundError(what="person")
    return person


def _token(services: Services, signed: str) -> str:
    try:
        return str(Vault(services.settings, services.clock).open_signed(signed, purpose=_PURPOSE)["token"])
    except (LinkInvalidError, LinkExpiredError) as error:
        raise PasswordLinkClosedError from error


def _person_behind(session: Session, token: str, now: datetime, *, lock: bool = False) -> PersonRow:
    query = _open_links(now).where(PasswordLinkRow.token_hash == hash_of(token))
    link = session.scalar(query.with_for_update() if lock else query)
    person = session.get(PersonRow, link.person_id) if link else None
    if person is None or person.disabled_at is not None:
        raise PasswordLinkClosedError
    return person
