"""Tuned parameters, declared campaigns, allowed destinations, tariffs, risk, forecasts."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
