"""A damaged or full database says what it is and what to do."""

import random
from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.store import audit
from core.store.engine import Database, StoreDamagedError, StoreFullError
from core.store.migrate import upgrade
from tests.conftest import NOON

NOISE = random.Random(7).randbytes(16_384)


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(NOISE)
    database = Database(f"sqlite:///{tmp_path / 'state.db'}")
    with pytest.raises(StoreDamagedError) as damaged:
        upgrade(database)
    assert damaged.value.facts == {"file": "state.db"}
    assert "restore-check" in damaged.value.remedy("es")
    assert not database.is_reachable()


def test_pages_overwritten_inside_the_file_are_called_damage(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    upgraded = Database(f"sqlite:///{path}")
    upgrade(upgraded)
    upgraded.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + NOISE * (len(whole) // len(NOISE)) + whole[-4096:])
    with pytest.raises(StoreDamagedError):
        upgrade(Database(f"sqlite:///{path}"))


def test_a_full_disk_refuses_the_change_and_keeps_what_was_there(
    sqlite_database: Database, clock: SteppedClock
) -> None:
    note(sqlite_database, "before")
    with sqlite_database.write() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFullError) as full:
        note(sqlite_database, "x" * 500_000)
    assert full.value.http_status == 507
    with sqlite_database.write() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1000000")
    note(sqlite_database, "after")
    checked = audit.verify(sqlite_database)
    assert (checked.intact, checked.entries) == (True, 2)


def note(database: Database, text: str) -> None:
    with database.write() as session:
        audit.record(session, actor="ana", action="test", detail={"text": text}, at=NOON)
