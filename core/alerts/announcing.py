"""When people are told of an alert, and the same facts for every way of telling."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy.orm import Session

from core.alerts import explain
from core.language import LANGUAGES, Language, translate
from core.notify.announce import announce
from core.notify.hours import zone_of
from core.notify.places import place_of
from core.store.models.alerts import AlertRow

QUIET = timedelta(hours=24)
"""An alert that only grows is told of again after this long; a worse severity at once."""

_CALLING = ("opened", "worsened", "extended", "reopened", "escalated", "assigned")
"""Events after which somebody has something to do."""


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
    if event in _CALLING:
        told["action"] = {language: _what_to_do(alert, language) for language in LANGUAGES}
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
    return _counted(alert) | {
        "title": {language: explain.title(alert, language) for language in LANGUAGES},
        "summary": {language: explain.summary(alert, language, zone) for language in LANGUAGES},
        "detector": alert.detector,
        "public_id": alert.public_id,
        "entity_name": alert.entity_name or alert.entity,
        "origin" if explain.came_in(alert) else "destination": {
            language: ", ".join(explain.countries(alert, language)) for language in LANGUAGES
        },
        "owner": alert.owner,
        "verdict": alert.verdict,
        "path": f"/alerts?alert={alert.id}",
    }


def _counted(alert: AlertRow) -> dict[str, Any]:
    """How many calls at what cost, and when: nothing where there are none, as of a setting or of a test's own calls."""
    if not _is_of_calls(alert):
        return {}
    return {
        "calls": alert.evidence_count,
        "cost": round(alert.cost, 2) or None,
        "first_seen": alert.first_seen.isoformat(),
        "last_seen": alert.last_seen.isoformat(),
    }


def _is_of_calls(alert: AlertRow) -> bool:
    return alert.evidence_count > 0 and not {"change", "number_test"} & set(alert.explanation)


def _what_to_do(alert: AlertRow, language: Language) -> str:
    return translate("alerts.written.runbook", language, text=explain.explain(alert, language).runbook)
