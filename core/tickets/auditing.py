"""A second look at escalation, by another way: what should have run and did not, and what does not follow any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store import outbox
from core.store.engine import Database
from core.store.models.outbox import NotificationChannel, OutboxMessage
from core.store.models.tickets import TicketEscalationRow, TicketRow
from core.tickets import timeline
from core.tickets.deadlines import Standing, standing
from core.tickets.vocabulary import public_id

LATE = timedelta(minutes=2)
"""A step that is due longer than this should have run."""

SLICES = 60
"""Every open ticket is replayed once in so many runs."""

MOST_NAMED = 10

UNTOLD = timedelta(minutes=5)
"""What is to be told of a ticket and has been waiting longer than this tells nobody; the sender runs twice a minute."""


@dataclass(frozen=True)
class Audit:
    """What was found: tickets whose due step is late, and of those replayed the ones repaired.

    ``broken`` are those whose history does not begin with a policy, so that nothing follows from it.
    """

    late: list[str]
    late_count: int
    replayed: int
    repaired: list[str]
    broken: list[str]


def audit(database: Database, now: datetime, *, slices: int = SLICES) -> Audit:
    """Look for late steps among all tickets, and replay the slice of open tickets whose turn it is.

    A step is looked for from the timeline, not from the plan: a plan that was lost is found when its ticket is
    replayed, and repaired. What is late is only told: the steps themselves are taken by the tick.
    """
    turn = int(now.timestamp() // 60) % slices
    late = _late(database, now)
    with database.read() as session:
        numbers = _open_slice(session, turn, slices)
        follows = {number: _follows(session, number) for number in numbers}
    repaired = [public_id(number) for number in numbers if follows[number] is False and _repair(database, number)]
    broken = [public_id(number) for number in numbers if follows[number] is None]
    return Audit(late[:MOST_NAMED], len(late), len(numbers), repaired, broken)


def untold(database: Database, now: datetime) -> list[str]:
    """Some tickets of which a message should have gone and did not: a step that ran and told nobody is as good as none.

    What goes to channels that are paused is meant to wait.
    """
    paused = select(NotificationChannel.id).where(NotificationChannel.is_paused)
    query = (
        select(OutboxMessage.subject_id)
        .where(
            OutboxMessage.state == outbox.QUEUED,
            OutboxMessage.not_before < now - UNTOLD,
            OutboxMessage.subject == "ticket",
            OutboxMessage.channel_id.is_(None) | OutboxMessage.channel_id.not_in(paused),
        )
        .distinct()
        .order_by(OutboxMessage.subject_id)
        .limit(MOST_NAMED)
    )
    with database.read() as session:
        return [public_id(ticket_id) for ticket_id in session.scalars(query)]


def _late(database: Database, now: datetime) -> list[str]:
    query = (
        select(TicketEscalationRow.ticket_id)
        .where(TicketEscalationRow.next_at < now - LATE)
        .order_by(TicketEscalationRow.next_at)
        .limit(1000)
    )
    with database.read() as session:
        return [public_id(ticket_id) for ticket_id in session.scalars(query)]


def _open_slice(session: Session, turn: int, slices: int) -> list[int]:
    query = select(TicketRow.id).where(TicketRow.is_open.is_(True), TicketRow.id % slices == turn)
    return list(session.scalars(query.order_by(TicketRow.id)))


def _repair(database: Database, number: int) -> bool:
    with database.write() as session:
        ticket = session.get(TicketRow, number, with_for_update=True)
        # Looked at again under the row's lock: somebody may have changed the ticket in between.
        if ticket is None or _follows(session, number) is not False:
            return False
        timeline.settle(session, ticket)
        return True


def _follows(session: Session, number: int) -> bool | None:
    """Whether what is stored follows from the timeline; ``None`` when nothing follows from it at all."""
    ticket = session.get(TicketRow, number, populate_existing=True)
    way = session.get(TicketEscalationRow, number, populate_existing=True)
    if ticket is None:
        return True
    try:
        stands = standing(timeline.history(session, [number])[number])
    except ValueError:
        return None
    return way is not None and _is_kept(ticket, way, stands)


def _is_kept(ticket: TicketRow, way: TicketEscalationRow, stands: Standing) -> bool:
    derived = timeline.columns(stands)
    if any(getattr(ticket, name) != value for name, value in derived.items()):
        return False
    return (way.generation, way.next_step, way.next_at) == (stands.generation, stands.next_step, stands.next_at)
