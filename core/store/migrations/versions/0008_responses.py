"""Calling settings as polled, administrators' audit events, blocks and their undoing."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _create_settings()
    _create_responses()


def _create_settings() -> None:
    op.create_table(
        "call_setting",
        sa.Column("person_uuid", sa.String(100), primary_key=True),
        sa.Column("setting", sa.String(20), primary_key=True),
        sa.Column("value", sa.JSON),
        sa.Column("read_at", Instant),
        sa.Column("tried_at", Instant, nullable=False),
        sa.Column("changed_at", Instant),
        sa.Column("error_code", sa.String(60), nullable=False),
    )
    op.create_index("ix_call_setting_setting_tried_at", "call_setting", ["setting", "tried_at"])
    op.create_table(
        "call_setting_change",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("person_uuid", sa.String(100), nullable=False),
        sa.Column("setting", sa.String(20), nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
        sa.Column("read_before", Instant),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("actor_uuid", sa.String(100), nullable=False),
        sa.Column("actor_name", sa.String(300), nullable=False),
        sa.Column("audit_event_id", sa.String(120), nullable=False),
        sa.Column("is_ours", sa.Boolean, nullable=False),
    )
    op.create_index("ix_call_setting_change_seen_at", "call_setting_change", ["seen_at"])
    op.create_index("ix_call_setting_change_person_uuid_id", "call_setting_change", ["person_uuid", "id"])
    op.create_table(
        "admin_audit_event",
        sa.Column("id", sa.String(120), primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("setting", sa.String(20), nullable=False),
        sa.Column("actor_uuid", sa.String(100), nullable=False),
        sa.Column("actor_name", sa.String(300), nullable=False),
        sa.Column("actor_email", sa.String(320), nullable=False),
        sa.Column("actor_address", sa.String(60), nullable=False),
        sa.Column("category", sa.String(100), nullable=False),
        sa.Column("description", sa.String(300), nullable=False),
        sa.Column("action", sa.String(300), nullable=False),
        sa.Column("target_uuid", sa.String(100), nullable=False),
        sa.Column("target_name", sa.String(300), nullable=False),
        sa.Column("stored_at", Instant, nullable=False),
    )
    op.create_index("ix_admin_audit_event_at", "admin_audit_event", ["at"])
    op.create_index("ix_admin_audit_event_target_uuid_at", "admin_audit_event", ["target_uuid", "at"])


def _create_responses() -> None:
    op.create_table(
        "response",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("alert_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("is_working", sa.Boolean, nullable=False),
        sa.Column("idempotency_key", sa.String(200), unique=True),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("requested_at", Instant, nullable=False),
        sa.Column("finished_at", Instant),
        sa.Column("undo_by", sa.String(200), nullable=False),
        sa.Column("undo_at", Instant),
        sa.Column("undo_forced", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("command_id", sa.BigInteger),
    )
    op.create_index("ix_response_is_working", "response", ["is_working"])
    op.create_index("ix_response_alert_id_id", "response", ["alert_id", "id"])
    op.create_table(
        "response_change",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("response_id", AutoId, sa.ForeignKey("response.id"), nullable=False),
        sa.Column("action", sa.String(30), nullable=False),
        sa.Column("setting", sa.String(20), nullable=False),
        sa.Column("person_uuid", sa.String(100), nullable=False),
        sa.Column("person_name", sa.String(300), nullable=False),
        sa.Column("call_types", sa.JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("under_way", sa.String(130), unique=True),
        sa.Column("before", sa.JSON),
        sa.Column("intended", sa.JSON),
        sa.Column("found", sa.JSON),
        sa.Column("saved_at", Instant),
        sa.Column("applied_at", Instant),
        sa.Column("undone_at", Instant),
        sa.Column("error", sa.JSON),
    )
    op.create_index("ix_response_change_response_id_id", "response_change", ["response_id", "id"])
    op.create_index("ix_response_change_person_uuid", "response_change", ["person_uuid"])


def downgrade() -> None:
    for table in ("response_change", "response", "admin_audit_event", "call_setting_change", "call_setting"):
        op.drop_table(table)
