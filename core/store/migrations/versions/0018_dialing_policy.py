"""The dialling policy, whose turn it is to ask it, and the numbers people keep."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "dialing_policy",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "dialing_turn",
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("taken_at", Instant, nullable=False),
    )
    op.create_table(
        "favorite_number",
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("number", sa.String(80), primary_key=True),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("added_at", Instant, nullable=False),
    )


def downgrade() -> None:
    for table in ("favorite_number", "dialing_turn", "dialing_policy"):
        op.drop_table(table)
