"""Operators, clients, shifts and absences."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "operator",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("person", sa.String(200)),
        sa.Column("email", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("skills", sa.JSON, nullable=False),
        sa.Column("sites", sa.JSON, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        *_kept(),
        sa.UniqueConstraint("person", name="uq_operator_person"),
    )
    op.create_index("ix_operator_name", "operator", ["name", "id"])
    op.create_table(
        "client",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("contact", sa.String(200), nullable=False),
        sa.Column("email", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("priority_class", sa.String(10), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        *_kept(),
        sa.UniqueConstraint("name", name="uq_client_name"),
    )
    op.create_table(
        "skill",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("about", sa.String(300), nullable=False),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
    )
    _presence()


def _kept() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )


def _presence() -> None:
    op.create_table(
        "operator_shift",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column(
            "operator_id", AutoId, sa.ForeignKey("operator.id", name="fk_operator_shift_operator_id"), nullable=False
        ),
        sa.Column("weekdays", sa.JSON, nullable=False),
        sa.Column("begins", sa.Integer, nullable=False),
        sa.Column("ends", sa.Integer, nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
    )
    op.create_index("ix_operator_shift_operator_id", "operator_shift", ["operator_id"])
    op.create_table(
        "operator_absence",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column(
            "operator_id", AutoId, sa.ForeignKey("operator.id", name="fk_operator_absence_operator_id"), nullable=False
        ),
        sa.Column("begins_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("reason", sa.String(10), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
    )
    op.create_index("ix_operator_absence_operator_id_ends_at", "operator_absence", ["operator_id", "ends_at"])


def downgrade() -> None:
    for table in ("operator_absence", "operator_shift", "skill", "client", "operator"):
        op.drop_table(table)
