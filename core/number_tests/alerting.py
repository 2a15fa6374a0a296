"""A test that misses is an alert about its number: one while it goes on, growing with each miss, told when it passes.

After somebody closed that alert, misses that begin anew after a pass raise another one.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from core.alerts import announcing, timeline
from core.alerts.evidence import LegFacts
from core.alerts.receive import receive_drafts
from core.alerts.vocabulary import NUMBER_TEST
from core.detection.finding import AlertDraft, Severity
from core.number_tests.vocabulary import ACTOR
from core.store.models.alerts import AlertRow
from core.store.models.number_tests import NumberTestRow, NumberTestRunRow
from core.store.timeline import Deed

MISSES_UNTIL_HIGH = 3
"""One miss may be chance and is of medium severity; so many in a row are high."""


def tell_miss(session: Session, test: NumberTestRow, run: NumberTestRunRow, at: datetime) -> None:
    """Raise or extend the alert of a test, in the transaction that keeps the miss; the same run again does nothing."""
    test.misses_in_a_row += 1
    if not test.alert_key or (test.misses_in_a_row == 1 and not _is_open(session, test)):
        test.alert_key = f"{NUMBER_TEST}|{test.id}|{run.slot.isoformat()}"
    draft = _draft(test, run, at)
    known = {draft.evidence[0]: LegFacts("", run.slot, test.site)}
    (received,) = receive_drafts(session, [draft], at=at, legs=known, actor=ACTOR)
    test.alert_id = run.alert_id = received.alert_id


def tell_recovery(session: Session, test: NumberTestRow, at: datetime) -> None:
    """Write into the alert of a test that it passes again, and announce it; nothing where it did not miss before."""
    missed, test.misses_in_a_row = test.misses_in_a_row, 0
    if missed == 0 or test.alert_id is None:
        return
    alert = session.get(AlertRow, test.alert_id, with_for_update=True)
    if alert is None or alert.deleted_at is not None:
        return
    timeline.write(session, alert, Deed("recovered", ACTOR, at, detail={"misses": missed}))
    if alert.is_open and alert.muted_until is None:
        announcing.tell_change(session, alert, "recovered", at)


def _is_open(session: Session, test: NumberTestRow) -> bool:
    alert = session.get(AlertRow, test.alert_id) if test.alert_id is not None else None
    return alert is not None and alert.is_open and alert.deleted_at is None


def _draft(test: NumberTestRow, run: NumberTestRunRow, at: datetime) -> AlertDraft:
    severity: Severity = "high" if test.misses_in_a_row >= MISSES_UNTIL_HIGH else "medium"
    observed = {"misses_in_a_row": float(test.misses_in_a_row)}
    expected = {}
    if run.answered_after is not None and run.reason == "answered_late":
        observed["answer_seconds"], expected["answer_seconds_most"] = run.answered_after, float(run.within_seconds)
    return AlertDraft(
        detector=NUMBER_TEST,
        severity=severity,
        entity_kind="number",
        entity=test.number,
        entity_name=test.name,
        destination_group="",
        local_day="",
        emitted_at=int(at.timestamp()),
        evidence=[f"outbound:{run.call_id or run.id}"],
        explanation={
            "site": test.site,
            "observed": observed,
            "expected": expected,
            "number_test": {"id": test.id, "name": test.name, "reason": run.reason, "facts": run.facts},
        },
        cost=0.0,
        dedupe_key=test.alert_key,
    )
