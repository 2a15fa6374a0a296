"""Giving tickets to operators without asking anybody."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from core.store.engine import Database


def assign_best(session: Session, ticket_id: int, at: datetime, *, other_than: int | None = None) -> bool:
    """Give a ticket to whom the choice falls on; gives whether there was somebody."""
    return False


def place_waiting(database: Database, at: datetime, *, fence: Callable[[Session], None]) -> int:
    """Give the open tickets that nobody has to somebody; gives how many."""
    return 0
