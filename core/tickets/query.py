"""Questions to the tickets: a page of a list, one with all that belongs to it, the board."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from core.errors import NotFoundError
from core.store.keyset import KeysetPage, Order, SortKey, read_page
from core.store.models.tickets import (
    TicketEscalationRow,
    TicketLinkRow,
    TicketPredictionRow,
    TicketRow,
    TicketTimelineRow,
)
from core.tickets import links, timeline, watchers
from core.tickets.figures import TicketStats, stats
from core.tickets.filters import Reader, TicketFilter
from core.tickets.vocabulary import LARGEST_NUMBER, OPEN_STATES, number_of

__all__ = ["Reader", "TicketFilter", "TicketStats", "stats"]

COUNTED_TO = 10_000
"""A list longer than this is told as "more than"."""

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_DUE = func.coalesce(TicketRow.due_at, _NEVER, type_=TicketRow.due_at.type)


TicketPage = KeysetPage[TicketRow]

_BY_DUE = SortKey[TicketRow](_DUE, "instant", lambda row: row.due_at or _NEVER, ascends=True)
_BY_PRIORITY = SortKey[TicketRow](TicketRow.priority_rank, "number", lambda row: row.priority_rank)
_BY_CREATION = SortKey[TicketRow](TicketRow.created_at, "instant", lambda row: row.created_at)
_BY_CHANGE = SortKey[TicketRow](TicketRow.changed_at, "instant", lambda row: row.changed_at)
_OLDER_FIRST = SortKey[TicketRow](TicketRow.id, "number", lambda row: row.id, ascends=True)
_NEWER_FIRST = SortKey[TicketRow](TicketRow.id, "number", lambda row: row.id)
_ORDERS = {
    order.name: order
    for order in (
        Order("due", (_BY_DUE, _OLDER_FIRST)),
        Order("priority", (_BY_PRIORITY, _BY_DUE, _OLDER_FIRST)),
        Order("newest", (_BY_CREATION, _NEWER_FIRST)),
        Order("changed", (_BY_CHANGE, _NEWER_FIRST)),
    )
}


def page(
    session: Session,
    filter: TicketFilter,
    reader: Reader,
    *,
    cursor: str | None = None,
    limit: int = 100,
) -> TicketPage:
    """The tickets of a filter beyond ``cursor``, at most ``limit``, in its order; descriptions are not read.

    Raises ``InvalidInputError`` for a cursor not of ours.
    """
    query = select(TicketRow).options(defer(TicketRow.description)).where(*filter.where(reader))
    return read_page(session, query, _ORDERS[filter.sort], cursor=cursor, limit=limit)


def count(session: Session, filter: TicketFilter, reader: Reader) -> int:
    """How many tickets the filter shows, counted up to ``COUNTED_TO`` + 1."""
    some = select(TicketRow.id).where(*filter.where(reader)).limit(COUNTED_TO + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def one(session: Session, reference: str | int) -> TicketRow:
    """A ticket by its number or ``T-`` with it; a merged one as it is. Raises ``NotFoundError``."""
    number = number_of(reference)
    found = session.get(TicketRow, number) if number is not None and number <= LARGEST_NUMBER else None
    if found is None:
        raise NotFoundError(what=f"ticket {reference}"[:40])
    return found


@dataclass(frozen=True)
class Whole:
    """A ticket and all that belongs to it: what happened newest first, and where its escalation stands."""

    ticket: TicketRow
    timeline: list[TicketTimelineRow]
    links: list[TicketLinkRow]
    watchers: list[str]
    escalation: TicketEscalationRow | None
    prediction: TicketPredictionRow | None
    merged: list[int] = field(default_factory=list)


def whole(session: Session, reference: str | int, *, most_rows: int = timeline.MOST_ROWS) -> Whole:
    """One ticket with its timeline, links, watchers, escalation and prediction. Raises ``NotFoundError``."""
    ticket = one(session, reference)
    return Whole(
        ticket=ticket,
        timeline=timeline.entries(session, ticket.id, most_rows),
        links=links.of_ticket(session, ticket.id),
        watchers=watchers.of_ticket(session, ticket.id),
        escalation=session.get(TicketEscalationRow, ticket.id),
        prediction=session.get(TicketPredictionRow, ticket.id) if ticket.is_open else None,
        merged=list(
            session.scalars(
                select(TicketRow.id).where(TicketRow.merged_into_id == ticket.id).order_by(TicketRow.id).limit(100)
            )
        ),
    )


@dataclass(frozen=True)
class Column:
    """A column of the board: how many tickets the state holds, and the first of them in the filter's order."""

    state: str
    total: int
    rows: list[TicketRow]


def board(session: Session, filter: TicketFilter, reader: Reader, *, limit: int = 50) -> list[Column]:
    """The tickets of a filter by state: the states it asks for, else the open ones."""
    asked = filter.where(reader)
    states = filter.states or OPEN_STATES
    counted = select(TicketRow.state, func.count()).where(*asked).group_by(TicketRow.state)
    totals = {row[0]: row[1] for row in session.execute(counted)}
    order = _ORDERS[filter.sort].columns()
    made = []
    for state in states:
        query = select(TicketRow).options(defer(TicketRow.description)).where(*asked, TicketRow.state == state)
        rows = list(session.scalars(query.order_by(*order).limit(limit))) if totals.get(state) else []
        made.append(Column(state, totals.get(state, 0), rows))
    return made


def predictions(session: Session, ticket_ids: Sequence[int]) -> dict[int, TicketPredictionRow]:
    """How likely some tickets miss their deadline, by number; without those nothing is known of."""
    query = select(TicketPredictionRow).where(TicketPredictionRow.ticket_id.in_(ticket_ids))
    return {row.ticket_id: row for row in session.scalars(query)}


def choices(session: Session) -> dict[str, list[str]]:
    """The sites tickets have, for a filter's widgets."""
    sites = session.scalars(select(TicketRow.site).where(TicketRow.site != "").distinct().limit(500))
    return {"sites": sorted(sites)}
