"""What happened to an alert, in order: one row for each change, written in the transaction that makes it."""

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.store.models.alerts import AlertRow, TimelineRow
from core.store.timeline import Deed, newest, row_of

LONGEST_COMMENT = 4000
MOST_ROWS = 500
DECISIONS = ("acknowledged", "assigned", "unassigned", "investigating", "resolved", "reopened", "deleted")
"""What moves an alert's version: its state, its owner or its verdict. Evidence, mutes and comments move none."""


def write(session: Session, alert: AlertRow, deed: Deed) -> None:
    """Append a deed; the alert's present state is where it led."""
    comment = deed.comment[:LONGEST_COMMENT]
    session.add(TimelineRow(alert_id=alert.id, comment=comment, **row_of(deed, alert.state)))


def entries(session: Session, alert_id: int, limit: int = MOST_ROWS, before: int | None = None) -> list[TimelineRow]:
    """The newest rows of an alert, newest first; ``before`` a row's id gives older ones."""
    return newest(session, TimelineRow, TimelineRow.alert_id == alert_id, limit, before)


def decided_since(session: Session, alert: AlertRow, version: int) -> list[TimelineRow]:
    """What was decided of an alert since it had ``version``, newest first: each decision is one version."""
    if alert.version <= version:
        return []
    decisions = and_(TimelineRow.alert_id == alert.id, TimelineRow.action.in_(DECISIONS))
    return newest(session, TimelineRow, decisions, alert.version - version)


def of_case(session: Session, case_id: int, limit: int = MOST_ROWS) -> list[TimelineRow]:
    """The newest rows of all alerts of a case, newest first."""
    alerts = select(AlertRow.id).where(AlertRow.case_id == case_id, AlertRow.deleted_at.is_(None))
    query = select(TimelineRow).where(TimelineRow.alert_id.in_(alerts))
    return list(session.scalars(query.order_by(TimelineRow.at.desc(), TimelineRow.id.desc()).limit(limit)))
