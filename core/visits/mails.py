"""What became of the mails of a visit."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.models.outbox import OutboxMessage

MOST_ROWS = 30


def of_visit(session: Session, visit_id: int) -> list[OutboxMessage]:
    """The mails to client and operator of a visit, newest first; what went to channels is not among them."""
    query = (
        select(OutboxMessage)
        .where(
            OutboxMessage.subject == "visit",
            OutboxMessage.subject_id == visit_id,
            OutboxMessage.channel_id.is_(None),
        )
        .order_by(OutboxMessage.id.desc())
    )
    return list(session.scalars(query.limit(MOST_ROWS)))
