"""What the assistant said, and what it cost."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "assistant_view",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("subject", sa.String(12), nullable=False),
        sa.Column("subject_id", sa.BigInteger, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("facts_hash", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("prompt_version", sa.String(20), nullable=False),
        sa.Column("request_id", sa.String(80), nullable=False),
        sa.Column("input_tokens", sa.Integer, nullable=False),
        sa.Column("output_tokens", sa.Integer, nullable=False),
        sa.Column("cost", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", Instant, nullable=False),
        sa.Column("error_code", sa.String(60)),
        sa.Column("error_facts", sa.JSON),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("requested_at", Instant, nullable=False),
        sa.Column("answered_at", Instant),
    )
    op.create_index("ix_assistant_view_subject", "assistant_view", ["subject", "subject_id", "id"])
    op.create_index("ix_assistant_view_state", "assistant_view", ["state", "not_before"])
    op.create_table(
        "assistant_spend",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("reserved", sa.Float, nullable=False),
        sa.Column("cost", sa.Float),
        sa.Column("input_tokens", sa.Integer, nullable=False),
        sa.Column("cached_tokens", sa.Integer, nullable=False),
        sa.Column("output_tokens", sa.Integer, nullable=False),
        sa.Column("request_id", sa.String(80), nullable=False),
    )
    op.create_index("ix_assistant_spend_month", "assistant_spend", ["month"])


def downgrade() -> None:
    op.drop_table("assistant_spend")
    op.drop_table("assistant_view")
