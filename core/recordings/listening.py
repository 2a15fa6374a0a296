"""What is made of a transcript: its language, how each turn felt, words somebody waits for, and a summary."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.alerts import evidence
from core.alerts.receive import receive_drafts
from core.detection.finding import Severity
from core.recordings import call_link, facts, search
from core.recordings.cues import Conversation, Cue
from core.recordings.keywords import KeywordHit, KeywordList, RecordingOwner, drafts, hits
from core.recordings.sentiment import sentiment_of
from core.recordings.spoken_language import spoken_language
from core.recordings.summarise import summarise
from core.recordings.summary import Summary
from core.services import Services
from core.store.models.recordings import (
    KeywordHitRow,
    KeywordListRow,
    RecordingCueRow,
    RecordingRow,
    RecordingSummaryRow,
)
from core.webex.identifiers import uuid_of

Write = Callable[[Session, RecordingRow], None]

NEWS_FOR = timedelta(days=1)
"""What was said longer ago raises alerts too, of which nobody is told: the first fill is history."""


def language(services: Services, row: RecordingRow, cues: Sequence[Cue]) -> Write:
    """The language with its confidence, the feeling of each turn, and hits of keyword lists with their alerts."""
    spoken = spoken_language(cues)
    felt = [sentiment_of(cue.text, spoken.code).score for cue in cues]
    lists = active_lists(services)
    found = hits(lists, cues, spoken.code)
    raised = drafts(lists, found, owner_of(row, call_link.reports_of(services.calls, row))) if found else []
    legs = evidence.facts_of(services.calls, raised)
    now = services.clock.now()

    def write(session: Session, row: RecordingRow) -> None:
        row.language, row.language_confidence = spoken.code, spoken.confidence
        kept = session.scalars(select(RecordingCueRow).where(RecordingCueRow.recording_id == row.id))
        for cue in kept:
            cue.sentiment = felt[cue.ordinal] if cue.ordinal < len(felt) else None
        keep_hits(session, row.id, found, now)
        if raised:
            receive_drafts(session, raised, at=now, legs=legs, history_before=now - NEWS_FOR)

    return write


def summary(services: Services, row: RecordingRow, cues: Sequence[Cue]) -> Write:
    """What the call came to, by Claude or by our own rules; ``core.recordings.backfill`` asks Claude again later."""
    spoken = row.language or spoken_language(cues).code
    conversation = Conversation(cues, facts.parties_of(row), spoken)
    made = summarise(services, conversation)
    now = services.clock.now()

    def write(session: Session, row: RecordingRow) -> None:
        keep_summary(session, row, made, now)

    return write


def keep_summary(session: Session, row: RecordingRow, made: Summary, at: datetime) -> None:
    """Add a summary to those of a recording; one in its own language is the one its lists show."""
    session.add(
        RecordingSummaryRow(
            recording_id=row.id,
            language=made.language,
            source=made.source,
            is_translation=made.is_translation,
            answer=made.answer(),
            model=made.model,
            prompt_version=made.prompt_version,
            request_id=made.request_id,
            input_tokens=made.input_tokens,
            output_tokens=made.output_tokens,
            cached_tokens=made.cached_tokens,
            cost=made.cost,
            transcript_hash=made.transcript_hash,
            error_code=made.error_code,
            made_at=at,
        )
    )
    if not made.is_translation:
        row.summary_source = made.source
        row.sentiment_label, row.sentiment_score = made.sentiment.label, made.sentiment.score
    search.index(session, row.id)


def active_lists(services: Services) -> list[KeywordList]:
    """The keyword lists in use."""
    with services.database.read() as session:
        rows = session.scalars(select(KeywordListRow).where(KeywordListRow.is_active).order_by(KeywordListRow.id)).all()
    return [
        KeywordList(
            id=row.id,
            name=row.name,
            language=row.language or "any",
            terms=tuple(row.phrases),
            severity=cast(Severity, row.severity) if row.severity else None,
        )
        for row in rows
    ]


def owner_of(row: RecordingRow, report_ids: Sequence[str] = ()) -> RecordingOwner:
    """Whose recording it is, as alerts name people, and the records of its call."""
    is_person = row.owner_type.lower() == "user" and row.owner_id
    return RecordingOwner(
        recording_id=row.id,
        entity_kind="user" if is_person else "location",
        entity=uuid_of(row.owner_id) if is_person else (row.site or row.location_id),
        entity_name=row.owner_name or row.owner_email or row.site,
        site=row.site,
        recorded_at=row.recorded_at.astimezone(UTC),
        report_ids=tuple(report_ids),
    )


def keep_hits(session: Session, recording_id: int, found: Sequence[KeywordHit], at: datetime) -> None:
    """Replace the hits of a recording by these, each once."""
    session.execute(delete(KeywordHitRow).where(KeywordHitRow.recording_id == recording_id))
    unique = {(hit.list_id, hit.cue, hit.term[:200]): hit for hit in found}
    for list_id, cue, term in unique:
        session.add(KeywordHitRow(list_id=list_id, recording_id=recording_id, ordinal=cue, phrase=term, found_at=at))
