"""The numbers that a person keeps at hand."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.store.models.dialing_policy import FavoriteNumberRow

MOST = 30
LONGEST_LABEL = 60


def of_person(session: Session, person: str) -> list[FavoriteNumberRow]:
    """The favourites of a person by label."""
    asked = select(FavoriteNumberRow).where(FavoriteNumberRow.person == person)
    return list(session.scalars(asked.order_by(FavoriteNumberRow.label, FavoriteNumberRow.number)))


def keep(session: Session, person: str, number: str, label: str, *, at: datetime) -> None:
    """Keep a number (E.164), or give a kept one another label. Raises ``InvalidInputError`` when there are too many."""
    known = session.get(FavoriteNumberRow, (person, number))
    label = label.strip()[:LONGEST_LABEL]
    if known is not None:
        known.label = label
        return
    asked = select(func.count()).where(FavoriteNumberRow.person == person)
    if (session.scalar(asked) or 0) >= MOST:
        raise InvalidInputError(field="favorites", problem=f"≤ {MOST}")
    session.add(FavoriteNumberRow(person=person, number=number[:80], label=label, added_at=at))


def forget(session: Session, person: str, number: str) -> None:
    """Keep a number no longer."""
    session.execute(
        delete(FavoriteNumberRow).where(FavoriteNumberRow.person == person, FavoriteNumberRow.number == number)
    )
