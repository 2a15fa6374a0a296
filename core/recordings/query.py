"""Questions to the recordings: a page of them, one with all that is known, figures of a filter, those of a call."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, defer

from core.errors import NotFoundError
from core.recordings.filters import RecordingFilter, call_key
from core.recordings.vocabulary import STATES, STEPS
from core.store.keyset import KeysetPage, Order, SortKey, read_page
from core.store.models.recordings import (
    KeywordHitRow,
    KeywordListRow,
    RecordingCueRow,
    RecordingRow,
    RecordingStepRow,
    RecordingSummaryRow,
    TranscriptTranslationRow,
)

COUNTED_TO = 10_000
"""A list longer than this is told as "more than"."""

MOST_OF_CALL = 50
MOST_CHOICES = 500
_ID = SortKey[RecordingRow](RecordingRow.id, "number", lambda row: row.id)
_UNFELT = 2.0
"""Below every feeling in an order that begins with the worst."""

ORDERS: dict[str, Order[RecordingRow]] = {
    "": Order("newest", (SortKey[RecordingRow](RecordingRow.recorded_at, "instant", lambda row: row.recorded_at), _ID)),
    "longest": Order(
        "longest",
        (SortKey[RecordingRow](RecordingRow.duration_seconds, "number", lambda row: row.duration_seconds), _ID),
    ),
    "worst": Order(
        "worst",
        (
            SortKey[RecordingRow](
                -func.coalesce(RecordingRow.sentiment_score, _UNFELT),
                "fraction",
                lambda row: -_UNFELT if row.sentiment_score is None else -row.sentiment_score,
            ),
            _ID,
        ),
    ),
}
"""How lists are ordered: newest first, longest first, or the worst feeling first and those without one last."""

RecordingPage = KeysetPage[RecordingRow]


def page(
    session: Session,
    filter: RecordingFilter,
    now: datetime,
    *,
    cursor: str | None = None,
    limit: int = 100,
    skip: int = 0,
) -> RecordingPage:
    """The recordings of a filter beyond ``cursor``, at most ``limit``, in the filter's order; without waveforms.

    ``skip`` passes over so many first (S2-18); the cost grows with it. Raises ``InvalidInputError`` for a cursor not
    of ours.
    """
    heavy = (RecordingRow.waveform, RecordingRow.webex_details, RecordingRow.webex_metadata)
    query = select(RecordingRow).options(*(defer(column) for column in heavy)).where(*filter.where(now))
    return read_page(session, query, ORDERS[filter.sort], cursor=cursor, limit=limit, skip=skip)


def count(session: Session, filter: RecordingFilter, now: datetime) -> int:
    """How many recordings the filter shows, counted up to ``COUNTED_TO`` + 1."""
    some = select(RecordingRow.id).where(*filter.where(now)).limit(COUNTED_TO + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def one(session: Session, reference: str | int, *, with_deleted: bool = False) -> RecordingRow:
    """A recording by its number or Webex's id. Raises ``NotFoundError``, also for a deleted one unless asked for."""
    told = str(reference).strip()
    if told.isascii() and told.isdigit() and len(told) < 19:
        asked = RecordingRow.id == int(told)
    else:
        asked = or_(RecordingRow.webex_id == call_key(told)[:120], RecordingRow.webex_id_as_given == told[:120])
    found = session.scalars(select(RecordingRow).where(asked).limit(1)).one_or_none() if told else None
    if found is None or (found.deleted_at is not None and not with_deleted):
        raise NotFoundError(what="recording")
    return found


@dataclass(frozen=True)
class KeywordHit:
    """A phrase of a list that was said: the list's number and name, and the cue it stands in."""

    list_id: int
    list_name: str
    phrase: str
    ordinal: int


@dataclass(frozen=True)
class WholeRecording:
    """A recording with its steps in their order, its cues, the summary in force of each language, its hits, and the
    whole translations of its transcript by language, each with a text for each cue."""

    row: RecordingRow
    steps: list[RecordingStepRow]
    cues: list[RecordingCueRow]
    summaries: dict[str, RecordingSummaryRow]
    hits: list[KeywordHit]
    translations: dict[str, TranscriptTranslationRow]

    @property
    def summary(self) -> RecordingSummaryRow | None:
        """The newest summary that is no translation."""
        own = [one for one in self.summaries.values() if not one.is_translation]
        return max(own, key=lambda one: one.id) if own else None

    def summary_in(self, language: str) -> RecordingSummaryRow | None:
        """The summary in a language, else the one that is no translation."""
        return self.summaries.get(language) or self.summary


def whole(session: Session, row: RecordingRow) -> WholeRecording:
    """All that is known of a recording."""
    steps = session.scalars(select(RecordingStepRow).where(RecordingStepRow.recording_id == row.id)).all()
    place: dict[str, int] = {step: position for position, step in enumerate(STEPS)}
    cues = select(RecordingCueRow).where(RecordingCueRow.recording_id == row.id).order_by(RecordingCueRow.ordinal)
    summaries = (
        select(RecordingSummaryRow).where(RecordingSummaryRow.recording_id == row.id).order_by(RecordingSummaryRow.id)
    )
    translations = select(TranscriptTranslationRow).where(
        TranscriptTranslationRow.recording_id == row.id,
        TranscriptTranslationRow.is_whole,
        TranscriptTranslationRow.transcript_hash == row.transcript_hash,
    )
    return WholeRecording(
        row=row,
        steps=sorted(steps, key=lambda one: place.get(one.step, len(place))),
        cues=list(session.scalars(cues)),
        summaries=in_force(list(session.scalars(summaries))),
        hits=hits(session, [row.id]).get(row.id, []),
        translations={one.language: one for one in session.scalars(translations)},
    )


