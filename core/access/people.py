"""The people who may use the product: adding, roles, passwords, language, closing accounts.

Every change is audited in its own transaction. Closing an account, changing its role or its password ends its
sessions and the link that sets its password. The last active administrator can be neither closed nor demoted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from zoneinfo import available_timezones

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.access import passwords
from core.access.errors import LastAdminError, PersonExistsError
from core.access.permissions import Role, allowed, is_role
from core.access.revoking import close_links, end_sessions
from core.clock import Clock
from core.errors import InvalidInputError, NotFoundError
from core.language import LANGUAGES, Language
from core.store import audit
from core.store.engine import Database
from core.store.models.access import PersonRow

_LONGEST_NAME = 200


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in. ``time_zone`` is an IANA name, or empty for the browser's own."""

    id: int
    name: str
    display_name: str
    role: Role
    language: Language
    time_zone: str
    disabled: bool
    has_password: bool
    created_at: datetime
    last_sign_in_at: datetime | None

    def may(self, permission: str) -> bool:
        """Whether this person's role holds ``permission`` and the account is open."""
        return not self.disabled and allowed(self.role, permission)


@dataclass(frozen=True)
class NewPerson:
    """What is needed to add somebody; without a password they sign in by OIDC, or set one by a link."""

    name: str
    display_name: str
    role: str
    password: str | None = None
    language: str = "en"
    time_zone: str = ""


def person_from(row: PersonRow) -> Person:
    """The person a row describes."""
    return Person(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        role=cast(Role, row.role),
        language=cast(Language, row.language),
        time_zone=row.time_zone,
        disabled=row.disabled_at is not None,
        has_password=row.password_hash is not None,
        created_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
    )


def add(database: Database, clock: Clock, new: NewPerson, *, actor: str) -> Person:
    """Add a person. Raises ``InvalidInputError``, ``WeakPasswordError``, ``PersonExistsError``."""
    row = new_row(new, actor=actor, at=clock.now())
    try:
        with database.write() as session:
            insert(session, row, actor=actor, at=clock.now())
    except IntegrityError as error:
        raise PersonExistsError(what="person", name=row.name) from error
    return person_from(row)


def new_row(new: NewPerson, *, actor: str, at: datetime) -> PersonRow:
    """The checked row of a new person, password hashed; not yet in the database."""
    name = checked_name(new.name)
    return PersonRow(
        name=name,
        display_name=_checked_text(new.display_name, "display_name"),
        role=_checked_role(new.role),
        password_hash=passwords.hash_password(new.password, name) if new.password is not None else None,
        language=_checked_language(new.language),
        time_zone=_checked_time_zone(new.time_zone),
        created_at=at,
        created_by=actor,
    )


def insert(session: Session, row: PersonRow, *, actor: str, at: datetime) -> None:
    """Write a new person and its audit entry in the caller's transaction."""
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="person.added", subject=row.name, detail={"role": row.role}, at=at)


def get(database: Database, person_id: int) -> Person:
    """One person. Raises ``NotFoundError``."""
    with database.read() as session:
        return person_from(_row(session, person_id))


def find(database: Database, name: str) -> Person | None:
    """The person who signs in as ``name``, letter case aside."""
    with database.read() as session:
        row = session.scalar(select(PersonRow).where(PersonRow.name == name.strip().lower()))
        return person_from(row) if row else None


def everybody(database: Database) -> list[Person]:
    """All people, by name, closed accounts included."""
    with database.read() as session:
        return [person_from(row) for row in session.scalars(select(PersonRow).order_by(PersonRow.name))]


def called(session: Session) -> dict[str, str]:
    """What everybody is called, by the name they sign in with, closed accounts included."""
    query = select(PersonRow.name, PersonRow.display_name)
    return {name: display_name for name, display_name in session.execute(query) if display_name}


def page(database: Database, *, after: str = "", limit: int = 100) -> list[Person]:
    """Up to ``limit`` people whose names follow ``after``, by name."""
    query = select(PersonRow).where(PersonRow.name > after).order_by(PersonRow.name).limit(limit)
    with database.read() as session:
        return [person_from(row) for row in session.scalars(query)]


