"""Questions to the results of tests: a page of one test's, and the last ones of every test."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.number_tests import book
from core.number_tests.vocabulary import RUNNING
from core.store.keyset import KeysetPage, Order, SortKey, read_page
from core.store.models.number_tests import NumberTestRunRow

SHOWN = 30
RunPage = KeysetPage[NumberTestRunRow]

_NEWEST = Order(
    "newest_run",
    (
        SortKey[NumberTestRunRow](NumberTestRunRow.slot, "instant", lambda row: row.slot),
        SortKey[NumberTestRunRow](NumberTestRunRow.id, "number", lambda row: row.id),
    ),
)


def results(session: Session, test_id: int, *, cursor: str | None = None, limit: int = 100) -> RunPage:
    """The runs of a test, newest first. Raises ``NotFoundError``, ``InvalidInputError`` for a foreign cursor."""
    row = book.one(session, test_id)
    asked = select(NumberTestRunRow).where(NumberTestRunRow.test_id == row.id)
    return read_page(session, asked, _NEWEST, cursor=cursor, limit=limit)


def under_way(session: Session, run_ids: Sequence[int]) -> int:
    """How many of these runs have no result yet."""
    asked = select(func.count()).where(NumberTestRunRow.id.in_(run_ids), NumberTestRunRow.outcome == RUNNING)
    return session.scalar(asked) or 0


def recent(session: Session, test_ids: Sequence[int], *, each: int = SHOWN) -> dict[int, list[NumberTestRunRow]]:
    """The last runs of each test, oldest first."""
    place = func.row_number().over(partition_by=NumberTestRunRow.test_id, order_by=NumberTestRunRow.slot.desc())
    ranked = select(NumberTestRunRow.id, place.label("place")).where(NumberTestRunRow.test_id.in_(test_ids)).subquery()
    asked = select(NumberTestRunRow).join(ranked, ranked.c.id == NumberTestRunRow.id).where(ranked.c.place <= each)
    found: dict[int, list[NumberTestRunRow]] = defaultdict(list)
    for row in session.scalars(asked.order_by(NumberTestRunRow.slot)):
        found[row.test_id].append(row)
    return found
