"""Visits: scheduled, moved, cancelled, done; and of mails that replace each other only the newest leaves."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("idempotency_key", sa.String(400)),
        sa.Column("uid", sa.String(120), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("organizer", sa.String(254), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("operator_id", sa.BigInteger, nullable=False),
        sa.Column("operator_name", sa.String(200), nullable=False),
        sa.Column("operator_email", sa.String(254), nullable=False),
        sa.Column("operator_language", sa.String(2), nullable=False),
        sa.Column("client_id", sa.BigInteger),
        sa.Column("client_name", sa.String(200), nullable=False),
        sa.Column("client_email", sa.String(254), nullable=False),
        sa.Column("client_language", sa.String(2), nullable=False),
        sa.Column("ticket_id", sa.BigInteger),
        sa.Column("concerns", sa.JSON, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("moves", sa.Integer, nullable=False),
        sa.Column("reminded_minutes", sa.Integer),
        sa.Column("ended_at", Instant),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("public_id", name="uq_visit_public_id"),
        sa.UniqueConstraint("idempotency_key", name="uq_visit_idempotency_key"),
        sa.UniqueConstraint("uid", name="uq_visit_uid"),
    )
    op.create_index("ix_visit_client_id", "visit", ["client_id"])
    op.create_index("ix_visit_ticket_id", "visit", ["ticket_id"])
    op.create_index("ix_visit_operator_id_starts_at", "visit", ["operator_id", "starts_at"])
    op.create_index("ix_visit_state_starts_at_id", "visit", ["state", "starts_at", "id"])
    op.create_index("ix_visit_starts_at_id", "visit", ["starts_at", "id"])
    op.create_table(
        "visit_timeline",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("visit_id", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("from_state", sa.String(12), nullable=False),
        sa.Column("to_state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("ix_visit_timeline_visit_id_id", "visit_timeline", ["visit_id", "id"])
    op.add_column("outbox_message", sa.Column("newest_of", sa.String(200)))
    op.create_index("ix_outbox_message_newest_of", "outbox_message", ["newest_of"])


def downgrade() -> None:
    op.drop_index("ix_outbox_message_newest_of", "outbox_message")
    op.drop_column("outbox_message", "newest_of")
    op.drop_table("visit_timeline")
    op.drop_table("visit")
