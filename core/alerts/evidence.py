"""The call records alerts rest on: kept as identifiers, read from the table of calls when somebody looks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from core.alerts.vocabulary import OF_WORDS
from core.calls.engine import Legs, reading
from core.calls.query import aware_rows
from core.calls.table import CallTable
from core.detection.finding import AlertDraft
from core.store.models.alerts import AlertRow, EvidenceRow

COLUMNS = (
    "report_id", "correlation_id", "start_time", "direction", "user", "location", "calling_number", "called_number",
    "far_number", "far_country", "call_type", "outcome", "duration",
)  # fmt: skip
"""What a list of evidence shows."""

LATEST_START = timedelta(days=8)
"""Evidence may have begun this long before its alert was raised; detectors look back a week."""

_FACTS = "SELECT report_id, correlation_id, start_time, location FROM legs"
_SHOWN = ", ".join(f'"{name}"' for name in COLUMNS)


@dataclass(frozen=True)
class LegFacts:
    """What an alert keeps of a call record: its call, its start (aware UTC) and the name of its site."""

    correlation_id: str
    started_at: datetime
    site: str


def facts_of(calls: CallTable, drafts: Sequence[AlertDraft]) -> dict[str, LegFacts]:
    """Facts of every record the drafts rest on, by Report ID; what the table does not hold is left out."""
    wanted = sorted({report_id for draft in drafts for report_id in draft.evidence})
    if not wanted:
        return {}
    earliest = datetime.fromtimestamp(min(draft.emitted_at for draft in drafts), UTC) - LATEST_START
    return _facts(Legs(calls.files(since=earliest.date()), "list_contains(?, report_id)", [wanted]))


def facts_of_reports(calls: CallTable, report_ids: Sequence[str]) -> dict[str, LegFacts]:
    """Facts of records wherever in the table they are, by Report ID; what it does not hold is left out."""
    return _facts(Legs(calls.files(), "list_contains(?, report_id)", [sorted(set(report_ids))])) if report_ids else {}


def _facts(legs: Legs) -> dict[str, LegFacts]:
    with reading() as reader:
        rows = aware_rows(reader.table(_FACTS, legs))
    return {
        row["report_id"]: LegFacts(row["correlation_id"] or "", row["start_time"], row["location"] or "")
        for row in rows
    }


def records(calls: CallTable, evidence: Sequence[EvidenceRow]) -> list[dict[str, Any]]:
    """The records (``COLUMNS``) behind rows of evidence, oldest first; those retention removed are missing."""
    wanted = [row.report_id for row in evidence]
    days = [row.started_at.date() for row in evidence if row.started_at]
    if not wanted or not days:
        return []
    legs = Legs(calls.files(min(days), max(days)), "list_contains(?, report_id)", [wanted])
    with reading() as reader:
        sql = f"SELECT {_SHOWN} FROM legs ORDER BY start_time, report_id"  # noqa: S608 - our own columns
        return aware_rows(reader.table(sql, legs))


def of_alerts(session: Session, alert_ids: Iterable[int]) -> list[EvidenceRow]:
    """The rows of evidence of some alerts, oldest first."""
    query = select(EvidenceRow).where(EvidenceRow.alert_id.in_(list(alert_ids)))
    return list(session.scalars(query.order_by(EvidenceRow.started_at, EvidenceRow.id)))


def alerts_on(session: Session, report_ids: Sequence[str] = (), correlation_id: str = "") -> list[AlertRow]:
    """The alerts that rest on any of these records, or on any record of a call, newest first."""
    if not report_ids and not correlation_id:
        return []
    touched: list[ColumnElement[bool]] = [EvidenceRow.report_id.in_(list(report_ids)[:500])]
    if correlation_id:
        touched.append(EvidenceRow.correlation_id == correlation_id)
    rests = select(EvidenceRow.alert_id).where(or_(*touched))
    query = select(AlertRow).where(AlertRow.id.in_(rests), AlertRow.deleted_at.is_(None))
    return list(session.scalars(query.order_by(AlertRow.emitted_at.desc()).limit(50)))


def verdicts(session: Session, since: date) -> dict[str, str]:
    """How alerts were closed, by the Report IDs of their records that began on ``since`` (UTC) or later.

    A baseline learns from records of alerts judged harmless; never from those not closed or confirmed as abuse. What
    was judged of words said on a call tells nothing of how it was made.
    """
    begin = datetime(since.year, since.month, since.day, tzinfo=UTC)
    query = (
        select(EvidenceRow.report_id, AlertRow.verdict)
        .join(AlertRow, AlertRow.id == EvidenceRow.alert_id)
        .where(
            AlertRow.is_open.is_(False),
            AlertRow.verdict != "",
            AlertRow.detector.not_in(OF_WORDS),
            EvidenceRow.started_at >= begin,
        )
        .order_by(AlertRow.resolved_at)
    )
    told: dict[str, str] = {}
    for report_id, verdict in session.execute(query):
        # Confirmed by one alert, it is abuse, whatever another was closed as.
        if told.get(report_id) != "true_positive":
            told[report_id] = verdict
    return told