def change_role(database: Database, clock: Clock, person_id: int, role: str, *, actor: str) -> Person:
    """Give a person another role and end their sessions. Raises ``LastAdminError``."""
    role = _checked_role(role)
    with database.write() as session:
        row = _row(session, person_id, lock=True)
        if row.role == role:
            return person_from(row)
        _keep_an_admin(session, row)
        detail = {"from": row.role, "to": role}
        row.role = role
        _let_in_anew(session, row.id, clock.now())
        audit.record(
            session, actor=actor, action="person.role_changed", subject=row.name, detail=detail, at=clock.now()
        )
        return person_from(row)


def disable(database: Database, clock: Clock, person_id: int, *, actor: str) -> Person:
    """Close an account: its sessions end, its keys stop working. Raises ``LastAdminError``."""
    with database.write() as session:
        row = _row(session, person_id, lock=True)
        if row.disabled_at is not None:
            return person_from(row)
        _keep_an_admin(session, row)
        row.disabled_at = clock.now()
        _let_in_anew(session, row.id, clock.now())
        audit.record(session, actor=actor, action="person.disabled", subject=row.name, at=clock.now())
        return person_from(row)


def enable(database: Database, clock: Clock, person_id: int, *, actor: str) -> Person:
    """Open a closed account again."""
    with database.write() as session:
        row = _row(session, person_id, lock=True)
        row.disabled_at = None
        audit.record(session, actor=actor, action="person.enabled", subject=row.name, at=clock.now())
        return person_from(row)


def set_password(database: Database, clock: Clock, person_id: int, password: str, *, actor: str) -> Person:
    """Give a person a new password and end all their sessions. Raises ``WeakPasswordError``."""
    password_hash = passwords.hash_password(password, get(database, person_id).name)
    with database.write() as session:
        row = _row(session, person_id, lock=True)
        row.password_hash = password_hash
        _let_in_anew(session, row.id, clock.now())
        audit.record(session, actor=actor, action="person.password_set", subject=row.name, at=clock.now())
        return person_from(row)


def set_preferences(
    database: Database, clock: Clock, person_id: int, *, language: str, time_zone: str, actor: str
) -> Person:
    """Choose a person's language and time zone (IANA name, empty = the browser's)."""
    with database.write() as session:
        row = _row(session, person_id, lock=True)
        row.language = _checked_language(language)
        row.time_zone = _checked_time_zone(time_zone)
        detail = {"language": row.language, "time_zone": row.time_zone}
        audit.record(session, actor=actor, action="person.preferences", subject=row.name, detail=detail, at=clock.now())
        return person_from(row)


def has_active_admin(session: Session, *, besides: int | None = None) -> bool:
    """Whether an open administrator account exists, leaving out the person ``besides``."""
    query = select(func.count()).where(PersonRow.role == "admin", PersonRow.disabled_at.is_(None))
    if besides is not None:
        query = query.where(PersonRow.id != besides)
    return bool(session.scalar(query))


def checked_name(name: str) -> str:
    """A sign-in name in the form it is stored in. Raises ``InvalidInputError``."""
    name = _checked_text(name, "name").lower()
    if any(character.isspace() for character in name):
        raise InvalidInputError(field="name", problem="spaces")
    return name


def _row(session: Session, person_id: int, *, lock: bool = False) -> PersonRow:
    row = session.get(PersonRow, person_id, with_for_update=lock)
    if row is None:
        raise NotFoundError(what="person")
    return row


def _let_in_anew(session: Session, person_id: int, at: datetime) -> None:
    end_sessions(session, person_id, at)
    close_links(session, person_id, at)


def _keep_an_admin(session: Session, row: PersonRow) -> None:
    # Locking every administrator makes two demotions at once wait for each other.
    session.scalars(select(PersonRow.id).where(PersonRow.role == "admin").with_for_update()).all()
    losing_one = row.role == "admin" and row.disabled_at is None
    if losing_one and not has_active_admin(session, besides=row.id):
        raise LastAdminError(what=row.name)


def _checked_text(value: str, field: str) -> str:
    value = value.strip()
    if not value or len(value) > _LONGEST_NAME or not value.isprintable():
        raise InvalidInputError(field=field, problem=f"1..{_LONGEST_NAME}")
    return value


def _checked_role(role: str) -> Role:
    if not is_role(role):
        raise InvalidInputError(field="role", problem=role[:40])
    return cast(Role, role)


def _checked_language(language: str) -> Language:
    if language not in LANGUAGES:
        raise InvalidInputError(field="language", problem=language[:40])
    return language


def _checked_time_zone(name: str) -> str:
    if name and name not in available_timezones():
        raise InvalidInputError(field="time_zone", problem=name[:60])
    return name
