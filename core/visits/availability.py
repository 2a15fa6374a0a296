"""Who can make visits and for whom, as a visit needs them, and what is awkward about an operator's hour."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.operators import clients as client_book
from core.operators import presence, roster
from core.store.models.operators import ClientRow, OperatorRow
from core.store.models.visits import VisitRow
from core.visits.orders import Guest
from core.visits.vocabulary import NO_CLIENT_MAIL, NO_OPERATOR_MAIL, RETIRED, SCHEDULED


@dataclass(frozen=True)
class Host:
    """An operator as a visit needs them."""

    id: int
    name: str
    email: str = ""
    language: str = ""


def hosts(session: Session) -> list[Host]:
    """Every operator who can be given visits, by name."""
    return [_host(row) for row in roster.everybody(session)]


def host(session: Session, operator_id: int) -> Host:
    """One operator who can be given visits. Raises ``NotFoundError``, also for who is retired."""
    row = roster.one(session, operator_id)
    if not row.is_active:
        raise NotFoundError(what="operator")
    return _host(row)


def own_number(session: Session, person: str) -> int | None:
    """The operator that somebody who signs in is; ``None`` for who is none."""
    row = roster.find_by_person(session, person)
    return row.id if row else None


def _host(row: OperatorRow) -> Host:
    return Host(row.id, row.name, roster.reached_at(row), row.language)


def engaged(session: Session, starts_at: datetime, ends_at: datetime) -> set[int]:
    """The operators who have a visit that touches a span (aware), by number."""
    query = select(VisitRow.operator_id).where(
        VisitRow.state == SCHEDULED, VisitRow.starts_at < ends_at, VisitRow.ends_at > starts_at
    )
    return set(session.scalars(query))


def clients(session: Session) -> list[Guest]:
    """Every client there is to visit, by name."""
    return [_guest(row) for row in client_book.everybody(session)]


def client(session: Session, client_id: int) -> Guest:
    """One client. Raises ``NotFoundError``."""
    return _guest(client_book.one(session, client_id))


def _guest(row: ClientRow) -> Guest:
    return Guest(row.name, row.email, row.language, row.id, row.site)


def shift_concerns(session: Session, operator_id: int, starts_at: datetime, ends_at: datetime) -> list[str]:
    """What speaks against an operator's visit at that time: ``outside_shift``, ``absent``."""
    return presence.concerns(session, operator_id, starts_at, ends_at)


def concerns(session: Session, visit: VisitRow) -> list[str]:
    """Everything that is awkward about a visit as it stands."""
    host = roster.find(session, visit.operator_id)
    found = [RETIRED] if host is None or not host.is_active else []
    found += shift_concerns(session, visit.operator_id, visit.starts_at, visit.ends_at)
    if not visit.client_email:
        found.append(NO_CLIENT_MAIL)
    if not visit.operator_email:
        found.append(NO_OPERATOR_MAIL)
    return found


def concerns_now(session: Session, visit: VisitRow, at: datetime) -> list[str]:
    """What is awkward about a visit at an instant (aware): shifts, absences and crews change after it was scheduled.

    Of a visit that began or has ended it is what was known of it last.
    """
    is_ahead = visit.state == SCHEDULED and visit.starts_at > at
    return concerns(session, visit) if is_ahead else visit.concerns
