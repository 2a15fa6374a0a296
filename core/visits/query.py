"""Questions to the visits: a page of them, one, all of a stretch of time, those of a ticket, figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.store.keyset import KeysetPage, Order, SortKey, read_page
from core.store.models.visits import VisitRow
from core.visits.filters import ALL, VisitFilter
from core.visits.vocabulary import is_public_id

COUNTED_TO = 10_000
MOST_IN_CALENDAR = 500
_LARGEST_NUMBER = 2**63 - 1


VisitPage = KeysetPage[VisitRow]


@dataclass(frozen=True)
class Reader:
    """Who asks and when: what ``me`` (an operator's number) and ``overdue`` mean. ``now`` is aware."""

    now: datetime
    me: int | None = None


def page(
    session: Session, filter: VisitFilter, reader: Reader, *, cursor: str | None = None, limit: int = 100
) -> VisitPage:
    """The visits of a filter beyond ``cursor``, at most ``limit``, in the filter's order.

    Raises ``InvalidInputError`` for a cursor not of ours.
    """
    query = select(VisitRow).where(*filter.where(reader.now, reader.me))
    return read_page(session, query, _order(filter.sort), cursor=cursor, limit=limit)


def _order(sort: str) -> Order[VisitRow]:
    ascends = sort == "soonest"
    begin = SortKey[VisitRow](VisitRow.starts_at, "instant", lambda row: row.starts_at, ascends=ascends)
    return Order(sort, (begin, SortKey[VisitRow](VisitRow.id, "number", lambda row: row.id, ascends=ascends)))


def one(session: Session, reference: str) -> VisitRow:
    """A visit by its number or its readable id. Raises ``NotFoundError``."""
    text, found = reference.strip().upper(), None
    if is_public_id(text):
        found = session.scalars(select(VisitRow).where(VisitRow.public_id == text)).one_or_none()
    elif text.isascii() and text.isdigit() and int(text[:20]) <= _LARGEST_NUMBER:
        found = session.get(VisitRow, int(text))
    if found is None:
        raise NotFoundError(what="visit")
    return found


def between(session: Session, filter: VisitFilter, reader: Reader, since: datetime, until: datetime) -> list[VisitRow]:
    """The visits of a filter that touch a stretch of time, by begin; its own period is not asked."""
    free = replace(filter, since=None, until=None, when=ALL)
    query = select(VisitRow).where(
        *free.where(reader.now, reader.me), VisitRow.starts_at < until, VisitRow.ends_at > since
    )
    return list(session.scalars(query.order_by(VisitRow.starts_at, VisitRow.id).limit(MOST_IN_CALENDAR)))


def of_ticket(session: Session, ticket_id: int, limit: int = 50) -> list[VisitRow]:
    """The visits that belong to a ticket, the latest first."""
    query = select(VisitRow).where(VisitRow.ticket_id == ticket_id).order_by(VisitRow.starts_at.desc(), VisitRow.id)
    return list(session.scalars(query.limit(limit)))


def count(session: Session, filter: VisitFilter, reader: Reader) -> int:
    """How many visits the filter shows, counted up to ``COUNTED_TO`` + 1."""
    some = select(VisitRow.id).where(*filter.where(reader.now, reader.me)).limit(COUNTED_TO + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def choices(session: Session) -> dict[str, Sequence[tuple[str, str]]]:
    """The operators, clients and sites that visits have, as (value, name), for a filter's widgets."""

    def pairs(number: Any, name: Any) -> list[tuple[str, str]]:
        newest = select(number, func.max(name)).where(number.is_not(None)).group_by(number).limit(500)
        return sorted(((str(a), str(b)) for a, b in session.execute(newest)), key=lambda pair: pair[1].lower())

    sites = session.scalars(select(VisitRow.site).where(VisitRow.site != "").distinct().limit(500))
    return {
        "operators": pairs(VisitRow.operator_id, VisitRow.operator_name),
        "clients": pairs(VisitRow.client_id, VisitRow.client_name),
        "sites": [(site, site) for site in sorted(sites)],
    }
