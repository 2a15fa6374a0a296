"""Questions to the outbound calls: a page of the history, one call, what is under way, recent numbers."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from core.dialer.filters import OutboundFilter
from core.errors import InvalidInputError, NotFoundError
from core.store.models.dialer import OutboundCallRow

LONGEST_PAGE = 1000
COUNTED_TO = 10_000
"""A list longer than this is told as "more than"."""


@dataclass(frozen=True)
class OutboundPage:
    """One page of calls, newest first, and the marks of its neighbours (``None`` where there is none)."""

    rows: list[OutboundCallRow]
    next: str | None
    previous: str | None


def page(
    session: Session, filter: OutboundFilter, *, person: str = "", cursor: str | None = None, limit: int = 100
) -> OutboundPage:
    """The calls of a filter beyond ``cursor``, at most ``limit``. Raises ``InvalidInputError`` for a foreign cursor."""
    mark, backwards = _read(cursor) if cursor else (None, False)
    limit = max(1, min(limit, LONGEST_PAGE))
    keys = (OutboundCallRow.created_at, OutboundCallRow.id)
    asked = select(OutboundCallRow).where(*filter.condition(person))
    if mark is not None:
        created, number = keys
        farther = created > mark[0] if backwards else created < mark[0]
        aside = number > mark[1] if backwards else number < mark[1]
        asked = asked.where(or_(farther, and_(created == mark[0], aside)))
    order = [key.asc() if backwards else key.desc() for key in keys]
    rows = list(session.scalars(asked.order_by(*order).limit(limit + 1)))
    more = len(rows) > limit
    rows = rows[:limit][::-1] if backwards else rows[:limit]
    has_next = mark is not None if backwards else more
    has_previous = more if backwards else mark is not None
    return OutboundPage(
        rows=rows,
        next=_written(rows[-1], newer=False) if rows and has_next else None,
        previous=_written(rows[0], newer=True) if rows and has_previous else None,
    )


def count(session: Session, filter: OutboundFilter, *, person: str = "") -> int:
    """How many calls the filter shows, counted up to ``COUNTED_TO`` + 1."""
    some = select(OutboundCallRow.id).where(*filter.condition(person)).limit(COUNTED_TO + 1).subquery()
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


def _written(row: OutboundCallRow, *, newer: bool) -> str:
    told = json.dumps([newer, row.created_at.isoformat(), row.id])
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[tuple[datetime, int], bool]:
    try:
        newer, at, number = json.loads(base64.urlsafe_b64decode(cursor[:512] + "=" * (-len(cursor) % 4)))
        if not isinstance(newer, bool) or isinstance(number, bool) or not isinstance(number, int):
            raise ValueError
        if abs(number) >= 2**63:
            raise ValueError
        return (datetime.fromisoformat(at).astimezone(UTC), number), newer
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidInputError(field="cursor", problem="unreadable") from error
