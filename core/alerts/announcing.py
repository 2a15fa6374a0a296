"""When people are told of an alert, and the same facts for every way of telling."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.store.models.alerts import AlertRow

QUIET = timedelta(hours=24)
"""An alert that only grows is told of again after this long; a worse severity at once."""


def is_due(alert: AlertRow, at: datetime) -> bool:
    """Whether people are to be told: the first time, at a worse severity, or after a quiet day. Never of history."""
    if alert.is_backfilled:
        return False
    if alert.announced_at is None:
        return True
    return alert.severity_rank > alert.announced_rank or at - alert.announced_at >= QUIET


def tell(session: Session, alert: AlertRow, event: str, at: datetime) -> bool:
    """Announce what happened, in the caller's transaction, when it is due; gives whether it was."""
    if not is_due(alert, at):
        return False
    alert.announced_at, alert.announced_rank = at, alert.severity_rank
    return True


def facts(alert: AlertRow) -> dict[str, Any]:
    """What a message may tell of an alert; instants as ISO 8601 UTC, cost in dollars."""
    return {
        "id": alert.id,
        "public_id": alert.public_id,
        "alert_type": alert.alert_type,
        "detector": alert.detector,
        "severity": alert.severity,
        "title": alert.title,
        "entity_kind": alert.entity_kind,
        "entity": alert.entity,
        "entity_name": alert.entity_name,
        "site": alert.site,
        "calls": alert.evidence_count,
        "cost": round(alert.cost, 2),
        "first_seen": alert.first_seen.isoformat(),
        "last_seen": alert.last_seen.isoformat(),
        "emitted_at": alert.emitted_at.isoformat(),
        "case": alert.case_id,
    }
