"""The search in what was said: the index of words kept up to date, and the places found, as data and never as markup.

Beside the words of the cues and of their translations the index holds those of summaries, in every language they were
written in, and of the names of who took part: such a word has no cue, its ordinal is ``BESIDE``.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.recordings.text_languages import of_present_transcripts
from core.recordings.words import first_cues, fold, range_of, words_of
from core.store.models.recordings import (
    RecordingCueRow,
    RecordingRow,
    RecordingSummaryRow,
    RecordingWordRow,
    TranscriptTranslationRow,
)

BESIDE = -1
MOST_SNIPPETS = 2
"""Places shown of one recording: the ones that hold most of the words."""

SNIPPET_SIGNS = 180
_BEFORE = 60
_WORD = re.compile(r"[^\W_]+")
_GAP = "…"


@dataclass(frozen=True)
class Piece:
    """A stretch of text as it was said or written, and whether it is what was looked for."""

    text: str
    is_hit: bool


@dataclass(frozen=True)
class Snippet:
    """A place that was found; ``ordinal``, ``start_ms`` and ``speaker`` are the cue's (that a claim rests on, where it
    was found in a summary)."""

    source: Literal["transcript", "summary"]
    pieces: tuple[Piece, ...]
    ordinal: int | None = None
    start_ms: int | None = None
    speaker: str = ""

    @property
    def text(self) -> str:
        """The place without what tells the hits apart."""
        return "".join(piece.text for piece in self.pieces)


def index(session: Session, recording_id: int) -> int:
    """Write anew which words a recording holds, in the caller's transaction; gives how many. Bears a repetition.

    Call it after its transcript, a summary or its parties changed. Raises ``NotFoundError``.
    """
    row = session.get(RecordingRow, recording_id)
    if row is None:
        raise NotFoundError(what=f"recording {recording_id}")
    session.flush()
    said = session.scalars(
        select(RecordingCueRow.text)
        .where(RecordingCueRow.recording_id == recording_id)
        .order_by(RecordingCueRow.ordinal)
    )
    words = first_cues(said)
    answers = session.scalars(
        select(RecordingSummaryRow.answer).where(RecordingSummaryRow.recording_id == recording_id)
    )
    beside = [row.topic, row.caller_name, row.callee_name, row.owner_name]
    beside += [text for answer in answers for text, _ in _texts(answer)]
    for texts in of_present_transcripts(session, [recording_id], TranscriptTranslationRow.texts).get(recording_id, []):
        for word, at in first_cues(texts).items():
            words.setdefault(word, at)
    for word in words_of(" ".join(beside)):
        words.setdefault(word, BESIDE)
    session.execute(delete(RecordingWordRow).where(RecordingWordRow.recording_id == recording_id))
    if words:
        rows = [{"word": word, "recording_id": recording_id, "ordinal": at} for word, at in words.items()]
        session.execute(insert(RecordingWordRow), rows)
    return len(words)


def snippets(session: Session, ids: Sequence[int], words: Sequence[str]) -> dict[int, list[Snippet]]:
    """Where the words (folded beginnings, as ``RecordingFilter.words``) stand in these recordings, by their number.

    At most ``MOST_SNIPPETS`` each; a recording found by the name of who took part has none.
    """
    if not ids or not words:
        return {}
    places = _places(session, ids, words)
    found = _in_cues(session, places, words)
    unsaid = [one for one in ids if one not in found]
    return found | _in_summaries(session, unsaid, words)


def _places(session: Session, ids: Sequence[int], words: Sequence[str]) -> list[tuple[int, int]]:
    """The first cue of each word, as pairs of the recording's number and the cue's."""
    places: set[tuple[int, int]] = set()
    for word in words:
        first, beyond = range_of(word)
        asked = (
            select(RecordingWordRow.recording_id, func.min(RecordingWordRow.ordinal))
            .where(
                RecordingWordRow.word >= first,
                RecordingWordRow.word < beyond,
                RecordingWordRow.recording_id.in_(ids),
                RecordingWordRow.ordinal >= 0,
            )
            .group_by(RecordingWordRow.recording_id)
        )
        places.update((number, ordinal) for number, ordinal in session.execute(asked))
    return sorted(places)


def _in_cues(session: Session, places: Sequence[tuple[int, int]], words: Sequence[str]) -> dict[int, list[Snippet]]:
    if not places:
        return {}
    at = tuple_(RecordingCueRow.recording_id, RecordingCueRow.ordinal)
    translated = of_present_transcripts(session, {number for number, _ in places}, TranscriptTranslationRow.texts)
    found: dict[int, list[Snippet]] = {}
    for cue in session.scalars(select(RecordingCueRow).where(at.in_(places))):
        pieces = highlighted(cue.text, words)
        told = [texts[cue.ordinal] for texts in translated.get(cue.recording_id, []) if cue.ordinal < len(texts)]
        if not any(piece.is_hit for piece in pieces) and told:
            pieces = max((highlighted(text, words) for text in told), key=_hits)
        snippet = Snippet("transcript", pieces, cue.ordinal, cue.start_ms, cue.speaker)
        found.setdefault(cue.recording_id, []).append(snippet)
    return {number: _best(several) for number, several in found.items()}


def _best(found: list[Snippet]) -> list[Snippet]:
    """Those that hold most of what was looked for, the earlier of equals first."""
    ranked = sorted(found, key=lambda one: (-_hits(one.pieces), one.ordinal is None, one.ordinal))
    return ranked[:MOST_SNIPPETS]


def _hits(pieces: Sequence[Piece]) -> int:
    return sum(piece.is_hit for piece in pieces)


def _in_summaries(session: Session, ids: Sequence[int], words: Sequence[str]) -> dict[int, list[Snippet]]:
    if not ids:
        return {}
    asked = select(RecordingSummaryRow.recording_id, RecordingSummaryRow.answer).where(
        RecordingSummaryRow.recording_id.in_(ids)
    )
    found: dict[int, list[Snippet]] = {}
    for number, answer in session.execute(asked.order_by(RecordingSummaryRow.id.desc())):
        for text, cue in _texts(answer):
            pieces = highlighted(text, words)
            if any(piece.is_hit for piece in pieces):
                found.setdefault(number, []).append(Snippet("summary", pieces, cue))
    return {number: _best(several)[:1] for number, several in found.items()}


def _texts(answer: Mapping[str, Any]) -> Iterator[tuple[str, int | None]]:
    """What a summary says, each with the cue it rests on."""
    for name in ("claims", "bullets", "action_items"):
        for one in answer.get(name) or ():
            yield str(one["text"]), one.get("cue")
    yield from ((str(topic), None) for topic in answer.get("topics") or ())


def highlighted(text: str, words: Sequence[str], longest: int = SNIPPET_SIGNS) -> tuple[Piece, ...]:
    """The text around the first hit, at most about ``longest`` signs, in pieces that tell the hits apart."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    spans = [found.span() for found in _WORD.finditer(text) if _is_hit(found.group(), words)]
    begin, end = _window(text, spans[0][0] if spans else 0, longest)
    pieces = [Piece(_GAP, False)] if begin else []
    at = begin
    for first, beyond in spans:
        if beyond > end:
            break
        if first > at:
            pieces.append(Piece(text[at:first], False))
        pieces.append(Piece(text[first:beyond], True))
        at = beyond
    if at < end:
        pieces.append(Piece(text[at:end], False))
    return (*pieces, Piece(_GAP, False)) if end < len(text) else tuple(pieces)


def _is_hit(said: str, words: Sequence[str]) -> bool:
    return fold(said).startswith(tuple(words))


def _window(text: str, hit: int, longest: int) -> tuple[int, int]:
    """From where to where the text is shown, cut between words."""
    if len(text) <= longest:
        return 0, len(text)
    begin = 0 if hit <= _BEFORE else text.find(" ", hit - _BEFORE, hit) + 1 or hit
    end = len(text) if len(text) - begin <= longest else text.rfind(" ", hit, begin + longest)
    return begin, end if end > hit else min(len(text), begin + longest)
