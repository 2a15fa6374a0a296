"""What leaves: messages, deliveries, channels, routing rules."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "notification_channel",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False, unique=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("secrets", sa.Text),
        sa.Column("is_paused", sa.Boolean, nullable=False),
        sa.Column("per_minute", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )
    op.create_table(
        "notification_rule",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column(
            "channel_id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.ForeignKey("notification_channel.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("severities", sa.JSON, nullable=False),
        sa.Column("subjects", sa.JSON, nullable=False),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("sites", sa.JSON, nullable=False),
        sa.Column("hours", sa.JSON, nullable=False),
        sa.Column("delivery", sa.String(10), nullable=False),
        sa.Column("repeat_hours", sa.Integer, nullable=False),
        sa.Column("is_paused", sa.Boolean, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )
    op.create_index("ix_notification_rule_channel_id", "notification_rule", ["channel_id"])
    _messages()
    op.create_table(
        "delivery_attempt",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("outbox_id", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("error", sa.JSON),
    )
    op.create_index("ix_delivery_attempt_outbox_id", "delivery_attempt", ["outbox_id"])


def _messages() -> None:
    op.create_table(
        "outbox_message",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False, unique=True),
        sa.Column("message_id", sa.String(60), nullable=False),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("rule_id", sa.BigInteger),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("not_before", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("most_attempts", sa.Integer, nullable=False),
        sa.Column("lease_until", Instant),
        sa.Column("finished_at", Instant),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("error", sa.JSON),
        sa.Column("digest_id", sa.BigInteger),
    )
    op.create_index("ix_outbox_message_message_id", "outbox_message", ["message_id"])
    op.create_index("ix_outbox_message_created_at", "outbox_message", ["created_at"])
    op.create_index("ix_outbox_message_digest_id", "outbox_message", ["digest_id"])
    op.create_index("ix_outbox_message_state_not_before", "outbox_message", ["state", "not_before"])
    op.create_index("ix_outbox_message_subject", "outbox_message", ["subject", "subject_id", "channel_id"])


def downgrade() -> None:
    for table in ("delivery_attempt", "outbox_message", "notification_rule", "notification_channel"):
        op.drop_table(table)
