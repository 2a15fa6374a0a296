"""The tests as kept: added, changed, paused and removed by people, each audited."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.number_tests.definition import NumberTest
from core.number_tests.vocabulary import DATA_VERSION
from core.store import audit, data_version
from core.store.models.number_tests import NumberTestRow, NumberTestRunRow

MOST_TESTS = 100


def add(session: Session, test: NumberTest, *, actor: str, at: datetime) -> int:
    """Keep a new test, dialled from its next slot on; gives its id. Raises ``InvalidInputError``."""
    if (session.scalar(select(func.count()).select_from(NumberTestRow)) or 0) >= MOST_TESTS:
        raise InvalidInputError(field="tests", problem=f"> {MOST_TESTS}")
    row = NumberTestRow(
        **test.columns(),
        is_enabled=True,
        resumed_at=at,
        misses_in_a_row=0,
        alert_key="",
        version=1,
        created_at=at,
        created_by=actor[:200],
        changed_at=at,
        changed_by=actor[:200],
    )
    session.add(row)
    session.flush()
    _audit(session, "added", row, actor, at)
    return row.id


def change(session: Session, test_id: int, test: NumberTest, *, version: int, actor: str, at: datetime) -> None:
    """Replace what a test says; a paused one stays paused, its results stay.

    Raises ``NotFoundError``, and ``ConflictError`` where ``version`` is no longer its own.
    """
    row = one(session, test_id, is_locked=True)
    if row.version != version:
        raise ConflictError(what=f"test {row.name}")
    for name, value in test.columns().items():
        setattr(row, name, value)
    row.resumed_at = at
    _touch(session, "changed", row, actor, at)


def pause(session: Session, test_id: int, *, is_paused: bool, actor: str, at: datetime) -> None:
    """Stop dialling for a test, or go on from its next slot. Raises ``NotFoundError``."""
    row = one(session, test_id, is_locked=True)
    if row.is_enabled is not is_paused:
        return
    row.is_enabled, row.resumed_at = not is_paused, at
    _touch(session, "paused" if is_paused else "resumed", row, actor, at)


def remove(session: Session, test_id: int, *, actor: str, at: datetime) -> None:
    """Remove a test and its results; its calls stay in the history. Raises ``NotFoundError``."""
    row = one(session, test_id, is_locked=True)
    _audit(session, "removed", row, actor, at)
    session.execute(delete(NumberTestRunRow).where(NumberTestRunRow.test_id == row.id))
    session.delete(row)


def one(session: Session, test_id: int, *, is_locked: bool = False) -> NumberTestRow:
    """One test, with ``is_locked`` held until the transaction ends. Raises ``NotFoundError``."""
    row = session.get(NumberTestRow, test_id, with_for_update=is_locked or None)
    if row is None:
        raise NotFoundError(what="number test")
    return row


def listed(session: Session) -> list[NumberTestRow]:
    """Every test by name."""
    rows = session.scalars(select(NumberTestRow).limit(MOST_TESTS))
    return sorted(rows, key=lambda row: (row.name.casefold(), row.id))


def _touch(session: Session, deed: str, row: NumberTestRow, actor: str, at: datetime) -> None:
    row.version += 1
    row.changed_at, row.changed_by = at, actor[:200]
    _audit(session, deed, row, actor, at)


def _audit(session: Session, deed: str, row: NumberTestRow, actor: str, at: datetime) -> None:
    detail = {name: getattr(row, name) for name in NumberTest.__dataclass_fields__}
    data_version.bump(session, DATA_VERSION, at)
    audit.record(session, actor=actor, action=f"number_test.{deed}", subject=str(row.id), detail=detail, at=at)
