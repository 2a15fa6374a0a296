"""Transcripts in the other language: asked for by a person, made by Claude in the sidecar, kept part by part."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from core.assistant.answers import added
from core.assistant.budget import Tokens
from core.errors import InvalidInputError, NotFoundError
from core.language import LANGUAGES, Language
from core.recordings import facts, query, search
from core.recordings.cues import Conversation, Cue
from core.recordings.translate_transcript import PROMPT_VERSION, Part, translate_transcript
from core.recordings.vocabulary import DATA_VERSION
from core.services import Services
from core.store import audit, commands, data_version
from core.store.models.recordings import RecordingRow, TranscriptTranslationRow

JOB = "translate_transcript"


def request_transcript(session: Session, recording_id: int, into: str, *, requested_by: str, at: datetime) -> int:
    """Ask the sidecar for the transcript of a recording in ``into``; gives the command's id.

    Raises ``NotFoundError`` for a recording without a transcript, ``InvalidInputError`` for a language that is none
    of ours or is spoken already.
    """
    row = _translatable(session, recording_id, into)
    subject = {"id": row.id, "into": into}
    detail = {**subject, "part": "transcript"}
    audit.record(session, actor=requested_by, action="recordings.translate", subject=str(row.id), detail=detail, at=at)
    return commands.request(session, "run_job", {"job": JOB, **subject}, requested_by, at)


def translate_whole(
    services: Services,
    recording_id: int,
    into: str,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    stopping: Callable[[], bool] = lambda: False,
) -> str:
    """Make and keep the translation; a part that is kept is never paid for again, whatever happens after it.

    Gives ``made``, ``known`` where it is there already, ``stopped``, or ``outdated`` when another transcript came
    meanwhile. Raises as ``request_transcript`` and what ``translate_transcript`` raises.
    """
    with services.database.read() as session:
        row = _translatable(session, recording_id, into)
        whole = query.whole(session, row)
        kept = session.get(TranscriptTranslationRow, (row.id, into))
    begin = len(kept.texts) if kept is not None and _goes_on(kept, row) else 0
    cues = [Cue(cue.start_ms, cue.end_ms, cue.speaker, cue.text) for cue in whole.cues]
    if begin == len(cues):
        return "known"
    conversation = Conversation(cues, facts.parties_of(row), row.language)
    for part in translate_transcript(services, conversation, cast(Language, into), begin):
        if not _keep(services, row, into, part, len(cues)):
            return "outdated"
        progress(part.begin + len(part.texts), len(cues))
        if stopping() and part.begin + len(part.texts) < len(cues):
            return "stopped"
    return "made"


def _translatable(session: Session, recording_id: int, into: str) -> RecordingRow:
    row = query.one(session, recording_id)
    if into not in LANGUAGES:
        raise InvalidInputError(field="language", problem=into[:20])
    if into == row.language:
        raise InvalidInputError(field="language", problem="spoken already")
    if not row.cue_count:
        raise NotFoundError(what="transcript")
    return row


def _goes_on(kept: TranscriptTranslationRow, row: RecordingRow) -> bool:
    """Whether what is kept is of this transcript and by this prompt."""
    return kept.transcript_hash == row.transcript_hash and kept.prompt_version == PROMPT_VERSION


def _keep(services: Services, row: RecordingRow, into: str, part: Part, count: int) -> bool:
    """Add a part; ``False`` when the recording is gone or was heard anew, or somebody else was quicker."""
    now = services.clock.now()
    with services.database.write() as session:
        current = session.get(RecordingRow, row.id, with_for_update=True)
        if current is None or current.deleted_at is not None or current.transcript_hash != row.transcript_hash:
            return False
        kept = session.get(TranscriptTranslationRow, (row.id, into)) or TranscriptTranslationRow(
            recording_id=row.id, language=into
        )
        if part.begin == 0:
            kept.texts, kept.cost, kept.transcript_hash = [], 0.0, row.transcript_hash
            kept.input_tokens = kept.cached_tokens = kept.output_tokens = 0
        elif len(kept.texts) != part.begin:
            return False
        tokens = added(Tokens(kept.input_tokens, kept.cached_tokens, kept.output_tokens), part.tokens)
        kept.texts = [*kept.texts, *part.texts]
        kept.is_whole = len(kept.texts) == count
        kept.prompt_version, kept.model, kept.made_at = PROMPT_VERSION, part.model, now
        kept.cost += part.cost
        kept.input_tokens, kept.cached_tokens, kept.output_tokens = tokens.read, tokens.cached, tokens.written
        session.add(kept)
        if kept.is_whole:
            search.index(session, row.id)
            data_version.bump(session, DATA_VERSION, now)
    return True
