"""Reports made, and when the next ones are due."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "report_schedule",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("period", sa.String(20), nullable=False),
        sa.Column("cron", sa.String(100), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("formats", sa.JSON, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_report_schedule_next_at", "report_schedule", ["next_at"])
    op.create_table(
        "report_run",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False, unique=True),
        sa.Column("schedule_id", sa.BigInteger),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("formats", sa.JSON, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("requested_at", Instant, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", Instant, nullable=False),
        sa.Column("lease_until", Instant),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("finished_at", Instant),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("expires_at", Instant),
        sa.Column("mail_id", sa.BigInteger),
        sa.Column("error_code", sa.String(60)),
        sa.Column("error_facts", sa.JSON),
    )
    op.create_index("ix_report_run_state", "report_run", ["state", "not_before"])
    op.create_index("ix_report_run_schedule_id", "report_run", ["schedule_id", "id"])
    op.create_index("ix_report_run_expires_at", "report_run", ["expires_at"])


def downgrade() -> None:
    op.drop_table("report_run")
    op.drop_table("report_schedule")
