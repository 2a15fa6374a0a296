"""Requests of Watson Orchestrate and the sessions they belong to."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "watson_session",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("intent", sa.String(30), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("awaiting", sa.String(30), nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.UniqueConstraint("caller", "name", name="uq_watson_session_caller_name"),
    )
    op.create_index("ix_watson_session_last_at_id", "watson_session", ["last_at", "id"])
    op.create_table(
        "watson_request",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("session_id", sa.BigInteger),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("intent", sa.String(30), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.UniqueConstraint("caller", "key", name="uq_watson_request_caller_key"),
    )
    op.create_index("ix_watson_request_session_id", "watson_request", ["session_id"])
    op.create_index("ix_watson_request_received_at_id", "watson_request", ["received_at", "id"])
    op.create_table(
        "watson_activity",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("request_id", sa.BigInteger),
        sa.Column("session_id", sa.BigInteger),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("error_code", sa.String(60), nullable=False),
    )
    op.create_index("ix_watson_activity_request_id_id", "watson_activity", ["request_id", "id"])
    op.create_index("ix_watson_activity_session_id_id", "watson_activity", ["session_id", "id"])
    op.create_index("ix_watson_activity_at_id", "watson_activity", ["at", "id"])


def downgrade() -> None:
    op.drop_table("watson_activity")
    op.drop_table("watson_request")
    op.drop_table("watson_session")
