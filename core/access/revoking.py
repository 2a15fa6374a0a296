"""Ending sessions: apart from ``sessions`` because changes to people need it too."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.store.models.access import SessionRow


def end_sessions(session: Session, person_id: int, at: datetime) -> None:
    """End every open session of a person, in the caller's transaction."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None))
        .values(revoked_at=at)
    )
