"""When people are told of an alert, and the same facts for every way of telling."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy.orm import Session

from core.alerts import explain
from core.language import LANGUAGES
from core.notify.announce import announce
from core.notify.hours import zone_of
from core.notify.places import place_of
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
    """Announce that detection raised or extended an alert, when it is due; gives whether it was."""
    if not is_due(alert, at):
        return False
    alert.announced_at, alert.announced_rank = at, alert.severity_rank
    tell_change(session, alert, event, at)
    return True


def tell_change(
    session: Session, alert: AlertRow, event: str, at: datetime, *, actor: str = "", note: str = ""
) -> None:
    """Announce what somebody did with an alert, in the transaction of the change."""
    if alert.is_backfilled and event in ("opened", "extended", "worsened"):
        return
    zone = zone_of(place_of(session, alert.site).zone)
    told = facts(alert, zone) | {"actor": actor, "note": note}
    announce(
        session,
        subject="alert",
        subject_id=alert.id,
        event=event,
        severity=alert.severity,
        site=alert.site,
        facts=told,
        at=at,
    )


def facts(alert: AlertRow, zone: tzinfo) -> dict[str, Any]:
    """What a message may tell of an alert: words by the clocks of ``zone``, instants ISO 8601 UTC, cost in dollars."""
    return {
        "title": {language: explain.title(alert, language) for language in LANGUAGES},
        "summary": {language: explain.summary(alert, language, zone) for language in LANGUAGES},
        "detector": alert.detector,
        "public_id": alert.public_id,
        "entity_name": alert.entity_name or alert.entity,
        "destination": {language: ", ".join(explain.countries(alert, language)) for language in LANGUAGES},
        "calls": alert.evidence_count,
        "cost": round(alert.cost, 2),
        "first_seen": alert.first_seen.isoformat(),
        "last_seen": alert.last_seen.isoformat(),
        "owner": alert.owner,
        "verdict": alert.verdict,
        "path": f"/alerts?alert={alert.id}",
    }
