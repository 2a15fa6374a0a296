"""What leaves: messages, deliveries, channels, routing rules."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
