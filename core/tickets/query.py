"""Questions to the tickets: a page of a list, one with all that belongs to it, the board."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, defer

from core.errors import InvalidInputError, NotFoundError
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
from core.tickets.vocabulary import OPEN_STATES, number_of

__all__ = ["Reader", "TicketFilter", "TicketStats", "stats"]

LONGEST_PAGE = 1000
COUNTED_TO = 10_000
"""A list longer than this is told as "more than"."""

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_DUE = func.coalesce(TicketRow.due_at, _NEVER, type_=TicketRow.due_at.type)


@dataclass(frozen=True)
class TicketPage:
    """One page of tickets and the marks of its neighbours (``None`` where there is none)."""

    rows: list[TicketRow]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class _Key:
    """One key of an order: its column, how a row has it, and whether it descends."""

    name: str
    column: Any
    descends: bool = False

    def of(self, row: TicketRow) -> Any:
        value = getattr(row, self.name)
        return _NEVER if value is None else value

    def beyond(self, mark: Any, *, backwards: bool) -> ColumnElement[bool]:
        found: ColumnElement[bool] = self.column < mark if self.descends is not backwards else self.column > mark
        return found

    def order(self, *, backwards: bool) -> Any:
        return self.column.desc() if self.descends is not backwards else self.column.asc()


_SORTS: dict[str, tuple[_Key, ...]] = {
    "due": (_Key("due_at", _DUE), _Key("id", TicketRow.id)),
    "priority": (
        _Key("priority_rank", TicketRow.priority_rank, descends=True),
        _Key("due_at", _DUE),
        _Key("id", TicketRow.id),
    ),
    "newest": (_Key("created_at", TicketRow.created_at, descends=True), _Key("id", TicketRow.id, descends=True)),
    "changed": (_Key("changed_at", TicketRow.changed_at, descends=True), _Key("id", TicketRow.id, descends=True)),
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
    keys = _SORTS[filter.sort]
    mark, backwards = _read(cursor, filter.sort) if cursor else (None, False)
    limit = max(1, min(limit, LONGEST_PAGE))
    query = select(TicketRow).options(defer(TicketRow.description)).where(*filter.where(reader))
    if mark is not None:
        query = query.where(_beyond(keys, mark, backwards=backwards))
    rows = list(session.scalars(query.order_by(*(key.order(backwards=backwards) for key in keys)).limit(limit + 1)))
    more = len(rows) > limit
    rows = rows[:limit][::-1] if backwards else rows[:limit]
    has_next = mark is not None if backwards else more
    has_previous = more if backwards else mark is not None
    return TicketPage(
        rows=rows,
        next=_written(filter.sort, rows[-1], backwards=False) if rows and has_next else None,
        previous=_written(filter.sort, rows[0], backwards=True) if rows and has_previous else None,
    )


def _beyond(keys: Sequence[_Key], mark: Sequence[Any], *, backwards: bool) -> ColumnElement[bool]:
    alternatives = []
    for position, key in enumerate(keys):
        same = [keys[before].column == mark[before] for before in range(position)]
        alternatives.append(and_(*same, key.beyond(mark[position], backwards=backwards)))
    return or_(*alternatives)


def _written(sort: str, row: TicketRow, *, backwards: bool) -> str:
    keys = [key.of(row) for key in _SORTS[sort]]
    told = [value.isoformat() if isinstance(value, datetime) else value for value in keys]
    return base64.urlsafe_b64encode(json.dumps([sort, backwards, *told]).encode()).decode().rstrip("=")


def _read(cursor: str, sort: str) -> tuple[list[Any], bool]:
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor[:1024] + "=" * (-len(cursor) % 4)))
        known, backwards, *values = told
        if known != sort or not isinstance(backwards, bool):
            raise ValueError
        made = [_value(key, value) for key, value in zip(_SORTS[sort], values, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidInputError(field="cursor", problem="unreadable") from error
    return made, backwards


def _value(key: _Key, told: Any) -> Any:
    if key.name.endswith("_at"):
        return datetime.fromisoformat(told).astimezone(UTC)
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told < 2**63:
        raise ValueError(key.name)
    if key.name == "priority_rank" and told > 100:
        raise ValueError(key.name)
    return told


def count(session: Session, filter: TicketFilter, reader: Reader) -> int:
    """How many tickets the filter shows, counted up to ``COUNTED_TO`` + 1."""
    some = select(TicketRow.id).where(*filter.where(reader)).limit(COUNTED_TO + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def one(session: Session, reference: str | int) -> TicketRow:
    """A ticket by its number or ``T-`` with it; a merged one as it is. Raises ``NotFoundError``."""
    number = number_of(reference)
    found = session.get(TicketRow, number) if number is not None and number < 2**63 else None
    if found is None:
        raise NotFoundError(what="ticket")
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
    order = [key.order(backwards=False) for key in _SORTS[filter.sort]]
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
