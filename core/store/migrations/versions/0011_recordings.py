"""Recordings: where each stands, what was said in it, and what is looked for."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
