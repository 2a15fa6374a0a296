"""Tables: recordings: where each stands, what was said in it, and what is looked for."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId

WORD = String(40).with_variant(String(40, collation="C"), "postgresql")
"""A word of the search index, in byte order: what begins alike stands together, so that a prefix is a range."""


class RecordingRow(Base):
    """One recording: what Webex tells of it, how far it was taken, and where its audio lies.

    ``webex_id`` is Webex's id without dashes in lower case. ``call_session_key`` is the call session id in the same
    form, equal to a record's Correlation ID in that form; ``call_half_id`` (``581329:0``) to its Local call ID.
    ``audio_path`` is relative to the data directory, empty without audio. ``waveform`` holds signed bytes, pairs of
    lowest and highest level. ``quality`` is steps done / 6. ``problem_step`` and ``problem_code`` name the first step
    that is missing and why; ``next_at`` is when a step is due again. ``version`` grows with each change by a person.
    ``is_emptied`` says that audio and words of a deleted one are gone for good.
    """

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    webex_id: Mapped[str] = mapped_column(String(120), unique=True)
    webex_id_as_given: Mapped[str] = mapped_column(String(120), default="")
    topic: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    duration_seconds: Mapped[int] = mapped_column(default=0)
    format: Mapped[str] = mapped_column(String(10), default="")
    promised_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    service_type: Mapped[str] = mapped_column(String(30), default="")
    storage_region: Mapped[str] = mapped_column(String(30), default="")
    webex_status: Mapped[str] = mapped_column(String(20), default="")
    webex_language: Mapped[str] = mapped_column(String(20), default="")
    owner_id: Mapped[str] = mapped_column(String(120), default="")
    owner_type: Mapped[str] = mapped_column(String(30), default="")
    owner_name: Mapped[str] = mapped_column(String(300), default="")
    owner_email: Mapped[str] = mapped_column(String(320), default="")
    location_id: Mapped[str] = mapped_column(String(120), default="")
    site: Mapped[str] = mapped_column(String(200), default="")
    org_id: Mapped[str] = mapped_column(String(120), default="")
    call_session_id: Mapped[str] = mapped_column(String(120), default="")
    call_session_key: Mapped[str] = mapped_column(String(120), default="", index=True)
    call_half_id: Mapped[str] = mapped_column(String(120), default="", index=True)
    sip_call_id: Mapped[str] = mapped_column(String(200), default="")
    recording_type: Mapped[str] = mapped_column(String(30), default="")
    personality: Mapped[str] = mapped_column(String(30), default="")
    caller_number: Mapped[str] = mapped_column(String(80), default="")
    caller_name: Mapped[str] = mapped_column(String(300), default="")
    caller_email: Mapped[str] = mapped_column(String(320), default="")
    callee_number: Mapped[str] = mapped_column(String(80), default="")
    callee_name: Mapped[str] = mapped_column(String(300), default="")
    callee_email: Mapped[str] = mapped_column(String(320), default="")
    session_started_at: Mapped[datetime | None] = mapped_column(Instant)
    session_ended_at: Mapped[datetime | None] = mapped_column(Instant)
    webex_details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    webex_metadata: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    state: Mapped[str] = mapped_column(String(14), default="pending")
    steps_done: Mapped[int] = mapped_column(default=0)
    quality: Mapped[float] = mapped_column(Float, default=0.0)
    problem_step: Mapped[str] = mapped_column(String(20), default="")
    problem_code: Mapped[str] = mapped_column(String(60), default="")
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    found_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    audio_path: Mapped[str] = mapped_column(String(200), default="")
    audio_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    audio_type: Mapped[str] = mapped_column(String(40), default="")
    audio_seconds: Mapped[float | None] = mapped_column(Float)
    audio_hash: Mapped[str] = mapped_column(String(64), default="")
    audio_stored_at: Mapped[datetime | None] = mapped_column(Instant)
    waveform: Mapped[bytes | None] = mapped_column(LargeBinary)

    transcript_source: Mapped[str] = mapped_column(String(30), default="")
    transcript_hash: Mapped[str] = mapped_column(String(64), default="")
    transcript_at: Mapped[datetime | None] = mapped_column(Instant)
    cue_count: Mapped[int] = mapped_column(default=0)
    word_count: Mapped[int] = mapped_column(default=0)
    language: Mapped[str] = mapped_column(String(10), default="")
    language_confidence: Mapped[float | None] = mapped_column(Float)
    summary_source: Mapped[str] = mapped_column(String(12), default="")
    sentiment_label: Mapped[str] = mapped_column(String(12), default="")
    sentiment_score: Mapped[float | None] = mapped_column(Float)

    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_by: Mapped[str] = mapped_column(String(200), default="")
    delete_reason: Mapped[str] = mapped_column(String(300), default="")
    deleted_in_webex_at: Mapped[datetime | None] = mapped_column(Instant)
    is_emptied: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_recording_recorded_at_id", "recorded_at", "id"),
        Index("ix_recording_state", "state", "recorded_at", "id"),
        Index("ix_recording_next_at", "next_at", "id"),
        Index("ix_recording_site", "site", "recorded_at"),
        Index("ix_recording_deleted_at", "deleted_at"),
    )


class RecordingStepRow(Base):
    """One of the six steps of a recording; ``state`` is waiting, running, done, failed or unavailable.

    ``failed`` is tried again at ``next_at`` or needs a person when that is empty; ``unavailable`` is nobody's fault
    here (Webex withholds it) and is asked for again at ``next_at`` too.
    """

    __tablename__ = "recording_step"

    recording_id: Mapped[int] = mapped_column(AutoId, ForeignKey("recording.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(20), primary_key=True)
    ordinal: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str] = mapped_column(String(60), default="")
    error_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    next_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("ix_recording_step_step_state", "step", "state"),)


class RecordingCueRow(Base):
    """One stretch of a transcript, in milliseconds from the start; ``sentiment`` from -1 to 1, empty if not judged."""

    __tablename__ = "recording_cue"

    recording_id: Mapped[int] = mapped_column(AutoId, ForeignKey("recording.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    sentiment: Mapped[float | None] = mapped_column(Float)


class RecordingWordRow(Base):
    """A word said in a recording, folded (``core.recordings.words``), and the first cue it stands in."""

    __tablename__ = "recording_word"

    word: Mapped[str] = mapped_column(WORD, primary_key=True)
    recording_id: Mapped[int] = mapped_column(AutoId, ForeignKey("recording.id"), primary_key=True, index=True)
    ordinal: Mapped[int]


class RecordingSummaryRow(Base):
    """A summary, or its translation, in one language; the newest of a language is the one in force.

    ``source`` is claude or local; ``error_code`` says why Claude's was not used. ``cost`` is in US dollars.
    """

    __tablename__ = "recording_summary"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    recording_id: Mapped[int] = mapped_column(AutoId, ForeignKey("recording.id"))
    language: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(12))
    is_translation: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    model: Mapped[str] = mapped_column(String(80), default="")
    prompt_version: Mapped[str] = mapped_column(String(40), default="")
    request_id: Mapped[str] = mapped_column(String(120), default="")
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    cached_tokens: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(Float, default=0.0)
    transcript_hash: Mapped[str] = mapped_column(String(64), default="")
    error_code: Mapped[str] = mapped_column(String(60), default="")
    made_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_recording_summary_recording_id_id", "recording_id", "id"),
        Index("ix_recording_summary_transcript_hash", "transcript_hash", "prompt_version"),
    )


class TranscriptTranslationRow(Base):
    """A transcript in another language: ``texts`` are its turns in their order, as far as they were translated.

    ``is_whole`` says that none is missing; ``transcript_hash`` is the recording's when it was made. ``cost`` in US
    dollars and tokens are those of all questions together, ``model`` the one that answered last.
    """

    __tablename__ = "transcript_translation"

    recording_id: Mapped[int] = mapped_column(AutoId, ForeignKey("recording.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(10), primary_key=True)
    texts: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_whole: Mapped[bool] = mapped_column(default=False)
    transcript_hash: Mapped[str] = mapped_column(String(64))
    prompt_version: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(80), default="")
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    cached_tokens: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(Float, default=0.0)
    made_at: Mapped[datetime] = mapped_column(Instant)


class SummaryBatchRow(Base):
    """A batch of summaries handed to Claude for back-filling; ``outcome`` counts what came of it."""

    __tablename__ = "summary_batch"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    batch_id: Mapped[str] = mapped_column(String(120), unique=True)
    model: Mapped[str] = mapped_column(String(80), default="")
    prompt_version: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(14), default="running")
    recording_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    requested_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class KeywordListRow(Base):
    """Words and phrases looked for in transcripts of a language (empty = any); ``severity`` empty raises no alert."""

    __tablename__ = "keyword_list"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    language: Mapped[str] = mapped_column(String(10), default="")
    phrases: Mapped[list[str]] = mapped_column(JSON, default=list)
    severity: Mapped[str] = mapped_column(String(10), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200), default="")


class KeywordHitRow(Base):
    """A phrase of a list found in a cue of a recording."""

    __tablename__ = "keyword_hit"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    list_id: Mapped[int] = mapped_column(AutoId, ForeignKey("keyword_list.id"))
    recording_id: Mapped[int] = mapped_column(AutoId, ForeignKey("recording.id"), index=True)
    ordinal: Mapped[int]
    phrase: Mapped[str] = mapped_column(String(200))
    found_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("list_id", "recording_id", "ordinal", "phrase"),)


class RecordingPlayRow(Base):
    """One use of a signed link to the audio, so that a play is audited once however often the player asks."""

    __tablename__ = "recording_play"

    link_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    recording_id: Mapped[int] = mapped_column(AutoId, ForeignKey("recording.id"), index=True)
    actor: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)
