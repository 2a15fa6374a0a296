"""Summaries in the other language: asked for by a person, made by Claude in the sidecar, kept beside the original."""

from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from core.language import LANGUAGES
from core.recordings import facts, query
from core.recordings.cues import Conversation, Cue
from core.recordings.listening import keep_summary
from core.recordings.summary import Source, Summary, content_of
from core.recordings.translate import translate_summary
from core.recordings.vocabulary import DATA_VERSION
from core.services import Services
from core.store import audit, commands, data_version
from core.store.models.recordings import RecordingSummaryRow

JOB = "translate_summary"


def request_translation(session: Session, recording_id: int, into: str, *, requested_by: str, at: datetime) -> int:
    """Ask the sidecar for the summary of a recording in ``into``; gives the command's id.

    Raises ``NotFoundError`` for a recording without a summary,
    ``InvalidInputError`` for a language that is none of ours.
    """
    if into not in LANGUAGES:
        raise InvalidInputError(field="language", problem=into[:20])
    found = query.whole(session, query.one(session, recording_id)).summary
    if found is None:
        raise NotFoundError(what="summary")
    subject = {"id": recording_id, "into": into}
    audit.record(
        session, actor=requested_by, action="recordings.translate", subject=str(recording_id), detail=subject, at=at
    )
    return commands.request(session, "run_job", {"job": JOB, **subject}, requested_by, at)


def translate(services: Services, recording_id: int, into: str) -> str:
    """Make and keep the translation; gives what came of it: ``made`` or, where it is there already, ``known``.

    Raises ``NotFoundError``, ``InvalidInputError`` and what ``translate_summary`` raises.
    """
    if into not in LANGUAGES:
        raise InvalidInputError(field="into", problem=into[:20])
    with services.database.read() as session:
        whole = query.whole(session, query.one(session, recording_id))
    if whole.summary is None:
        raise NotFoundError(what="summary")
    known = whole.summaries.get(into)
    if known is not None and known.id >= whole.summary.id:
        return "known"
    cues = [Cue(cue.start_ms, cue.end_ms, cue.speaker, cue.text) for cue in whole.cues]
    conversation = Conversation(cues, facts.parties_of(whole.row), whole.row.language)
    made = translate_summary(services, conversation, _summary_of(whole.summary), into)
    now = services.clock.now()
    with services.database.write() as session:
        row = query.one(session, recording_id)
        if row.transcript_hash != whole.row.transcript_hash:
            return "outdated"
        keep_summary(session, row, made, now)
        data_version.bump(session, DATA_VERSION, now)
    return "made"


def _summary_of(row: RecordingSummaryRow) -> Summary:
    return Summary(
        source=cast(Source, row.source),
        language=row.language,
        transcript_hash=row.transcript_hash,
        prompt_version=row.prompt_version,
        model=row.model,
        **content_of(row.answer),
    )
