"""Where people are reached by mail: watchers by their sign-in name or address, supervisors."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.permissions import PERMISSIONS
from core.errors import InvalidInputError
from core.language import DEFAULT_LANGUAGE, LANGUAGES, Language
from core.notify.kinds import addresses_in
from core.operators import roster
from core.store.models.access import PersonRow
from core.tickets import watchers as watching


@dataclass(frozen=True)
class Contact:
    """Somebody with an address: ``name`` is what they sign in with, or the address."""

    name: str
    address: str
    language: Language = DEFAULT_LANGUAGE


def watchers(session: Session, ticket_id: int) -> list[Contact]:
    """Those who watch a ticket and can be reached."""
    names = watching.of_ticket(session, ticket_id)
    known = {row.name: row for row in session.scalars(select(PersonRow).where(PersonRow.name.in_(names)))}
    found = []
    for name in names:
        person = known.get(name)
        if (person is None or person.disabled_at is None) and is_address(name):
            found.append(Contact(name, name, _language(person.language if person else "")))
    return found


def leads(session: Session) -> list[Contact]:
    """Those who may manage tickets and sign in with a mail address."""
    roles = PERMISSIONS["tickets.manage"]
    query = select(PersonRow).where(PersonRow.role.in_(roles), PersonRow.disabled_at.is_(None)).order_by(PersonRow.name)
    return [
        Contact(row.name, row.name, _language(row.language)) for row in session.scalars(query) if is_address(row.name)
    ]


def operator(session: Session, operator_id: int | None) -> list[Contact]:
    """The operator who has a ticket, when there is one who can be reached."""
    row = roster.find(session, operator_id)
    address = roster.reached_at(row) if row is not None else ""
    if row is None or not row.is_active or not is_address(address):
        return []
    return [Contact(row.person or address, address, _language(row.language))]


def operator_name(session: Session, operator_id: int | None) -> str:
    """What the operator who has a ticket is called."""
    row = roster.find(session, operator_id)
    return row.name if row is not None else ""


def is_address(text: str) -> bool:
    """Whether a text is one mail address."""
    try:
        return addresses_in(text) == [text]
    except InvalidInputError:
        return False


def _language(code: str) -> Language:
    return code if code in LANGUAGES else DEFAULT_LANGUAGE
