"""Filters that people keep under a name: the query string of a page, per person."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.store.models.calls import SavedView

LONGEST_NAME = 100
LONGEST_QUERY = 2000
MOST_VIEWS = 200
"""Of one person on one page: a list nobody can read is no help."""


def save(session: Session, *, owner: str, page: str, name: str, query: str, at: datetime) -> SavedView:
    """Keep ``query`` of ``page`` under ``name``; the same name of the same person is overwritten.

    Raises ``InvalidInputError`` for an empty or over-long name or query, or too many views.
    """
    name = " ".join(name.split())
    _check("name", name, LONGEST_NAME)
    query = query.strip().removeprefix("?")
    if len(query) > LONGEST_QUERY or not query.isprintable():
        raise InvalidInputError(field="query", problem=f"<= {LONGEST_QUERY}")
    view = _one(session, owner, page, name)
    if view is None:
        if len(listed(session, owner=owner, page=page)) >= MOST_VIEWS:
            raise InvalidInputError(field="views", problem=f"<= {MOST_VIEWS}")
        view = SavedView(owner=owner, page=page, name=name)
        session.add(view)
    view.query = query
    view.saved_at = at
    session.flush()
    return view


def _check(field: str, value: str, longest: int) -> None:
    if not value or len(value) > longest or not value.isprintable():
        raise InvalidInputError(field=field, problem=f"1..{longest}" if value else "–")


def _one(session: Session, owner: str, page: str, name: str) -> SavedView | None:
    query = select(SavedView).where(SavedView.owner == owner, SavedView.page == page, SavedView.name == name)
    return session.scalars(query).one_or_none()


def listed(session: Session, *, owner: str, page: str) -> list[SavedView]:
    """The person's views of a page, by name."""
    query = select(SavedView).where(SavedView.owner == owner, SavedView.page == page)
    return list(session.scalars(query.order_by(func.lower(SavedView.name), SavedView.id)))


def remove(session: Session, *, owner: str, view_id: int) -> bool:
    """Forget a view of the person's own; false when there is none."""
    gone = session.execute(
        delete(SavedView).where(SavedView.id == view_id, SavedView.owner == owner).returning(SavedView.id)
    )
    return gone.first() is not None
