"""Tickets, their policies and what happened to each."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    _tickets()
    _promises()
    _escalation()


def _tickets() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("source_key", sa.String(200)),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("texts", sa.JSON, nullable=False),
        sa.Column("priority", sa.String(10), nullable=False),
        sa.Column("priority_rank", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("client_id", sa.BigInteger),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("skills", sa.JSON, nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("operator_id", sa.BigInteger),
        sa.Column("assigned_at", Instant),
        sa.Column("waiting_reason", sa.String(300), nullable=False),
        sa.Column("waiting_until", Instant),
        sa.Column("resolution", sa.Text, nullable=False),
        sa.Column("merged_into_id", sa.BigInteger),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("owned_at", Instant),
        sa.Column("resolved_at", Instant),
        sa.Column("own_due_at", Instant),
        sa.Column("resolve_due_at", Instant),
        sa.Column("own_left_seconds", sa.Integer),
        sa.Column("resolve_left_seconds", sa.Integer),
        sa.Column("due_at", Instant),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("source_key", name="uq_ticket_source_key"),
    )
    op.create_index("ix_ticket_client", "ticket", ["client_id", "created_at"])
    op.create_index("ix_ticket_created", "ticket", ["created_at", "id"])
    op.create_index("ix_ticket_merged_into_id", "ticket", ["merged_into_id"])
    op.create_index("ix_ticket_open_due", "ticket", ["is_open", "due_at", "id"])
    op.create_index("ix_ticket_open_priority", "ticket", ["is_open", "priority_rank", "created_at", "id"])
    op.create_index("ix_ticket_operator", "ticket", ["operator_id", "is_open", "id"])
    op.create_index("ix_ticket_resolved_at", "ticket", ["resolved_at"])
    op.create_index("ix_ticket_waiting_until", "ticket", ["waiting_until"])
    op.create_table(
        "ticket_timeline",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("ticket_id", AutoId, sa.ForeignKey("ticket.id", name="fk_ticket_timeline_ticket_id"), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("from_state", sa.String(10), nullable=False),
        sa.Column("to_state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("ix_ticket_timeline_ticket_id_id", "ticket_timeline", ["ticket_id", "id"])
    op.create_table(
        "ticket_link",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("ticket_id", AutoId, sa.ForeignKey("ticket.id", name="fk_ticket_link_ticket_id"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("ticket_id", "kind", "reference", name="uq_ticket_link_ticket_id_kind_reference"),
    )
    op.create_index("ix_ticket_link_kind_reference", "ticket_link", ["kind", "reference"])
    op.create_table(
        "ticket_watcher",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("ticket_id", AutoId, sa.ForeignKey("ticket.id", name="fk_ticket_watcher_ticket_id"), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("added_at", Instant, nullable=False),
        sa.UniqueConstraint("ticket_id", "person", name="uq_ticket_watcher_ticket_id_person"),
    )
    op.create_index("ix_ticket_watcher_person", "ticket_watcher", ["person"])


def _promises() -> None:
    op.create_table(
        "ticket_calendar",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("is_always", sa.Boolean, nullable=False),
        sa.Column("hours", sa.JSON, nullable=False),
        sa.Column("closed_days", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("name", name="uq_ticket_calendar_name"),
    )
    op.create_table(
        "ticket_policy",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("priority", sa.String(10), nullable=False),
        sa.Column("client_id", sa.BigInteger, nullable=False),
        sa.Column(
            "calendar_id",
            AutoId,
            sa.ForeignKey("ticket_calendar.id", name="fk_ticket_policy_calendar_id"),
            nullable=False,
        ),
        sa.Column("own_minutes", sa.Integer),
        sa.Column("resolve_minutes", sa.Integer),
        sa.Column("steps", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("priority", "client_id", name="uq_ticket_policy_priority_client_id"),
    )
    op.create_table(
        "ticket_rule",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("is_paused", sa.Boolean, nullable=False),
        sa.Column("per", sa.String(8), nullable=False),
        sa.Column("least_severity", sa.String(10), nullable=False),
        sa.Column("detectors", sa.JSON, nullable=False),
        sa.Column("sites", sa.JSON, nullable=False),
        sa.Column("priority", sa.String(10), nullable=False),
        sa.Column("client_id", sa.BigInteger),
        sa.Column("skills", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )


def _escalation() -> None:
    op.create_table(
        "ticket_escalation",
        sa.Column(
            "ticket_id",
            AutoId,
            sa.ForeignKey("ticket.id", name="fk_ticket_escalation_ticket_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("policy", sa.JSON, nullable=False),
        sa.Column("next_step", sa.Integer),
        sa.Column("next_at", Instant),
        sa.Column("held_until", Instant),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_index("ix_ticket_escalation_next_at", "ticket_escalation", ["next_at"])
    op.create_table(
        "ticket_model",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("trained_at", Instant, nullable=False),
        sa.Column("tickets", sa.Integer, nullable=False),
        sa.Column("missed", sa.Integer, nullable=False),
        sa.Column("auc", sa.Float),
        sa.Column("weights", sa.JSON, nullable=False),
    )
    op.create_table(
        "ticket_prediction",
        sa.Column(
            "ticket_id",
            AutoId,
            sa.ForeignKey("ticket.id", name="fk_ticket_prediction_ticket_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("model_id", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "ticket_prediction",
        "ticket_model",
        "ticket_escalation",
        "ticket_rule",
        "ticket_policy",
        "ticket_calendar",
        "ticket_watcher",
        "ticket_link",
        "ticket_timeline",
        "ticket",
    ):
        op.drop_table(table)
