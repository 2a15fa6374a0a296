"""Asking for Claude's view of an alert or a case: a row now, an answer when the sidecar got one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.assistant.facts import Subject
from core.language import DEFAULT_LANGUAGE, Language
from core.store import commands
from core.store.models.alerts import AlertRow
from core.store.models.assistant import AssistantViewRow

JOB = "explain"
QUEUED, DONE, FAILED = "queued", "done", "failed"
AUTOMATIC = "detection"
AUTOMATIC_FROM_RANK = 2
"""HIGH: from here on an alert is explained unasked."""
AUTOMATIC_AGE = timedelta(hours=24)
MOST_AUTOMATIC = 20
"""A run asks unasked for so many at most: an evil day must not spend the month's budget in one go."""


def request_explanation(
    session: Session,
    *,
    subject: Subject,
    subject_id: int,
    requested_by: str,
    at: datetime,
    language: Language = DEFAULT_LANGUAGE,
) -> int:
    """Ask in the caller's transaction; gives the view's id. A question still open is not asked twice."""
    pending = select(AssistantViewRow.id).where(
        AssistantViewRow.subject == subject,
        AssistantViewRow.subject_id == subject_id,
        AssistantViewRow.language == language,
        AssistantViewRow.state == QUEUED,
    )
    if (known := session.scalars(pending).first()) is not None:
        return known
    row = AssistantViewRow(
        subject=subject,
        subject_id=subject_id,
        language=language,
        state=QUEUED,
        not_before=at,
        requested_by=requested_by[:200],
        requested_at=at,
    )
    session.add(row)
    session.flush()
    commands.request(session, "run_job", {"job": JOB}, requested_by, at, idempotency_key=f"{JOB}:{row.id}")
    return row.id


def request_unasked(session: Session, at: datetime, language: Language = DEFAULT_LANGUAGE) -> Sequence[int]:
    """Ask about new alerts from HIGH up that nobody asked about yet; gives the views' ids."""
    asked = select(AssistantViewRow.subject_id).where(AssistantViewRow.subject == "alert")
    new = (
        select(AlertRow.id)
        .where(
            AlertRow.is_open,
            AlertRow.severity_rank >= AUTOMATIC_FROM_RANK,
            AlertRow.is_backfilled.is_(False),
            AlertRow.muted_until.is_(None),
            AlertRow.deleted_at.is_(None),
            AlertRow.emitted_at > at - AUTOMATIC_AGE,
            AlertRow.id.not_in(asked),
        )
        .order_by(AlertRow.severity_rank.desc(), AlertRow.emitted_at.desc())
        .limit(MOST_AUTOMATIC)
    )
    return [
        request_explanation(
            session, subject="alert", subject_id=alert, requested_by=AUTOMATIC, at=at, language=language
        )
        for alert in session.scalars(new).all()
    ]
