"""Data versions grow by one a change, whoever changes at once; of two who cross each other one is told to try again."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from core.store import data_version
from core.store.engine import Database, StoreBusyError
from tests.conftest import NOON


def test_each_of_many_first_changes_counts(database: Database) -> None:
    together = Barrier(6)

    def change(_: int) -> int:
        together.wait()
        with database.write() as session:
            return data_version.bump(session, "alerts", NOON)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(change, range(6))) == [1, 2, 3, 4, 5, 6]
    with database.read() as session:
        assert data_version.current(session, "alerts") == (6, NOON)
        assert data_version.current(session, "calls") == (data_version.NEVER, None)


def test_of_two_changes_that_cross_one_is_made_and_one_told_to_try_again(postgres_database: Database) -> None:
    halfway = Barrier(2)

    def change(names: tuple[str, str]) -> str:
        try:
            with postgres_database.write() as session:
                data_version.bump(session, names[0], NOON)
                halfway.wait()
                data_version.bump(session, names[1], NOON)
        except StoreBusyError as error:
            return error.remedy("en")
        return "made"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(change, [("alerts", "tickets"), ("tickets", "alerts")]))
    assert told == ["Try again; jobs do so by themselves.", "made"]
    with postgres_database.read() as session:
        assert data_version.current(session, "alerts")[0] == data_version.current(session, "tickets")[0] == 1


def test_a_change_that_waits_too_long_on_sqlite_is_told_to_try_again(sqlite_database: Database) -> None:
    with sqlite_database.write() as first:
        data_version.bump(first, "alerts", NOON)
        impatient = sqlite_database.engine.raw_connection()
        impatient.cursor().execute("PRAGMA busy_timeout = 1")
        impatient.close()
        with pytest.raises(StoreBusyError), sqlite_database.write() as second:
            data_version.bump(second, "alerts", NOON)
    with sqlite_database.read() as session:
        assert data_version.current(session, "alerts")[0] == 1
