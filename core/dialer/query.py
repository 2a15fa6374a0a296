"""Questions to the outbound calls: a page of the history, one call, what is under way, recent numbers."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.dialer.filters import OutboundFilter
from core.errors import NotFoundError
from core.store.keyset import KeysetPage, Order, SortKey, read_page
from core.store.models.dialer import OutboundCallRow

COUNTED_TO = 10_000
"""A list longer than this is told as "more than"."""


OutboundPage = KeysetPage[OutboundCallRow]

_NEWEST = Order(
    "newest",
    (
        SortKey[OutboundCallRow](OutboundCallRow.created_at, "instant", lambda row: row.created_at),
        SortKey[OutboundCallRow](OutboundCallRow.id, "number", lambda row: row.id),
    ),
)


def page(
    session: Session, filter: OutboundFilter, *, person: str = "", cursor: str | None = None, limit: int = 100
) -> OutboundPage:
    """The calls of a filter beyond ``cursor``, at most ``limit``. Raises ``InvalidInputError`` for a foreign cursor."""
    asked = select(OutboundCallRow).where(*filter.where(person))
    return read_page(session, asked, _NEWEST, cursor=cursor, limit=limit)


def count(session: Session, filter: OutboundFilter, *, person: str = "") -> int:
    """How many calls the filter shows, counted up to ``COUNTED_TO`` + 1."""
    some = select(OutboundCallRow.id).where(*filter.where(person)).limit(COUNTED_TO + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def one(session: Session, call_id: str) -> OutboundCallRow:
    """A call by its id. Raises ``NotFoundError``."""
    found = session.scalars(select(OutboundCallRow).where(OutboundCallRow.call_id == call_id[:41])).one_or_none()
    if found is None:
        raise NotFoundError(what="outbound call")
    return found


def under_way(session: Session, *, person: str = "") -> list[OutboundCallRow]:
    """Calls that have not ended, oldest first; of one person where given."""
    asked = select(OutboundCallRow).where(OutboundCallRow.is_open).order_by(OutboundCallRow.id)
    return list(session.scalars(asked.where(OutboundCallRow.requested_by == person) if person else asked))


def recent_numbers(session: Session, person: str, *, limit: int = 10) -> list[str]:
    """The numbers that a person dialled last, each once, the latest first."""
    latest = func.max(OutboundCallRow.id)
    asked = (
        select(OutboundCallRow.number)
        .where(OutboundCallRow.requested_by == person, OutboundCallRow.source == "pad")
        .group_by(OutboundCallRow.number)
        .order_by(latest.desc())
        .limit(limit)
    )
    return list(session.scalars(asked))


def dialled_since(session: Session, person: str, since: datetime) -> int:
    """How many calls a person asked for since an instant (aware): what rates and budgets count."""
    asked = select(func.count()).where(OutboundCallRow.requested_by == person, OutboundCallRow.created_at >= since)
    return session.scalar(asked) or 0
