"""What leaves this machine about an alert or a case: the explanation's figures, and no name of anybody.

The name of a user, site or caller is replaced by a placeholder, and put back when the answer is shown.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.assistant.masking import hidden
from core.detection.registry import detectors
from core.errors import NotFoundError
from core.language import Language
from core.store.models.alerts import AlertRow, CaseRow

Subject = Literal["alert", "case"]
NAME = "<ENTITY>"
MOST_ALERTS = 12
"""Of a case, newest first: more would cost more and tell no more."""

_EXPLAINED = (
    "observed",
    "expected",
    "notes",
    "destinations",
    "baseline_days",
    "outside_office_hours",
    "unusual_hour",
    "new_device",
    "in_campaign",
    "unfamiliarity",
    "also_seen_by",
)


@dataclass(frozen=True)
class Facts:
    """What is sent (JSON), and the name that stands behind ``NAME``."""

    sent: dict[str, Any]
    name: str

    def text(self) -> str:
        """The JSON text as it is sent, the same for the same facts; nothing in it can end the fence around it."""
        return json.dumps(self.sent, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")

    def fingerprint(self, *more: str) -> str:
        """Tells questions about the same facts, in the same words, apart from others."""
        return hashlib.sha256("\n".join((self.text(), *more)).encode()).hexdigest()


def facts_of(session: Session, subject: Subject, subject_id: int, language: Language) -> Facts:
    """The facts of an alert or case. Raises ``NotFoundError``."""
    if subject == "alert":
        alert = session.get(AlertRow, subject_id)
        if alert is None or alert.deleted_at is not None:
            raise NotFoundError(what="alert")
        return Facts({"alerts": [_alert(alert, language)]}, alert.entity_name or alert.entity)
    case = session.get(CaseRow, subject_id)
    if case is None:
        raise NotFoundError(what="case")
    query = select(AlertRow).where(AlertRow.case_id == case.id, AlertRow.deleted_at.is_(None))
    alerts: Sequence[AlertRow] = session.scalars(query.order_by(AlertRow.emitted_at.desc()).limit(MOST_ALERTS)).all()
    if not alerts:
        raise NotFoundError(what="case")
    sent = {"alerts": [_alert(alert, language) for alert in alerts], "alerts_in_case": case.alerts}
    return Facts(sent, case.entity_name or case.entity)


def _alert(alert: AlertRow, language: Language) -> dict[str, Any]:
    about = next((known.about for known in detectors() if known.id == alert.detector), {})
    explanation = alert.explanation or {}
    return {
        "detector": alert.detector or alert.alert_type,
        "what_it_finds": about.get("purpose", {}).get(language, ""),
        "known_false_positives": about.get("false_positives", {}).get(language, ""),
        "severity": alert.severity,
        "entity": NAME,
        "entity_kind": alert.entity_kind,
        "calls": alert.evidence_count,
        "estimated_cost_usd": round(alert.cost, 2),
        "first_call": _instant(alert.first_seen),
        "last_call": _instant(alert.last_seen),
        **{name: _hidden(explanation[name]) for name in _EXPLAINED if name in explanation},
    }


def _hidden(node: Any) -> Any:
    """What was observed, without numbers and names of anybody that may have got into its words."""
    if isinstance(node, str):
        return hidden(node)
    if isinstance(node, dict):
        return {key: _hidden(value) for key, value in node.items()}
    return [_hidden(value) for value in node] if isinstance(node, list) else node


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
