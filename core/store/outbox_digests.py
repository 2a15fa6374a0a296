"""Messages of the outbox that wait to be told together, one digest a channel."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.store.models.outbox import OutboxMessage
from core.store.outbox import COLLECTED, COLLECTING


def collect(session: Session, channel_id: int, until: datetime) -> list[OutboxMessage]:
    """Take what waits for the digest of a channel due by ``until``, oldest first, in the caller's transaction."""
    taken = (
        update(OutboxMessage)
        .where(
            OutboxMessage.channel_id == channel_id,
            OutboxMessage.state == COLLECTING,
            OutboxMessage.not_before <= until,
        )
        .values(state=COLLECTED, finished_at=until)
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(taken), key=lambda message: message.id)


def channels_with_digests(session: Session, until: datetime) -> list[int]:
    """The channels that have something due for a digest."""
    statement = (
        select(OutboxMessage.channel_id)
        .where(OutboxMessage.state == COLLECTING, OutboxMessage.not_before <= until)
        .distinct()
    )
    return sorted(channel for channel in session.scalars(statement) if channel is not None)
