"""In which languages the texts of many recordings are there: the summary as it was made, and the translations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer

from core.recordings.query import in_force
from core.store.models.recordings import RecordingRow, RecordingSummaryRow, TranscriptTranslationRow

Told = TypeVar("Told")


@dataclass(frozen=True)
class TextLanguages:
    """The language a summary was made in (empty without one), and those of its and the transcript's translations."""

    summary: str = ""
    summary_translations: tuple[str, ...] = ()
    transcript_translations: tuple[str, ...] = ()


def text_languages(session: Session, ids: Sequence[int]) -> dict[int, TextLanguages]:
    """The languages of each of these recordings, by its number."""
    asked = (
        select(RecordingSummaryRow)
        .options(defer(RecordingSummaryRow.answer))
        .where(RecordingSummaryRow.recording_id.in_(ids))
        .order_by(RecordingSummaryRow.id)
    )
    summaries: dict[int, list[RecordingSummaryRow]] = {}
    for one in session.scalars(asked):
        summaries.setdefault(one.recording_id, []).append(one)
    translated = of_present_transcripts(session, ids, TranscriptTranslationRow.language)
    return {number: _languages(summaries.get(number, []), translated.get(number, [])) for number in ids}


def _languages(summaries: Sequence[RecordingSummaryRow], translated: Sequence[str]) -> TextLanguages:
    found = list(in_force(summaries).values())
    own = max((one for one in found if not one.is_translation), key=lambda one: one.id, default=None)
    return TextLanguages(
        summary=own.language if own is not None else "",
        summary_translations=tuple(sorted(one.language for one in found if one.is_translation)),
        transcript_translations=tuple(sorted(translated)),
    )


def of_present_transcripts(
    session: Session, ids: Collection[int], column: InstrumentedAttribute[Told]
) -> dict[int, list[Told]]:
    """A column of the whole translations of the transcripts that recordings have now, by the recording's number."""
    asked = (
        select(TranscriptTranslationRow.recording_id, column)
        .join(RecordingRow, RecordingRow.id == TranscriptTranslationRow.recording_id)
        .where(
            TranscriptTranslationRow.recording_id.in_(ids),
            TranscriptTranslationRow.is_whole,
            TranscriptTranslationRow.transcript_hash == RecordingRow.transcript_hash,
        )
    )
    found: dict[int, list[Told]] = {}
    for number, told in session.execute(asked).tuples():
        found.setdefault(number, []).append(told)
    return found
