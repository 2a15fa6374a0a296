"""Recordings: where each stands, what was said in it, and what is looked for."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0011"
down_revision = "0010"

WORD = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")


def upgrade() -> None:
    _create_recordings()
    _create_steps()
    _create_what_was_said()
    _create_summaries()
    _create_keywords()
    _create_plays()


def _create_recordings() -> None:
    op.create_table(
        "recording",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("webex_id", sa.String(120), nullable=False, unique=True),
        sa.Column("webex_id_as_given", sa.String(120), nullable=False),
        sa.Column("topic", sa.String(300), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("duration_seconds", sa.Integer, nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("promised_bytes", sa.BigInteger, nullable=False),
        sa.Column("service_type", sa.String(30), nullable=False),
        sa.Column("storage_region", sa.String(30), nullable=False),
        sa.Column("webex_status", sa.String(20), nullable=False),
        sa.Column("webex_language", sa.String(20), nullable=False),
        sa.Column("owner_id", sa.String(120), nullable=False),
        sa.Column("owner_type", sa.String(30), nullable=False),
        sa.Column("owner_name", sa.String(300), nullable=False),
        sa.Column("owner_email", sa.String(320), nullable=False),
        sa.Column("location_id", sa.String(120), nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("org_id", sa.String(120), nullable=False),
        sa.Column("call_session_id", sa.String(120), nullable=False),
        sa.Column("call_session_key", sa.String(120), nullable=False),
        sa.Column("call_half_id", sa.String(120), nullable=False),
        sa.Column("sip_call_id", sa.String(200), nullable=False),
        sa.Column("recording_type", sa.String(30), nullable=False),
        sa.Column("personality", sa.String(30), nullable=False),
        sa.Column("caller_number", sa.String(80), nullable=False),
        sa.Column("caller_name", sa.String(300), nullable=False),
        sa.Column("caller_email", sa.String(320), nullable=False),
        sa.Column("callee_number", sa.String(80), nullable=False),
        sa.Column("callee_name", sa.String(300), nullable=False),
        sa.Column("callee_email", sa.String(320), nullable=False),
        sa.Column("session_started_at", Instant),
        sa.Column("session_ended_at", Instant),
        sa.Column("webex_details", sa.JSON, nullable=False),
        sa.Column("webex_metadata", sa.JSON, nullable=False),
        sa.Column("state", sa.String(14), nullable=False),
        sa.Column("steps_done", sa.Integer, nullable=False),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("problem_step", sa.String(20), nullable=False),
        sa.Column("problem_code", sa.String(60), nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("found_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("audio_path", sa.String(200), nullable=False),
        sa.Column("audio_bytes", sa.BigInteger, nullable=False),
        sa.Column("audio_type", sa.String(40), nullable=False),
        sa.Column("audio_seconds", sa.Float),
        sa.Column("audio_hash", sa.String(64), nullable=False),
        sa.Column("audio_stored_at", Instant),
        sa.Column("waveform", sa.LargeBinary),
        sa.Column("transcript_source", sa.String(30), nullable=False),
        sa.Column("transcript_hash", sa.String(64), nullable=False),
        sa.Column("transcript_at", Instant),
        sa.Column("cue_count", sa.Integer, nullable=False),
        sa.Column("word_count", sa.Integer, nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("language_confidence", sa.Float),
        sa.Column("summary_source", sa.String(12), nullable=False),
        sa.Column("sentiment_label", sa.String(12), nullable=False),
        sa.Column("sentiment_score", sa.Float),
        sa.Column("deleted_at", Instant),
        sa.Column("deleted_by", sa.String(200), nullable=False),
        sa.Column("delete_reason", sa.String(300), nullable=False),
        sa.Column("deleted_in_webex_at", Instant),
        sa.Column("is_emptied", sa.Boolean, nullable=False),
    )
    op.create_index("ix_recording_call_session_key", "recording", ["call_session_key"])
    op.create_index("ix_recording_call_half_id", "recording", ["call_half_id"])
    op.create_index("ix_recording_recorded_at_id", "recording", ["recorded_at", "id"])
    op.create_index("ix_recording_state", "recording", ["state", "recorded_at", "id"])
    op.create_index("ix_recording_next_at", "recording", ["next_at", "id"])
    op.create_index("ix_recording_site", "recording", ["site", "recorded_at"])
    op.create_index("ix_recording_deleted_at", "recording", ["deleted_at"])


def _create_steps() -> None:
    op.create_table(
        "recording_step",
        sa.Column("recording_id", AutoId, sa.ForeignKey("recording.id"), primary_key=True),
        sa.Column("step", sa.String(20), primary_key=True),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error_code", sa.String(60), nullable=False),
        sa.Column("error_facts", sa.JSON, nullable=False),
        sa.Column("started_at", Instant),
        sa.Column("finished_at", Instant),
        sa.Column("next_at", Instant),
    )
    op.create_index("ix_recording_step_step_state", "recording_step", ["step", "state"])


def _create_what_was_said() -> None:
    op.create_table(
        "recording_cue",
        sa.Column("recording_id", AutoId, sa.ForeignKey("recording.id"), primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=False),
        sa.Column("speaker", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sentiment", sa.Float),
    )
    op.create_table(
        "recording_word",
        sa.Column("word", WORD, primary_key=True),
        sa.Column("recording_id", AutoId, sa.ForeignKey("recording.id"), primary_key=True),
        sa.Column("ordinal", sa.Integer, nullable=False),
    )
    op.create_index("ix_recording_word_recording_id", "recording_word", ["recording_id"])


def _create_summaries() -> None:
    op.create_table(
        "recording_summary",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("recording_id", AutoId, sa.ForeignKey("recording.id"), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("is_translation", sa.Boolean, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("prompt_version", sa.String(40), nullable=False),
        sa.Column("request_id", sa.String(120), nullable=False),
        sa.Column("input_tokens", sa.Integer, nullable=False),
        sa.Column("output_tokens", sa.Integer, nullable=False),
        sa.Column("cached_tokens", sa.Integer, nullable=False),
        sa.Column("cost", sa.Float, nullable=False),
        sa.Column("transcript_hash", sa.String(64), nullable=False),
        sa.Column("error_code", sa.String(60), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
    )
    op.create_index("ix_recording_summary_recording_id_id", "recording_summary", ["recording_id", "id"])
    op.create_index("ix_recording_summary_transcript_hash", "recording_summary", ["transcript_hash", "prompt_version"])
    op.create_table(
        "summary_batch",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("batch_id", sa.String(120), nullable=False, unique=True),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("prompt_version", sa.String(40), nullable=False),
        sa.Column("state", sa.String(14), nullable=False),
        sa.Column("recording_ids", sa.JSON, nullable=False),
        sa.Column("outcome", sa.JSON, nullable=False),
        sa.Column("requested_at", Instant, nullable=False),
        sa.Column("finished_at", Instant),
    )


def _create_keywords() -> None:
    op.create_table(
        "keyword_list",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False, unique=True),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("phrases", sa.JSON, nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "keyword_hit",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("list_id", AutoId, sa.ForeignKey("keyword_list.id"), nullable=False),
        sa.Column("recording_id", AutoId, sa.ForeignKey("recording.id"), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("phrase", sa.String(200), nullable=False),
        sa.Column("found_at", Instant, nullable=False),
        sa.UniqueConstraint("list_id", "recording_id", "ordinal", "phrase"),
    )
    op.create_index("ix_keyword_hit_recording_id", "keyword_hit", ["recording_id"])


def _create_plays() -> None:
    op.create_table(
        "recording_play",
        sa.Column("link_hash", sa.String(64), primary_key=True),
        sa.Column("recording_id", AutoId, sa.ForeignKey("recording.id"), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("ix_recording_play_recording_id", "recording_play", ["recording_id"])


def downgrade() -> None:
    for table in (
        "recording_play",
        "keyword_hit",
        "keyword_list",
        "summary_batch",
        "recording_summary",
        "recording_word",
        "recording_cue",
        "recording_step",
        "recording",
    ):
        op.drop_table(table)
