"""Outbound calls, what happened to each, and the connection to Asterisk."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    _calls()
    op.create_table(
        "outbound_call_step",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column(
            "outbound_call_id",
            AutoId,
            sa.ForeignKey("outbound_call.id", name="fk_outbound_call_step_outbound_call_id"),
            nullable=False,
        ),
        sa.Column("at", Instant, nullable=False),
        sa.Column("word", sa.String(30), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
    )
    op.create_index("ix_outbound_call_step_call", "outbound_call_step", ["outbound_call_id", "id"])
    op.create_table(
        "asterisk_connection",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("beat_at", Instant, nullable=False),
        sa.Column("application", sa.String(80), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("round_trip_ms", sa.Float),
        sa.Column("error", sa.JSON),
        sa.Column("reconnect_requested_at", Instant),
    )


def _calls() -> None:
    op.create_table(
        "outbound_call",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("call_id", sa.String(40), nullable=False),
        sa.Column("channel_id", sa.String(60), nullable=False),
        sa.Column("idempotency_key", sa.String(200)),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("endpoint", sa.String(250), nullable=False),
        sa.Column("context", sa.String(80), nullable=False),
        sa.Column("extension", sa.String(80), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("after_answer", sa.String(10), nullable=False),
        sa.Column("media", sa.String(200), nullable=False),
        sa.Column("bridge_endpoint", sa.String(250), nullable=False),
        sa.Column("caller_id", sa.String(120), nullable=False),
        sa.Column("ring_seconds", sa.Integer, nullable=False),
        sa.Column("max_seconds", sa.Integer, nullable=False),
        sa.Column("recording_name", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("policy", sa.JSON, nullable=False),
        sa.Column("test_id", sa.BigInteger),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("detail", sa.String(20), nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("placing_at", Instant),
        sa.Column("dialed_at", Instant),
        sa.Column("ringing_at", Instant),
        sa.Column("answered_at", Instant),
        sa.Column("answer_done_at", Instant),
        sa.Column("ended_at", Instant),
        sa.Column("cleared_at", Instant),
        sa.Column("hangup_requested_at", Instant),
        sa.Column("hangup_by", sa.String(200), nullable=False),
        sa.Column("last_dial_word", sa.String(40), nullable=False),
        sa.Column("cause", sa.Integer),
        sa.Column("sip_code", sa.Integer),
        sa.Column("digits", sa.String(64), nullable=False),
        sa.Column("error", sa.JSON),
        sa.UniqueConstraint("call_id", name="uq_outbound_call_call_id"),
        sa.UniqueConstraint("channel_id", name="uq_outbound_call_channel_id"),
        sa.UniqueConstraint("idempotency_key", name="uq_outbound_call_idempotency_key"),
    )
    op.create_index("ix_outbound_call_created", "outbound_call", ["created_at", "id"])
    op.create_index("ix_outbound_call_number", "outbound_call", ["number", "created_at"])
    op.create_index("ix_outbound_call_open", "outbound_call", ["is_open", "cleared_at", "id"])
    op.create_index("ix_outbound_call_person", "outbound_call", ["requested_by", "created_at"])
    op.create_index("ix_outbound_call_test", "outbound_call", ["test_id", "created_at"])


def downgrade() -> None:
    for table in ("asterisk_connection", "outbound_call_step", "outbound_call"):
        op.drop_table(table)
