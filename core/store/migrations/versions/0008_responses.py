"""Calling settings as polled, administrators' audit events, blocks and their undoing."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
