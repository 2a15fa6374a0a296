"""What happened to a ticket, in order: one row for each change, and the columns that follow from all of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, or_, select
from sqlalchemy.orm import Session

from core.store.models.tickets import TicketEscalationRow, TicketRow, TicketTimelineRow
from core.store.timeline import LONGEST_REASON as LONGEST_REASON
from core.store.timeline import Deed, newest, row_of
from core.tickets.deadlines import ESCALATED, Happening, Standing, standing

LONGEST_COMMENT = 4000
MOST_ROWS = 500
COUNTED = ("created", "prioritised", "edited", ESCALATED)
"""Actions that may move a clock without changing the state."""
OF_VISITS = ("visit_scheduled", "visit_moved", "visit_cancelled", "visit_done", "visit_missed")
UNVERSIONED = ("commented", "linked", "unlinked", "watched", "unwatched", *OF_VISITS)
"""Actions that stand beside the work of others and keep a ticket's version."""


def write(session: Session, ticket: TicketRow, deed: Deed) -> None:
    """Append a deed; the ticket's present state is where it led."""
    session.add(TicketTimelineRow(**kept(ticket, deed)))


def write_all(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Append what ``kept`` gave for several deeds, at once."""
    if rows:
        session.execute(insert(TicketTimelineRow), rows)


def kept(ticket: TicketRow, deed: Deed) -> dict[str, Any]:
    """A deed as the timeline keeps it."""
    return {"ticket_id": ticket.id, "comment": deed.comment[:LONGEST_COMMENT], **row_of(deed, ticket.state)}


def entries(
    session: Session, ticket_id: int, limit: int = MOST_ROWS, before: int | None = None
) -> list[TicketTimelineRow]:
    """The newest rows of a ticket, newest first; ``before`` a row's id gives older ones."""
    return newest(session, TicketTimelineRow, TicketTimelineRow.ticket_id == ticket_id, limit, before)


def last_change(session: Session, ticket_id: int) -> TicketTimelineRow | None:
    """The newest deed that made the ticket's version grow: what somebody who was slower has to know of."""
    versions = and_(TicketTimelineRow.ticket_id == ticket_id, TicketTimelineRow.action.not_in(UNVERSIONED))
    return next(iter(newest(session, TicketTimelineRow, versions, 1)), None)


def history(session: Session, ticket_ids: Sequence[int]) -> dict[int, list[Happening]]:
    """What moved the clocks of some tickets, oldest first, by ticket."""
    found: dict[int, list[Happening]] = {ticket_id: [] for ticket_id in ticket_ids}
    query = select(
        TicketTimelineRow.ticket_id,
        TicketTimelineRow.at,
        TicketTimelineRow.action,
        TicketTimelineRow.from_state,
        TicketTimelineRow.to_state,
        TicketTimelineRow.detail,
    ).where(TicketTimelineRow.ticket_id.in_(ticket_ids), _moves_clocks())
    for ticket_id, *values in session.execute(query.order_by(TicketTimelineRow.id)):
        found[ticket_id].append(Happening(*values))
    return found


def _moves_clocks() -> ColumnElement[bool]:
    return or_(TicketTimelineRow.action.in_(COUNTED), TicketTimelineRow.from_state != TicketTimelineRow.to_state)


def settle(session: Session, ticket: TicketRow) -> Standing:
    """Bring what follows from the timeline in line with it, in the caller's transaction; gives where clocks stand."""
    session.flush()
    stands = standing(history(session, [ticket.id])[ticket.id])
    store(session, ticket, stands)
    return stands


def columns(stands: Standing) -> dict[str, Any]:
    """The derived columns of a ticket's row."""
    return {
        "owned_at": stands.owned_at,
        "resolved_at": stands.resolved_at,
        "own_due_at": stands.own_due_at,
        "resolve_due_at": stands.resolve_due_at,
        "own_left_seconds": None if stands.own_left is None else int(stands.own_left.total_seconds()),
        "resolve_left_seconds": None if stands.resolve_left is None else int(stands.resolve_left.total_seconds()),
        "due_at": stands.due_at,
    }


def store(session: Session, ticket: TicketRow, stands: Standing) -> None:
    """Write where clocks stand into the ticket's row and its escalation."""
    for name, value in columns(stands).items():
        if getattr(ticket, name) != value:
            setattr(ticket, name, value)
    way = session.get(TicketEscalationRow, ticket.id)
    if way is None:
        way = TicketEscalationRow(ticket_id=ticket.id)
        session.add(way)
    if (way.generation, way.next_step) != (stands.generation, stands.next_step):
        way.held_until, way.failures = None, 0
    policy = stands.policy.to_json()
    if way.policy != policy:
        way.policy = policy
    way.generation = stands.generation
    way.next_step, way.next_at = stands.next_step, stands.next_at
