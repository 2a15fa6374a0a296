"""Alerts, their evidence and timeline, cases, mutes, and how far detection has read."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "alert_case",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("entity_kind", sa.String(12), nullable=False),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("entity_name", sa.String(200), nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("state", sa.String(14), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("severity_rank", sa.Integer, nullable=False),
        sa.Column("alerts", sa.Integer, nullable=False),
        sa.Column("cost", sa.Float, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.UniqueConstraint("public_id", name="uq_alert_case_public_id"),
    )
    op.create_index("ix_alert_case_entity", "alert_case", ["entity_kind", "entity", "last_at"])
    op.create_index("ix_alert_case_last_at_id", "alert_case", ["last_at", "id"])
    op.create_table(
        "alert_mute",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("detector", sa.String(40), nullable=False),
        sa.Column("entity_kind", sa.String(12), nullable=False),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("entity_name", sa.String(200), nullable=False),
        sa.Column("destination_group", sa.String(120), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("lifted_by", sa.String(200), nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
        sa.Column("last_hit_at", Instant),
    )
    op.create_index("ix_alert_mute_expires_at", "alert_mute", ["expires_at"])
    op.create_table(
        "alert",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("dedupe_key", sa.String(400), nullable=False),
        sa.Column("detector", sa.String(40), nullable=False),
        sa.Column("alert_type", sa.String(60), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("severity_rank", sa.Integer, nullable=False),
        sa.Column("state", sa.String(14), nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("entity_kind", sa.String(12), nullable=False),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("entity_name", sa.String(200), nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("destination_group", sa.String(120), nullable=False),
        sa.Column("local_day", sa.String(10), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("explanation", sa.JSON, nullable=False),
        sa.Column("evidence_count", sa.Integer, nullable=False),
        sa.Column("cost", sa.Float, nullable=False),
        sa.Column("first_seen", Instant, nullable=False),
        sa.Column("last_seen", Instant, nullable=False),
        sa.Column("emitted_at", Instant, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("acknowledged_at", Instant),
        sa.Column("acknowledged_by", sa.String(200), nullable=False),
        sa.Column("resolved_at", Instant),
        sa.Column("resolved_by", sa.String(200), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("resolution_notes", sa.Text, nullable=False),
        sa.Column("case_id", AutoId, sa.ForeignKey("alert_case.id", name="fk_alert_case_id"), nullable=False),
        sa.Column("mute_id", AutoId, sa.ForeignKey("alert_mute.id", name="fk_alert_mute_id")),
        sa.Column("muted_until", Instant),
        sa.Column("is_manual", sa.Boolean, nullable=False),
        sa.Column("is_backfilled", sa.Boolean, nullable=False),
        sa.Column("announced_at", Instant),
        sa.Column("announced_rank", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("deleted_at", Instant),
        sa.UniqueConstraint("dedupe_key", name="uq_alert_dedupe_key"),
        sa.UniqueConstraint("public_id", name="uq_alert_public_id"),
    )
    op.create_index("ix_alert_case_id", "alert", ["case_id"])
    op.create_index("ix_alert_alert_type", "alert", ["alert_type"])
    op.create_index("ix_alert_detector", "alert", ["detector", "emitted_at"])
    op.create_index("ix_alert_open_cost", "alert", ["is_open", "cost", "id"])
    op.create_index("ix_alert_owner", "alert", ["owner", "is_open", "emitted_at"])
    op.create_index("ix_alert_site", "alert", ["site", "emitted_at"])
    op.create_index("ix_alert_emitted", "alert", ["emitted_at", "id"])
    op.create_index("ix_alert_entity", "alert", ["entity_kind", "entity", "emitted_at"])
    op.create_index("ix_alert_open_emitted", "alert", ["is_open", "emitted_at", "id"])
    op.create_index("ix_alert_open_severity", "alert", ["is_open", "severity_rank", "emitted_at", "id"])
    op.create_index("ix_alert_resolved_at", "alert", ["resolved_at"])
    op.create_index("ix_alert_severity", "alert", ["severity_rank", "emitted_at", "id"])
    op.create_table(
        "alert_evidence",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("alert_id", AutoId, sa.ForeignKey("alert.id", name="fk_alert_evidence_alert_id"), nullable=False),
        sa.Column("report_id", sa.String(200), nullable=False),
        sa.Column("correlation_id", sa.String(200), nullable=False),
        sa.Column("started_at", Instant),
        sa.UniqueConstraint("alert_id", "report_id", name="uq_alert_evidence_alert_id_report_id"),
    )
    op.create_index("ix_alert_evidence_correlation_id", "alert_evidence", ["correlation_id"])
    op.create_index("ix_alert_evidence_report_id", "alert_evidence", ["report_id"])
    op.create_table(
        "alert_timeline",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("alert_id", AutoId, sa.ForeignKey("alert.id", name="fk_alert_timeline_alert_id"), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("from_state", sa.String(14), nullable=False),
        sa.Column("to_state", sa.String(14), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("ix_alert_timeline_alert_id_id", "alert_timeline", ["alert_id", "id"])
    op.create_table(
        "detection_cursor",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("watermark", Instant, nullable=False),
        sa.Column("began_at", Instant, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "detection_cursor",
        "alert_timeline",
        "alert_evidence",
        "alert",
        "alert_mute",
        "alert_case",
    ):
        op.drop_table(table)
