"""Who is told of a ticket beside the operator who has it."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.store.models.tickets import TicketWatcherRow
from core.tickets.vocabulary import plain

MOST_WATCHERS = 50
LONGEST = 200


def checked(person: str) -> str:
    """The name of somebody: what they sign in with, or a mail address. Raises ``InvalidInputError``."""
    name = plain(person, LONGEST + 1).lower()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise InvalidInputError(field="watcher", problem=f"1-{LONGEST} characters")
    return name


def add(session: Session, ticket_id: int, person: str, *, at: datetime) -> bool:
    """Tell somebody of a ticket from now on; gives whether they were not told before."""
    name, known = checked(person), of_ticket(session, ticket_id)
    if name in known:
        return False
    if len(known) >= MOST_WATCHERS:
        raise InvalidInputError(field="watchers", problem=f"<= {MOST_WATCHERS}")
    session.add(TicketWatcherRow(ticket_id=ticket_id, person=name, added_at=at))
    session.flush()
    return True


def remove(session: Session, ticket_id: int, person: str) -> bool:
    """Tell somebody no more; gives whether they were told."""
    found = session.execute(
        delete(TicketWatcherRow)
        .where(TicketWatcherRow.ticket_id == ticket_id, TicketWatcherRow.person == person.strip().lower())
        .returning(TicketWatcherRow.id)
    )
    return found.first() is not None


def of_ticket(session: Session, ticket_id: int) -> list[str]:
    """Who is told of a ticket, by name."""
    query = select(TicketWatcherRow.person).where(TicketWatcherRow.ticket_id == ticket_id)
    return list(session.scalars(query.order_by(TicketWatcherRow.person)))


def move(session: Session, source_id: int, target_id: int) -> None:
    """Let those who are told of one ticket be told of another."""
    known = set(of_ticket(session, target_id))
    for row in session.scalars(select(TicketWatcherRow).where(TicketWatcherRow.ticket_id == source_id)):
        if row.person in known:
            session.delete(row)
        else:
            row.ticket_id = target_id
    session.flush()
