"""The six steps. Each asks, downloads or listens outside any transaction and gives what is then to be written.

What a step writes and that it is done are committed together; a step that died is simply done again.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import PermanentError
from core.recordings import audio, errors, facts, listening, search
from core.recordings.access import Found, WebexAccess
from core.recordings.cues import Cue
from core.recordings.retrying import WEBEX_WORKS_FOR
from core.recordings.speech_errors import TranscriptTooLargeError, TranscriptUnreadableError
from core.recordings.transcribe import Transcriber
from core.recordings.transcript_files import LARGEST_FILE, read_transcript
from core.recordings.vocabulary import Step
from core.recordings.waveform import waveform
from core.services import Services
from core.store.models.recordings import RecordingCueRow, RecordingRow, RecordingWordRow, TranscriptTranslationRow
from core.store.models.webex import WebexLocation
from core.webex.downloads import Received
from core.webex.errors import DownloadTooLargeError, LinkForeignError, LinkRefusedError

Write = Callable[[Session, RecordingRow], None]

WEBEX_TRANSCRIPT_FIRST = timedelta(hours=1)
"""So long Webex's own transcript is waited for before another one is made."""

WEBEX = "webex"


@dataclass
class Work:
    """One recording in the hands of the pipeline; links are asked for once a pass, or again when refused."""

    services: Services
    access: WebexAccess
    transcriber: Transcriber | None
    row: RecordingRow
    found: Found | None = None

    def details(self, *, again: bool = False) -> Found:
        """Fresh details, whose links have hours to live."""
        if self.found is None or again:
            self.found = self.access.details(self.row.webex_id_as_given, self.row.created_at)
        return self.found

    def age(self) -> timedelta:
        """How long ago Webex made the recording."""
        return self.services.clock.now() - self.row.created_at


def fetch_details(work: Work) -> Write:
    """What Webex tells of the recording; its links stay in memory."""
    told = work.details(again=True).details.told

    def write(session: Session, row: RecordingRow) -> None:
        facts.apply_listed(row, told)
        row.webex_details = dict(told) if facts.is_small(told) else {}
        _name_site(session, row)

    return write


def fetch_metadata(work: Work) -> Write:
    """Who spoke with whom. Raises ``MetadataMissingError`` while Webex has nothing."""
    told = work.access.metadata(work.row.webex_id_as_given)

    def write(session: Session, row: RecordingRow) -> None:
        facts.apply_metadata(row, told)
        row.webex_metadata = dict(told) if facts.is_small(told) else {}
        _name_site(session, row)
        search.index(session, row.id)

    return write


def download_audio(work: Work) -> Write:
    """The sound file, unless it is here; checked before it counts. Raises why Webex withholds it."""
    settings = work.services.settings
    if audio.path_of(settings, work.row) is not None:
        return lambda _session, _row: None
    draft = audio.draft_path(settings, work.row.id)
    received = _download(work, "audio", draft, settings.recordings_largest_megabytes << 20)
    kind = audio.kind_of(draft)
    audio.check_size(received, work.row.promised_bytes)
    shape = waveform(draft)
    path, media_type = audio.keep(settings, draft, work.row, kind)
    now = work.services.clock.now()

    def write(_session: Session, row: RecordingRow) -> None:
        row.audio_path, row.audio_type = path, media_type
        row.audio_bytes, row.audio_hash = received.bytes_received, received.sha256
        row.audio_seconds, row.waveform = shape.seconds, shape.peaks
        row.audio_stored_at = now

    return write


def transcript(work: Work) -> Write:
    """What was said: by Webex, else by whoever is set up to listen. Raises why there is none."""
    try:
        cues, source = _webex_transcript(work), WEBEX
    except errors.TranscriptLateError:
        if work.transcriber is None or work.age() < WEBEX_TRANSCRIPT_FIRST:
            raise
        cues, source = _heard(work, work.transcriber), work.transcriber.source
    except (PermanentError, errors.WrongContentError):
        if work.transcriber is None or audio.path_of(work.services.settings, work.row) is None:
            raise
        cues, source = _heard(work, work.transcriber), work.transcriber.source
    return _keeping(cues, source, work.services.clock.now())


