"""Drafts as detection hands them on, for every test that needs one."""

from datetime import datetime, timedelta
from typing import Any

from core.alerts.evidence import LegFacts
from core.detection.finding import AlertDraft, Severity
from tests.conftest import NOON


def draft(
    key: str = "one",
    *,
    who: str = "ana",
    severity: Severity = "high",
    evidence: tuple[str, ...] = ("r1", "r2"),
    at: datetime = NOON,
    **more: Any,
) -> AlertDraft:
    """A draft about ``who``; the same ``key`` is the same abuse."""
    fields: dict[str, Any] = {
        "detector": "international_calls",
        "severity": severity,
        "entity_kind": "user",
        "entity": who,
        "entity_name": who.title(),
        "destination_group": "abroad",
        "local_day": at.date().isoformat(),
        "emitted_at": int(at.timestamp()),
        "evidence": list(evidence),
        "explanation": {
            "observed": {"calls": len(evidence), "score": 9.5},
            "expected": {"score": 4.0, "calls_a_day": 0.2},
            "destinations": [{"country": "CU", "tier": 3, "calls": len(evidence)}],
            "outside_office_hours": True,
            "baseline_days": 20,
        },
        "cost": 12.5 * len(evidence),
        "dedupe_key": f"international_calls|{who}|{key}",
    }
    return AlertDraft(**(fields | more))


def legs(*report_ids: str, at: datetime = NOON) -> dict[str, LegFacts]:
    """Facts of records that began a minute apart, ending at ``at``."""
    count = len(report_ids)
    return {
        one: LegFacts(f"call {one}", at - timedelta(minutes=count - position), "Bogotá")
        for position, one in enumerate(report_ids)
    }
