"""Commands, job runs, leases, audit, data versions, tuned settings."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0001"
down_revision = None

TABLES = (
    "setting_value",
    "data_version",
    "audit_entry",
    "rate_gate",
    "scheduled_job",
    "lease",
    "job_run",
    "command",
)


def upgrade() -> None:
    op.create_table(
        "command",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("arguments", sa.JSON, nullable=False),
        sa.Column("idempotency_key", sa.String(200)),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("requested_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", Instant, nullable=False),
        sa.Column("lease_until", Instant),
        sa.Column("run_id", sa.BigInteger),
        sa.Column("finished_at", Instant),
        sa.Column("result", sa.JSON),
        sa.Column("error", sa.JSON),
        sa.UniqueConstraint("idempotency_key", name="uq_command_idempotency_key"),
    )
    op.create_index("ix_command_state_not_before", "command", ["state", "not_before"])
    op.create_table(
        "job_run",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("job", sa.String(60), nullable=False),
        sa.Column("trigger", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("finished_at", Instant),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("doing", sa.String(200), nullable=False),
        sa.Column("outcome", sa.JSON),
        sa.Column("error", sa.JSON),
    )
    op.create_index("ix_job_run_job_started_at", "job_run", ["job", "started_at"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("holder", sa.String(120), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("beat_at", Instant, nullable=False),
    )
    op.create_table(
        "scheduled_job",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("every_seconds", sa.Float),
        sa.Column("cron", sa.String(60)),
        sa.Column("next_run_at", Instant),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "rate_gate",
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("tokens", sa.Float, nullable=False),
        sa.Column("refilled_at", Instant, nullable=False),
        sa.Column("blocked_until", Instant),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_action", "audit_entry", ["action"])
    op.create_table(
        "data_version",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )
    op.create_table(
        "setting_value",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    _refuse_audit_changes()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_is_append_only()")


def _refuse_audit_changes() -> None:
    """The database itself keeps the audit append-only, whatever a program or a person at a prompt tries."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_entry_no_{event.lower()} BEFORE {event} ON audit_entry "
                "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only()"
    )
