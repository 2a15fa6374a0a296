"""Requests of Watson Orchestrate and the sessions they belong to."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
