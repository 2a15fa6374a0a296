"""Quarantined records, import batches, saved views."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "quarantined_record",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("is_cut", sa.Boolean, nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.Column("reason_code", sa.String(40), nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.Column("first_seen", Instant, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("fingerprint", name="uq_quarantined_record_fingerprint"),
    )
    op.create_index("ix_quarantined_record_state_id", "quarantined_record", ["state", "id"])
    op.create_table(
        "import_batch",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("read", sa.BigInteger, nullable=False),
        sa.Column("new", sa.BigInteger, nullable=False),
        sa.Column("duplicate", sa.BigInteger, nullable=False),
        sa.Column("replaced", sa.BigInteger, nullable=False),
        sa.Column("quarantined", sa.BigInteger, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("finished_at", Instant),
        sa.Column("started_by", sa.String(200), nullable=False),
        sa.Column("problem", sa.String(500), nullable=False),
    )
    op.create_index("ix_import_batch_started_at", "import_batch", ["started_at"])
    op.create_table(
        "saved_view",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("page", sa.String(60), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        sa.UniqueConstraint("owner", "page", "name", name="uq_saved_view_owner_page_name"),
    )


def downgrade() -> None:
    for table in ("saved_view", "import_batch", "quarantined_record"):
        op.drop_table(table)
