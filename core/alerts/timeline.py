"""What happened to an alert, in order: one row for each change, written in the transaction that makes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.models.alerts import AlertRow, TimelineRow

LONGEST_COMMENT = 4000
MOST_ROWS = 500
DECISIONS = ("acknowledged", "assigned", "unassigned", "investigating", "resolved", "reopened", "deleted")
"""What moves an alert's version: its state, its owner or its verdict. Evidence, mutes and comments move none."""


@dataclass(frozen=True)
class Deed:
    """What somebody or detection did to an alert, and why. ``from_state`` is where a change of state began."""

    action: str
    actor: str
    at: datetime
    from_state: str = ""
    reason: str = ""
    comment: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def write(session: Session, alert: AlertRow, deed: Deed) -> None:
    """Append a deed; the alert's present state is where it led."""
    session.add(
        TimelineRow(
            alert_id=alert.id,
            at=deed.at,
            actor=deed.actor[:200],
            action=deed.action,
            from_state=deed.from_state or alert.state,
            to_state=alert.state,
            reason=deed.reason[:300],
            comment=deed.comment[:LONGEST_COMMENT],
            detail=dict(deed.detail),
        )
    )


def entries(session: Session, alert_id: int, limit: int = MOST_ROWS, before: int | None = None) -> list[TimelineRow]:
    """The newest rows of an alert, newest first; ``before`` a row's id gives older ones."""
    query = select(TimelineRow).where(TimelineRow.alert_id == alert_id)
    if before is not None:
        query = query.where(TimelineRow.id < before)
    return list(session.scalars(query.order_by(TimelineRow.id.desc()).limit(limit)))


def decided_since(session: Session, alert: AlertRow, version: int) -> list[TimelineRow]:
    """What was decided of an alert since it had ``version``, newest first: each decision is one version."""
    if alert.version <= version:
        return []
    query = select(TimelineRow).where(TimelineRow.alert_id == alert.id, TimelineRow.action.in_(DECISIONS))
    return list(session.scalars(query.order_by(TimelineRow.id.desc()).limit(alert.version - version)))


def of_case(session: Session, case_id: int, limit: int = MOST_ROWS) -> list[TimelineRow]:
    """The newest rows of all alerts of a case, newest first."""
    alerts = select(AlertRow.id).where(AlertRow.case_id == case_id, AlertRow.deleted_at.is_(None))
    query = select(TimelineRow).where(TimelineRow.alert_id.in_(alerts))
    return list(session.scalars(query.order_by(TimelineRow.at.desc(), TimelineRow.id.desc()).limit(limit)))
