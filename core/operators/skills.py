"""Skills: the words by which tickets ask for somebody and operators are known."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.operators.vocabulary import checked_skills
from core.store.models.operators import SkillRow


def known(session: Session) -> list[str]:
    """Every skill there is a name for, in order."""
    return list(session.scalars(select(SkillRow.name).order_by(SkillRow.name)))


def remember(session: Session, names: Sequence[str], *, actor: str, at: datetime) -> None:
    """Know these skills from now on, in the caller's transaction. Raises ``InvalidInputError``."""
    wanted = checked_skills(names)
    there = set(session.scalars(select(SkillRow.name).where(SkillRow.name.in_(wanted))))
    session.add_all(SkillRow(name=name, added_at=at, added_by=actor[:200]) for name in wanted if name not in there)
    session.flush()
