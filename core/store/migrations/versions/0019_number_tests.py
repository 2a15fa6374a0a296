"""Scheduled tests of numbers and trunks, and each run of one."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    _create_tests()
    op.create_table(
        "number_test_run",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("test_id", AutoId, sa.ForeignKey("number_test.id"), nullable=False),
        sa.Column("slot", Instant, nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("expects", sa.String(12), nullable=False),
        sa.Column("within_seconds", sa.Integer, nullable=False),
        sa.Column("call_id", sa.String(40)),
        sa.Column("began_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("answered_after", sa.Float),
        sa.Column("alert_id", sa.BigInteger),
        sa.UniqueConstraint("test_id", "slot"),
    )
    op.create_index("ix_number_test_run_outcome", "number_test_run", ["outcome", "id"])
    op.create_index("ix_number_test_run_slot", "number_test_run", ["slot"])


def _create_tests() -> None:
    op.create_table(
        "number_test",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("endpoint", sa.String(120), nullable=False),
        sa.Column("site", sa.String(300), nullable=False),
        sa.Column("caller_id", sa.String(120), nullable=False),
        sa.Column("expects", sa.String(12), nullable=False),
        sa.Column("within_seconds", sa.Integer, nullable=False),
        sa.Column("hold_seconds", sa.Integer, nullable=False),
        sa.Column("media", sa.String(200), nullable=False),
        sa.Column("weekdays", sa.JSON, nullable=False),
        sa.Column("first_hour", sa.Integer, nullable=False),
        sa.Column("last_hour", sa.Integer, nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("every_minutes", sa.Integer, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("resumed_at", Instant, nullable=False),
        sa.Column("misses_in_a_row", sa.Integer, nullable=False),
        sa.Column("alert_key", sa.String(120), nullable=False),
        sa.Column("alert_id", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    for table in ("number_test_run", "number_test"):
        op.drop_table(table)
