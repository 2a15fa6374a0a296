"""Call records that come after the recording of their call: the alerts over what was said in it get them then."""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alerts import evidence
from core.alerts.receive import receive_drafts
from core.alerts.vocabulary import RECORDING_KEYWORD
from core.detection.finding import AlertDraft, EntityKind, Severity
from core.recordings import call_link
from core.recordings.pipeline import Pass
from core.store import data_version
from core.store.models.alerts import AlertRow
from core.store.models.recordings import RecordingRow
from core.store.models.webex import SyncCursor

CURSOR = "recording_evidence"
CALLS = "calls"
WAITED_FOR = timedelta(days=14)
"""Webex tells of a call within hours; a feed that stood still for a while, or an import, may bring it later."""

MORE_FOR = timedelta(days=2)
"""So long the records of a call may come one after another: an alert that has some is looked at again."""

MOST_AT_ONCE = 200


def link_late_records(run: Pass) -> int:
    """Give alerts over words the records of their call that came meanwhile; gives how many alerts got some.

    Looks only when records came since it looked last. Linked again, the same record changes nothing.
    """
    services, now = run.services, run.services.clock.now()
    with services.database.read() as session:
        version, _ = data_version.current(session, CALLS)
        cursor = session.get(SyncCursor, CURSOR)
        seen = cursor.detail.get(CALLS) if cursor is not None else None
        waiting = [] if seen == version else _waiting(run, session)
    if seen == version:
        return 0
    drafts = [_draft(alert, found) for alert, row in waiting if (found := call_link.reports_of(services.calls, row))]
    legs = evidence.facts_of(services.calls, drafts)
    with services.database.write() as session:
        run.fence(session)
        grown = sum(one.grew for one in receive_drafts(session, drafts, at=now, legs=legs))
        kept = session.get(SyncCursor, CURSOR) or SyncCursor(name=CURSOR)
        kept.detail, kept.changed_at = {CALLS: version}, now
        session.add(kept)
    return grown


def _waiting(run: Pass, session: Session) -> list[tuple[AlertRow, RecordingRow]]:
    """Alerts over words that miss records, or may miss some, with their recordings; the newest first."""
    now = run.services.clock.now()
    asked = (
        select(AlertRow)
        .where(
            AlertRow.detector == RECORDING_KEYWORD,
            AlertRow.deleted_at.is_(None),
            AlertRow.emitted_at >= now - WAITED_FOR,
            (AlertRow.evidence_count == 0) | (AlertRow.emitted_at >= now - MORE_FOR),
        )
        .order_by(AlertRow.emitted_at.desc(), AlertRow.id)
        .limit(MOST_AT_ONCE)
    )
    found = []
    for alert in session.scalars(asked):
        row = session.get(RecordingRow, int(alert.explanation.get("recording_id") or 0))
        if row is not None and row.deleted_at is None:
            found.append((alert, row))
    return found


def _draft(alert: AlertRow, report_ids: Sequence[str]) -> AlertDraft:
    """The alert as it stands, with the records of its call: nothing but these can be new."""
    return AlertDraft(
        detector=alert.detector,
        severity=cast(Severity, alert.severity),
        entity_kind=cast(EntityKind, alert.entity_kind),
        entity=alert.entity,
        entity_name=alert.entity_name,
        destination_group=alert.destination_group,
        local_day=alert.local_day,
        emitted_at=int(alert.emitted_at.timestamp()),
        evidence=list(report_ids),
        explanation=dict(alert.explanation),
        cost=alert.cost,
        dedupe_key=alert.dedupe_key,
    )
