"""A kill between any two steps of an update: the next run makes it good, nothing is lost or doubled."""

from pathlib import Path

import pytest

from core.calls.ingest import store_records
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.journeys.query import JourneyQueries
from core.journeys.update import open_journeys, update_journeys
from core.services import Services
from core.settings import load_settings
from core.store import data_version
from core.store.crash_points import KILLED
from core.store.engine import Database
from core.store.migrate import upgrade
from tests.conftest import NOON, PythonRunner
from tests.journeys.golden import GOLDEN
from tests.journeys.sequences import rebuilt
from tests.journeys.tenant import distinct_calls

HISTORY = distinct_calls(GOLDEN[:12])


@pytest.mark.faults
@pytest.mark.parametrize("point", ["journeys.rebuilt", "journeys.files_written", "journeys.committed"])
def test_a_killed_update_is_made_good_by_the_next(tmp_path: Path, run_python: type[PythonRunner], point: str) -> None:
    settings = load_settings({"data_dir": tmp_path / "var"})
    settings.data_dir.mkdir()
    database = Database(settings.database)
    upgrade(database)
    clock = SteppedClock(NOON)
    services = Services(settings, clock, database, CallTable(settings.calls_path, clock))
    half = len(HISTORY) // 2
    for golden in HISTORY[:half]:
        store_records(services, golden.records, source="feed", origin="test")
    update_journeys(services)
    for golden in HISTORY[half:]:
        store_records(services, golden.records, source="feed", origin="test")

    code, output = run_python(
        "-m", "jobs", "journeys", DATA_DIR=str(settings.data_dir), TOLLWATCH_CRASH_AT=point
    ).finish()
    assert code == KILLED, output
    update_journeys(services)

    table = open_journeys(services)
    found = list(JourneyQueries(table).every())
    expected = {rebuilt(golden.records).journey_id for golden in HISTORY}
    assert sorted(journey.journey_id for journey in found) == sorted(expected)
    with database.read() as session:
        assert data_version.current(session, "journeys")[0] >= table.version() + 1
    database.close()