def in_force(summaries: Sequence[RecordingSummaryRow]) -> dict[str, RecordingSummaryRow]:
    """The newest of each language, of a recording's summaries in the order they were made.

    A translation of what was said before is none of what is said now.
    """
    own = [one for one in summaries if not one.is_translation]
    found: dict[str, RecordingSummaryRow] = {}
    for one in summaries:
        if not one.is_translation or (own and one.transcript_hash == own[-1].transcript_hash):
            found[one.language] = one
    return found


def hits(session: Session, ids: Sequence[int]) -> dict[int, list[KeywordHit]]:
    """The phrases of keyword lists that were said, in the order of cues, by the recording's number."""
    asked = (
        select(KeywordHitRow, KeywordListRow.name)
        .join(KeywordListRow, KeywordListRow.id == KeywordHitRow.list_id)
        .where(KeywordHitRow.recording_id.in_(ids))
        .order_by(KeywordHitRow.ordinal, KeywordHitRow.id)
    )
    found: dict[int, list[KeywordHit]] = {}
    for row, name in session.execute(asked):
        found.setdefault(row.recording_id, []).append(KeywordHit(row.list_id, name, row.phrase, row.ordinal))
    return found


def heard(session: Session) -> dict[int, int]:
    """In how many recordings each keyword list was heard, by the list's number."""
    asked = select(KeywordHitRow.list_id, func.count(KeywordHitRow.recording_id.distinct()))
    return {number: int(count) for number, count in session.execute(asked.group_by(KeywordHitRow.list_id))}


def answers(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The summary in force of each recording, as ``Summary.answer`` wrote it, by the recording's number."""
    asked = (
        select(RecordingSummaryRow.recording_id, RecordingSummaryRow.answer)
        .where(RecordingSummaryRow.recording_id.in_(ids), RecordingSummaryRow.is_translation.is_(False))
        .order_by(RecordingSummaryRow.id)
    )
    return {row.recording_id: row.answer for row in session.execute(asked)}


@dataclass(frozen=True)
class RecordingStats:
    """Figures of a filter (S2-23). ``mean_quality`` from 0 to 1 is ``None`` without any recording; storage is what the
    audio kept here takes, in millions of bytes."""

    total: int
    by_state: dict[str, int]
    by_sentiment: dict[str, int]
    by_language: dict[str, int]
    with_audio: int
    with_transcript: int
    with_summary: int
    mean_quality: float | None
    seconds: int
    storage_mb: float


def stats(session: Session, filter: RecordingFilter, now: datetime) -> RecordingStats:
    """The figures of the recordings that a filter shows."""
    named = {
        "state": RecordingRow.state,
        "sentiment": RecordingRow.sentiment_label,
        "language": RecordingRow.language,
    }
    sums: dict[str, Any] = {
        "with_audio": func.sum(case((RecordingRow.audio_path != "", 1), else_=0)),
        "with_transcript": func.sum(case((RecordingRow.cue_count > 0, 1), else_=0)),
        "with_summary": func.sum(case((RecordingRow.summary_source != "", 1), else_=0)),
        "quality": func.sum(RecordingRow.quality),
        "seconds": func.sum(RecordingRow.duration_seconds),
        "bytes": func.sum(RecordingRow.audio_bytes),
    }
    asked = select(*named.values(), func.count(), *sums.values()).where(*filter.where(now)).group_by(*named.values())
    by: dict[str, dict[str, int]] = {name: {} for name in named}
    total, summed = 0, dict.fromkeys(sums, 0.0)
    for *values, number, audio, transcript, summary, quality, seconds, size in session.execute(asked):
        total += number
        for name, value in zip(named, values, strict=True):
            by[name][value] = by[name].get(value, 0) + number
        for name, value in zip(sums, (audio, transcript, summary, quality, seconds, size), strict=True):
            summed[name] += float(value)
    return RecordingStats(
        total=total,
        by_state={state: by["state"].get(state, 0) for state in STATES},
        by_sentiment={name: number for name, number in by["sentiment"].items() if name},
        by_language={name: number for name, number in by["language"].items() if name},
        with_audio=int(summed["with_audio"]),
        with_transcript=int(summed["with_transcript"]),
        with_summary=int(summed["with_summary"]),
        mean_quality=round(summed["quality"] / total, 4) if total else None,
        seconds=int(summed["seconds"]),
        storage_mb=round(summed["bytes"] / 1e6, 2),
    )


def for_journey(session: Session, correlation_ids: Iterable[str], call_half_ids: Iterable[str]) -> list[RecordingRow]:
    """The recordings of a call, oldest first: by its Correlation IDs in any spelling, else by its Local call IDs."""
    keys = {call_key(one) for one in correlation_ids if one.strip()}
    halves = {one.strip().lower() for one in call_half_ids if one.strip()}
    for column, values in ((RecordingRow.call_session_key, keys), (RecordingRow.call_half_id, halves)):
        asked = (
            select(RecordingRow)
            .options(defer(RecordingRow.waveform))
            .where(column.in_(sorted(values)), RecordingRow.deleted_at.is_(None))
            .order_by(RecordingRow.recorded_at, RecordingRow.id)
            .limit(MOST_OF_CALL)
        )
        found = list(session.scalars(asked)) if values else []
        if found:
            return found
    return []


def choices(session: Session) -> dict[str, list[str]]:
    """The sites and languages recordings have, for a filter's widgets."""

    def values(column: Any) -> list[str]:
        asked = select(column).where(RecordingRow.deleted_at.is_(None)).distinct().limit(MOST_CHOICES)
        return sorted(str(value) for value in session.scalars(asked) if value)

    return {"sites": values(RecordingRow.site), "languages": values(RecordingRow.language)}
