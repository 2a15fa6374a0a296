"""Alerts for these tests, raised as detection raises them."""

from core.alerts.receive import receive_drafts
from core.detection.finding import AlertDraft, EntityKind
from tests.respond.conftest import Desk


def raise_alert(
    desk: Desk,
    entity: str,
    detector: str = "international_calls",
    *,
    entity_kind: EntityKind = "user",
    evidence: list[str] | None = None,
) -> int:
    """An alert about an entity; gives its id."""
    now = desk.clock.now()
    draft = AlertDraft(
        detector=detector,
        severity="high",
        entity_kind=entity_kind,
        entity=entity,
        entity_name="",
        destination_group="LV",
        local_day=now.date().isoformat(),
        emitted_at=int(now.timestamp()),
        evidence=evidence or ["record"],
        explanation={"observed": {}, "expected": {}},
        cost=0.0,
        dedupe_key=f"{detector}|{entity}",
    )
    with desk.services.database.write() as session:
        return receive_drafts(session, [draft], at=now)[0].alert_id
