"""What happened to a visit, in order: one row for each change, written in the transaction that makes it."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.store.models.visits import VisitRow, VisitTimelineRow
from core.store.timeline import Deed, newest, row_of

MOST_ROWS = 200


def write(session: Session, visit: VisitRow, deed: Deed) -> None:
    """Append a deed; the visit's present state is where it led."""
    session.add(VisitTimelineRow(visit_id=visit.id, **row_of(deed, visit.state)))


def entries(session: Session, visit_id: int, limit: int = MOST_ROWS) -> list[VisitTimelineRow]:
    """The newest rows of a visit, newest first."""
    return newest(session, VisitTimelineRow, VisitTimelineRow.visit_id == visit_id, limit)


def instant(text: str) -> datetime:
    """An instant that a row's detail tells."""
    return datetime.fromisoformat(text)