def detect_language(work: Work) -> Write:
    """Which language it is in, how each turn felt, and whether somebody said what lists look for."""
    return listening.language(work.services, work.row, _cues(work))


def generate_summary(work: Work) -> Write:
    """What it came to, by Claude or by our own rules."""
    return listening.summary(work.services, work.row, _cues(work))


RUN: dict[Step, Callable[[Work], Write]] = {
    "fetch_details": fetch_details,
    "fetch_metadata": fetch_metadata,
    "download_audio": download_audio,
    "transcript": transcript,
    "detect_language": detect_language,
    "generate_summary": generate_summary,
}
"""In the order they are run: a summary wants to know the language."""


def stored_cues(session: Session, recording_id: int) -> list[Cue]:
    """The transcript as it is kept."""
    rows = session.scalars(
        select(RecordingCueRow).where(RecordingCueRow.recording_id == recording_id).order_by(RecordingCueRow.ordinal)
    )
    return [Cue(row.start_ms, row.end_ms, row.speaker, row.text) for row in rows]


def _cues(work: Work) -> list[Cue]:
    if not work.row.transcript_source:
        raise errors.NeedsTranscriptError
    with work.services.database.read() as session:
        return stored_cues(session, work.row.id)


def _download(work: Work, file: str, into: Path, largest: int) -> Received:
    """A file by a fresh link; a link whose time is over is replaced once."""
    for is_last in (False, True):
        found = work.details(again=is_last)
        if found.withheld is not None:
            raise found.withheld
        links = found.details.links
        link = (links.audio if file == "audio" else links.transcript) if links else ""
        if not link:
            raise errors.NotReadyError if file == "audio" else errors.TranscriptLateError
        try:
            return work.access.downloads.fetch(link, into, largest=largest, tokens=work.access.tokens(found.kind))
        except LinkRefusedError:
            if is_last:
                raise
    raise errors.NotReadyError


def _webex_transcript(work: Work) -> list[Cue]:
    draft = audio.draft_path(work.services.settings, work.row.id, "transcript")
    try:
        _download(work, "transcript", draft, LARGEST_FILE)
        return read_transcript(draft.read_bytes())
    except errors.TranscriptLateError:
        if work.age() < WEBEX_WORKS_FOR or work.transcriber is not None:
            raise
        raise errors.NoTranscriptError from None
    except TranscriptUnreadableError as error:
        raise errors.WrongContentError(found=error.facts["problem"]) from error
    except (DownloadTooLargeError, LinkForeignError) as error:
        raise TranscriptTooLargeError(megabytes=LARGEST_FILE >> 20) from error
    finally:
        draft.unlink(missing_ok=True)


def _heard(work: Work, transcriber: Transcriber) -> list[Cue]:
    path = audio.path_of(work.services.settings, work.row)
    if path is None:
        raise errors.NoAudioError
    return transcriber.transcribe(path, work.row.webex_language[:2].lower() or None)


def _keeping(cues: Sequence[Cue], source: str, now: datetime) -> Write:
    digest = hashlib.sha256("\n".join(f"{cue.start_ms} {cue.speaker} {cue.text}" for cue in cues).encode()).hexdigest()

    def write(session: Session, row: RecordingRow) -> None:
        forget_words(session, row.id)
        session.add_all(
            RecordingCueRow(
                recording_id=row.id,
                ordinal=ordinal,
                start_ms=cue.start_ms,
                end_ms=cue.end_ms,
                speaker=cue.speaker[:200],
                text=cue.text,
            )
            for ordinal, cue in enumerate(cues)
        )
        search.index(session, row.id)
        row.transcript_source, row.transcript_hash, row.transcript_at = source, digest, now
        row.cue_count, row.word_count = len(cues), sum(len(cue.text.split()) for cue in cues)

    return write


def forget_words(session: Session, recording_id: int) -> None:
    """Remove the cues of a recording, their translations, and their words from the search."""
    for table in (RecordingCueRow, RecordingWordRow, TranscriptTranslationRow):
        session.execute(delete(table).where(table.recording_id == recording_id))


def _name_site(session: Session, row: RecordingRow) -> None:
    location = session.get(WebexLocation, facts.location_uuid(row)[:100])
    if location is not None:
        row.site = location.name[:200]
