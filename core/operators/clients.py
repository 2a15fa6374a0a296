"""Clients: whom tickets and visits are for. Every change is audited in its own transaction."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from core.operators.errors import ClientExistsError, RosterChangedError
from core.operators.vocabulary import (
    DATA_VERSION,
    LONGEST_NAME,
    LONGEST_NOTES,
    PRIORITY_CLASSES,
    checked_email,
    checked_language,
    checked_name,
    checked_phone,
    one_line,
    one_of,
)
from core.store import audit, data_version
from core.store.models.operators import ClientRow

PRIORITY_BY_CLASS = {"standard": "medium", "preferred": "medium", "key": "high"}
"""The priority a form offers for a new ticket of a client of that class."""


@dataclass(frozen=True)
class ClientForm:
    """A client as somebody writes it; ``contact`` is the person there, ``site`` the site that serves them."""

    name: str
    contact: str = ""
    email: str = ""
    phone: str = ""
    site: str = ""
    language: str = "en"
    priority_class: str = "standard"
    notes: str = ""
    is_active: bool = True


def save(
    session: Session,
    form: ClientForm,
    *,
    actor: str,
    at: datetime,
    client_id: int | None = None,
    version: int | None = None,
) -> int:
    """Add a client, or change the one of ``client_id``; gives the number.

    Raises ``InvalidInputError``, ``NotFoundError``, ``ClientExistsError``, and ``RosterChangedError`` when ``version``
    is given and no longer stands.
    """
    data_version.bump(session, DATA_VERSION, at)
    values = _checked(form)
    same = session.scalar(select(ClientRow.id).where(ClientRow.name == values["name"]))
    if same is not None and same != client_id:
        raise ClientExistsError(what=values["name"])
    row = ClientRow(version=0, created_at=at) if client_id is None else _locked(session, client_id, version)
    for name, value in values.items():
        setattr(row, name, value)
    row.version, row.changed_at, row.changed_by = row.version + 1, at, actor[:200]
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise ClientExistsError(what=values["name"]) from error
    action = "client.added" if client_id is None else "client.changed"
    audit.record(session, actor=actor, action=action, subject=row.name, detail={"client": row.id, **values}, at=at)
    return row.id


def _checked(form: ClientForm) -> dict[str, Any]:
    notes = form.notes.strip()
    if len(notes) > LONGEST_NOTES:
        raise InvalidInputError(field="notes", problem=f"0-{LONGEST_NOTES}")
    return {
        "name": checked_name("name", form.name),
        "contact": one_line("contact", form.contact, LONGEST_NAME),
        "email": checked_email(form.email),
        "phone": checked_phone(form.phone),
        "site": one_line("site", form.site, LONGEST_NAME),
        "language": checked_language(form.language),
        "priority_class": one_of("priority_class", form.priority_class, PRIORITY_CLASSES),
        "notes": notes,
        "is_active": form.is_active,
    }


def form_of(row: ClientRow) -> ClientForm:
    """The form that a client as kept would be written by."""
    return ClientForm(**{name: getattr(row, name) for name in asdict(ClientForm(name="-"))})


def one(session: Session, client_id: int) -> ClientRow:
    """A client by number, former ones too. Raises ``NotFoundError``."""
    row = session.get(ClientRow, client_id)
    if row is None:
        raise NotFoundError(what="client")
    return row


def find(session: Session, client_id: int | None) -> ClientRow | None:
    """A client by number, if there is one."""
    return None if client_id is None else session.get(ClientRow, client_id)


def everybody(session: Session, *, with_former: bool = False) -> list[ClientRow]:
    """The clients, by name."""
    query = select(ClientRow).order_by(ClientRow.name)
    return list(session.scalars(query if with_former else query.where(ClientRow.is_active.is_(True))))


def page(session: Session, *, after: str = "", limit: int = 100) -> list[ClientRow]:
    """Up to ``limit`` clients whose names follow ``after``, by name, former ones too."""
    return list(session.scalars(select(ClientRow).where(ClientRow.name > after).order_by(ClientRow.name).limit(limit)))


def names(session: Session) -> dict[int, str]:
    """What every client is called, by number, former ones too."""
    return {row.id: row.name for row in session.execute(select(ClientRow.id, ClientRow.name))}


def _locked(session: Session, client_id: int, version: int | None) -> ClientRow:
    row = session.get(ClientRow, client_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError(what="client")
    if version is not None and row.version != version:
        raise RosterChangedError(what=row.name, who=row.changed_by, when=row.changed_at.isoformat())
    return row
