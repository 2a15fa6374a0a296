"""A second look at escalation, by another way: what should have run and did not, and what does not follow any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.engine import Database
from core.store.models.tickets import TicketEscalationRow, TicketRow
from core.tickets import timeline
from core.tickets.deadlines import Standing, standing
from core.tickets.vocabulary import public_id

LATE = timedelta(minutes=2)
"""A step that is due longer than this should have run."""

SLICES = 60
"""Every open ticket is replayed once in so many runs."""

MOST_NAMED = 10


@dataclass(frozen=True)
class Audit:
    """What was found: tickets whose due step is late, and how many replayed ones did not hold what follows."""

    late: list[str]
    late_count: int
    replayed: int
    repaired: list[str]


def audit(database: Database, now: datetime, *, slices: int = SLICES) -> Audit:
    """Look for late steps among all tickets, and replay the slice of open tickets whose turn it is.

    A step is looked for from the timeline, not from the plan: a plan that was lost is found when its ticket is
    replayed, and repaired. What is late is only told: the steps themselves are taken by the tick.
    """
    turn = int(now.timestamp() // 60) % slices
    late = _late(database, now)
    repaired, replayed = _replay(database, turn, slices)
    return Audit(late[:MOST_NAMED], len(late), replayed, repaired)


def _late(database: Database, now: datetime) -> list[str]:
    query = (
        select(TicketEscalationRow.ticket_id)
        .where(TicketEscalationRow.next_at < now - LATE)
        .order_by(TicketEscalationRow.next_at)
        .limit(1000)
    )
    with database.read() as session:
        return [public_id(ticket_id) for ticket_id in session.scalars(query)]


def _replay(database: Database, turn: int, slices: int) -> tuple[list[str], int]:
    query = (
        select(TicketRow.id).where(TicketRow.is_open.is_(True), TicketRow.id % slices == turn).order_by(TicketRow.id)
    )
    with database.read() as session:
        numbers = list(session.scalars(query))
        astray = [number for number in numbers if not _follows(session, number)]
    repaired = []
    for number in astray:
        with database.write() as session:
            ticket = session.get(TicketRow, number, with_for_update=True)
            # Looked at again under the row's lock: somebody may have changed the ticket in between.
            if ticket is not None and not _follows(session, number):
                timeline.settle(session, ticket)
                repaired.append(public_id(number))
    return repaired, len(numbers)


def _follows(session: Session, number: int) -> bool:
    ticket = session.get(TicketRow, number, populate_existing=True)
    way = session.get(TicketEscalationRow, number, populate_existing=True)
    if ticket is None:
        return True
    stands = standing(timeline.history(session, [number])[number])
    return way is not None and _is_kept(ticket, way, stands)


def _is_kept(ticket: TicketRow, way: TicketEscalationRow, stands: Standing) -> bool:
    derived = timeline.columns(stands)
    if any(getattr(ticket, name) != value for name, value in derived.items()):
        return False
    return (way.generation, way.next_step, way.next_at) == (stands.generation, stands.next_step, stands.next_at)
