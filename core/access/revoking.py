"""Ending sessions and links: apart from their own modules because changes to people need it too."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.store.models.access import PasswordLinkRow, SessionRow


def end_sessions(session: Session, person_id: int, at: datetime, *, besides: str = "") -> None:
    """End every open session of a person but the one whose token hash is ``besides``, in the caller's transaction."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None), SessionRow.token_hash != besides)
        .values(revoked_at=at)
    )


def close_links(session: Session, person_id: int, at: datetime) -> None:
    """Close every open password link of a person, in the caller's transaction."""
    session.execute(
        update(PasswordLinkRow)
        .where(PasswordLinkRow.person_id == person_id, PasswordLinkRow.closed_at.is_(None))
        .values(closed_at=at)
    )
