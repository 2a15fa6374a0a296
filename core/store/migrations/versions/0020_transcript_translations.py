"""Transcripts in another language, cue by cue."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "transcript_translation",
        sa.Column("recording_id", AutoId, sa.ForeignKey("recording.id"), primary_key=True),
        sa.Column("language", sa.String(10), primary_key=True),
        sa.Column("texts", sa.JSON, nullable=False),
        sa.Column("is_whole", sa.Boolean, nullable=False),
        sa.Column("transcript_hash", sa.String(64), nullable=False),
        sa.Column("prompt_version", sa.String(40), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("input_tokens", sa.Integer, nullable=False),
        sa.Column("output_tokens", sa.Integer, nullable=False),
        sa.Column("cached_tokens", sa.Integer, nullable=False),
        sa.Column("cost", sa.Float, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("transcript_translation")
