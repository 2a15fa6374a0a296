"""One-time links by which people set their own password."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "password_link",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", AutoId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("closed_at", Instant),
        sa.UniqueConstraint("token_hash", name="uq_password_link_token_hash"),
    )
    op.create_index("ix_password_link_person_id", "password_link", ["person_id"])


def downgrade() -> None:
    op.drop_table("password_link")
