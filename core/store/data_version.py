"""Numbers that tell a page whether what it cached is still true."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.models.operations import DataVersion

NEVER = 0


def bump(session: Session, name: str, at: datetime) -> int:
    """Raise the number of ``name`` in the caller's transaction; gives the new number."""
    row = session.get(DataVersion, name, with_for_update=True)
    if row is None:
        row = DataVersion(name=name, number=NEVER, changed_at=at)
        session.add(row)
    row.number += 1
    row.changed_at = at
    return row.number


def current(session: Session, name: str) -> tuple[int, datetime | None]:
    """The number of ``name`` and when it last grew; ``(0, None)`` before the first change."""
    row = session.execute(select(DataVersion).where(DataVersion.name == name)).scalar_one_or_none()
    return (row.number, row.changed_at) if row else (NEVER, None)
