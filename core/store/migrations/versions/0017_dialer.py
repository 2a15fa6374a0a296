"""Outbound calls, their policy and the tests of numbers and trunks."""

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
