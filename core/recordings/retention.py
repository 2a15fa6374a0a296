"""How long recordings are kept: what was deleted goes after its time of grace, everything after its retention."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from core.recordings import audio
from core.recordings.steps import forget_words
from core.recordings.vocabulary import DATA_VERSION
from core.services import Services
from core.store import audit, crash_points, data_version
from core.store.models.recordings import (
    KeywordHitRow,
    RecordingPlayRow,
    RecordingRow,
    RecordingStepRow,
    RecordingSummaryRow,
)

ACTOR = "retention"
BATCH = 100
PLAYS_KEPT = timedelta(days=2)
"""Longer than any signed link lives; the plays themselves stand in the audit."""


@dataclass
class Retained:
    """What a run removed: recordings whole, deleted ones emptied, drafts of downloads that died."""

    removed: int = 0
    emptied: int = 0
    drafts: int = 0


def retain(services: Services, stopping: Callable[[], bool], fence: Callable[[Session], None]) -> Retained:
    """Remove what is past its time: files first, so that a row never outlives its right to have one."""
    now, settings = services.clock.now(), services.settings
    done = Retained(drafts=audio.remove_old_drafts(settings, now))
    oldest = now - timedelta(days=settings.recordings_retention_days)
    grace = now - timedelta(days=settings.recordings_deleted_days)
    while not stopping() and (batch := _batch(services, RecordingRow.recorded_at < oldest)):
        _remove(services, batch, fence)
        done.removed += len(batch)
    binned = (RecordingRow.deleted_at < grace, RecordingRow.is_emptied.is_(False))
    while not stopping() and (batch := _batch(services, *binned)):
        _empty(services, batch, fence)
        done.emptied += len(batch)
    with services.database.write() as session:
        fence(session)
        session.execute(delete(RecordingPlayRow).where(RecordingPlayRow.at < now - PLAYS_KEPT))
    return done


def _batch(services: Services, *conditions: ColumnElement[bool]) -> Sequence[tuple[int, str]]:
    statement = select(RecordingRow.id, RecordingRow.audio_path).where(*conditions)
    with services.database.read() as session:
        return [(row.id, row.audio_path) for row in session.execute(statement.order_by(RecordingRow.id).limit(BATCH))]


def _remove(services: Services, batch: Sequence[tuple[int, str]], fence: Callable[[Session], None]) -> None:
    """Everything of these recordings."""
    _remove_files(services, batch)
    numbers = [number for number, _ in batch]
    with services.database.write() as session:
        fence(session)
        _forget(session, numbers)
        for table in (RecordingStepRow, RecordingPlayRow):
            session.execute(delete(table).where(table.recording_id.in_(numbers)))
        session.execute(delete(RecordingRow).where(RecordingRow.id.in_(numbers)))
        _note(services, session, "recordings.retention", len(numbers))


def _empty(services: Services, batch: Sequence[tuple[int, str]], fence: Callable[[Session], None]) -> None:
    """Sound, words and names; the row stays, so that the recording is not fetched again."""
    _remove_files(services, batch)
    numbers = [number for number, _ in batch]
    with services.database.write() as session:
        fence(session)
        _forget(session, numbers)
        for row in session.scalars(select(RecordingRow).where(RecordingRow.id.in_(numbers))):
            row.is_emptied, row.audio_path, row.audio_bytes, row.waveform = True, "", 0, None
            row.webex_details, row.webex_metadata, row.topic = {}, {}, ""
            row.transcript_source = row.transcript_hash = row.summary_source = ""
            for side in ("caller", "callee"):
                for part in ("number", "name", "email"):
                    setattr(row, f"{side}_{part}", "")
        _note(services, session, "recordings.emptied", len(numbers))


def _remove_files(services: Services, batch: Sequence[tuple[int, str]]) -> None:
    for _, path in batch:
        audio.remove(services.settings, path)
    crash_points.reached("recordings.files_removed")


def _forget(session: Session, numbers: Sequence[int]) -> None:
    for number in numbers:
        forget_words(session, number)
    for table in (KeywordHitRow, RecordingSummaryRow):
        session.execute(delete(table).where(table.recording_id.in_(numbers)))


def _note(services: Services, session: Session, action: str, count: int) -> None:
    now = services.clock.now()
    audit.record(session, actor=ACTOR, action=action, detail={"recordings": count}, at=now)
    data_version.bump(session, DATA_VERSION, now)
