"""Operators: who tickets and visits may be given to. Every change is audited in its own transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from core.operators import skills
from core.operators.errors import PersonTakenError, RosterChangedError
from core.operators.vocabulary import (
    DATA_VERSION,
    LARGEST_CAPACITY,
    checked_email,
    checked_language,
    checked_name,
    checked_phone,
    checked_sites,
    checked_skills,
    one_line,
)
from core.store import audit, data_version
from core.store.models.operators import OperatorRow


@dataclass(frozen=True)
class OperatorForm:
    """An operator as somebody writes it. ``person`` is the name they sign in with; empty for who does not.

    Empty ``sites`` means all of them, ``capacity`` 0 no limit of open tickets.
    """

    name: str
    person: str = ""
    email: str = ""
    phone: str = ""
    language: str = "en"
    skills: Sequence[str] = ()
    sites: Sequence[str] = ()
    capacity: int = 0
    is_active: bool = True


def save(
    session: Session,
    form: OperatorForm,
    *,
    actor: str,
    at: datetime,
    operator_id: int | None = None,
    version: int | None = None,
) -> int:
    """Add an operator, or change the one of ``operator_id``; gives the number.

    Raises ``InvalidInputError``, ``NotFoundError``, ``PersonTakenError``, and ``RosterChangedError`` when ``version``
    is given and no longer stands.
    """
    data_version.bump(session, DATA_VERSION, at)
    values = _checked(form)
    taken = find_by_person(session, form.person) if values["person"] else None
    if taken is not None and taken.id != operator_id:
        raise PersonTakenError(what=values["person"], other=taken.name)
    row = OperatorRow(version=0, created_at=at) if operator_id is None else _locked(session, operator_id, version)
    for name, value in values.items():
        setattr(row, name, value)
    row.version, row.changed_at, row.changed_by = row.version + 1, at, actor[:200]
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise PersonTakenError(what=values["person"], other="?") from error
    skills.remember(session, row.skills, actor=actor, at=at)
    action = "operator.added" if operator_id is None else "operator.changed"
    audit.record(session, actor=actor, action=action, subject=row.name, detail={"operator": row.id, **values}, at=at)
    return row.id


def _checked(form: OperatorForm) -> dict[str, Any]:
    if not 0 <= form.capacity <= LARGEST_CAPACITY:
        raise InvalidInputError(field="capacity", problem=f"0-{LARGEST_CAPACITY}")
    return {
        "name": checked_name("name", form.name),
        "person": one_line("person", form.person, 200).lower() or None,
        "email": checked_email(form.email),
        "phone": checked_phone(form.phone),
        "language": checked_language(form.language),
        "skills": checked_skills(form.skills),
        "sites": checked_sites(form.sites),
        "capacity": form.capacity,
        "is_active": form.is_active,
    }


def form_of(row: OperatorRow) -> OperatorForm:
    """The form that an operator as kept would be written by."""
    kept = {name: getattr(row, name) for name in asdict(OperatorForm(name="-"))}
    return OperatorForm(**{**kept, "person": row.person or ""})


def one(session: Session, operator_id: int) -> OperatorRow:
    """An operator by number, retired ones too. Raises ``NotFoundError``."""
    row = session.get(OperatorRow, operator_id)
    if row is None:
        raise NotFoundError(what="operator")
    return row


def find(session: Session, operator_id: int | None) -> OperatorRow | None:
    """An operator by number, if there is one."""
    return None if operator_id is None else session.get(OperatorRow, operator_id)


def find_by_person(session: Session, person: str) -> OperatorRow | None:
    """The operator who signs in by that name, if there is one."""
    name = person.strip().lower()
    return session.scalar(select(OperatorRow).where(OperatorRow.person == name)) if name else None


def everybody(session: Session, *, with_retired: bool = False) -> list[OperatorRow]:
    """The operators, by name."""
    query = select(OperatorRow).order_by(OperatorRow.name, OperatorRow.id)
    return list(session.scalars(query if with_retired else query.where(OperatorRow.is_active.is_(True))))


def page(session: Session, *, after: tuple[str, int] | None = None, limit: int = 100) -> list[OperatorRow]:
    """Up to ``limit`` operators behind a name and number, by name, retired ones too."""
    query = select(OperatorRow).order_by(OperatorRow.name, OperatorRow.id).limit(limit)
    if after is not None:
        name, number = after
        query = query.where((OperatorRow.name > name) | ((OperatorRow.name == name) & (OperatorRow.id > number)))
    return list(session.scalars(query))


def names(session: Session) -> dict[int, str]:
    """What every operator is called, by number, retired ones too."""
    return {row.id: row.name for row in session.execute(select(OperatorRow.id, OperatorRow.name))}


def reached_at(row: OperatorRow) -> str:
    """The mail address of an operator: their own, else the name they sign in with when it is one, else nothing."""
    if row.email:
        return row.email
    return row.person if row.person and "@" in row.person else ""


def _locked(session: Session, operator_id: int, version: int | None) -> OperatorRow:
    row = session.get(OperatorRow, operator_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError(what="operator")
    if version is not None and row.version != version:
        raise RosterChangedError(what=row.name, who=row.changed_by, when=row.changed_at.isoformat())
    return row
