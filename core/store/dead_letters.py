"""What a person does about messages of the outbox that did not leave: send them again, or give them up."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.store.models.outbox import OutboxMessage
from core.store.outbox import ATTEMPTS_BEFORE_DEAD, COLLECTING, DEAD, DISCARDED, QUEUED


def retry(session: Session, outbox_id: int, at: datetime) -> OutboxMessage:
    """Queue a dead or discarded message again with a fresh count and its old id. Raises ``NotFoundError``."""
    message = _locked(session, outbox_id)
    if message is None or message.state not in (DEAD, DISCARDED):
        raise NotFoundError(what=f"dead message {outbox_id}")
    message.state, message.not_before, message.attempts = QUEUED, at, 0
    message.finished_at = None
    message.most_attempts = max(message.most_attempts, ATTEMPTS_BEFORE_DEAD)
    return message


def discard(session: Session, outbox_id: int, at: datetime) -> OutboxMessage:
    """Give up a message that waits or is dead; it stays in the log. Raises ``NotFoundError``."""
    message = _locked(session, outbox_id)
    if message is None or message.state not in (DEAD, QUEUED, COLLECTING):
        raise NotFoundError(what=f"waiting message {outbox_id}")
    message.state, message.finished_at = DISCARDED, at
    return message


def discard_of_channel(session: Session, channel_id: int, at: datetime) -> int:
    """Give up all that waits for a channel that is being removed; gives how many."""
    gone = (
        update(OutboxMessage)
        .where(OutboxMessage.channel_id == channel_id, OutboxMessage.state.in_((QUEUED, COLLECTING)))
        .values(state=DISCARDED, finished_at=at)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", session.execute(gone)).rowcount


def _locked(session: Session, outbox_id: int) -> OutboxMessage | None:
    return session.get(OutboxMessage, outbox_id, with_for_update=True)
