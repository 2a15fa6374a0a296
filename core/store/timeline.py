"""The history of one thing: what was done to it, one row for each change, written in the transaction that makes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.store.models.timeline import TimelineColumns

LONGEST_ACTOR, LONGEST_REASON = 200, 300

Row = TypeVar("Row", bound=TimelineColumns)


@dataclass(frozen=True)
class Deed:
    """What somebody or the product itself did, and why; ``at`` is aware UTC.

    ``from_state`` is where a change of state began, empty where the state stayed.
    """

    action: str
    actor: str
    at: datetime
    from_state: str = ""
    reason: str = ""
    comment: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def row_of(deed: Deed, state: str) -> dict[str, Any]:
    """A deed that led to ``state`` as the columns all timelines have; a comment is for those that keep any."""
    return {
        "at": deed.at,
        "actor": deed.actor[:LONGEST_ACTOR],
        "action": deed.action,
        "from_state": deed.from_state or state,
        "to_state": state,
        "reason": deed.reason[:LONGEST_REASON],
        "detail": dict(deed.detail),
    }


def newest(
    session: Session, rows: type[Row], subject: ColumnElement[bool], limit: int, before: int | None = None
) -> list[Row]:
    """The newest rows of a subject, newest first; ``before`` a row's id gives older ones."""
    query = select(rows).where(subject)
    if before is not None:
        query = query.where(rows.id < before)
    return list(session.scalars(query.order_by(rows.id.desc()).limit(limit)))
