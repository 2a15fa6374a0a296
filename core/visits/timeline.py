"""What happened to a visit, in order: one row for each change, written in the transaction that makes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.models.visits import VisitRow, VisitTimelineRow
from core.visits.vocabulary import LONGEST_REASON

MOST_ROWS = 200


@dataclass(frozen=True)
class Deed:
    """What somebody did to a visit, and why. ``from_state`` is where a change of state began."""

    action: str
    actor: str
    at: datetime
    from_state: str = ""
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def write(session: Session, visit: VisitRow, deed: Deed) -> None:
    """Append a deed; the visit's present state is where it led."""
    session.add(
        VisitTimelineRow(
            visit_id=visit.id,
            at=deed.at,
            actor=deed.actor[:200],
            action=deed.action,
            from_state=deed.from_state or visit.state,
            to_state=visit.state,
            reason=deed.reason[:LONGEST_REASON],
            detail=dict(deed.detail),
        )
    )


def entries(session: Session, visit_id: int, limit: int = MOST_ROWS) -> list[VisitTimelineRow]:
    """The newest rows of a visit, newest first."""
    query = select(VisitTimelineRow).where(VisitTimelineRow.visit_id == visit_id)
    return list(session.scalars(query.order_by(VisitTimelineRow.id.desc()).limit(limit)))


def instant(text: str) -> datetime:
    """An instant that a row's detail tells."""
    return datetime.fromisoformat(text)
