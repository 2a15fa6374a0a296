from pathlib import Path

import pytest

from core.calls import quarantine
from core.calls.ingest import DATA_VERSION, IngestCounts, announce, retry_quarantined, store_records
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.services import Services, open_services
from core.settings import Settings, load_settings
from core.store import data_version
from core.store.crash_points import KILLED
from core.store.engine import Database
from tests.calls.records import leg, uuid_of
from tests.calls.rows import stored
from tests.conftest import PythonRunner


@pytest.fixture
def services(settings: Settings, clock: SteppedClock, database: Database) -> Services:
    return Services(settings, clock, database, CallTable(settings.calls_path, clock))


def _told(services: Services) -> int:
    with services.database.read() as session:
        return data_version.current(session, DATA_VERSION)[0]


def test_a_page_is_counted_whatever_becomes_of_its_records(services: Services) -> None:
    page = [leg(1), leg(2), leg(2), 7, leg(3, Start_time="soon")]
    counts = store_records(services, page, source="feed", origin="window 1")
    assert counts == IngestCounts(read=5, new=2, duplicate=1, quarantined=2)
    assert str(counts) == "read 5 · new 2 · duplicate 1 · replaced 0 · quarantined 2"
    again = store_records(services, page, source="stream", origin="window 2")
    assert again == IngestCounts(read=5, duplicate=3, quarantined=2)


def test_quarantine_keeps_a_record_once_with_its_reason(services: Services) -> None:
    for origin in ("first", "second"):
        store_records(services, [7, leg(3, Start_time="soon", User="a\x00b")], source="feed", origin=origin)
    with services.database.read() as session:
        rows = quarantine.listed(session)
        assert quarantine.counts(session) == {"not_an_object": 1, "time_unreadable": 1}
    assert {(row.reason_code, row.detail, row.origin, row.source) for row in rows} == {
        ("not_an_object", "int", "first", "feed"),
        ("time_unreadable", "Start time", "first", "feed"),
    }


def test_an_oversized_record_is_kept_cut_and_never_stored_from_the_cut(services: Services) -> None:
    store_records(services, [leg(1, User="x" * 70_000)], source="feed", origin="w")
    with services.database.read() as session:
        (row,) = quarantine.listed(session)
    assert (len(row.raw), row.is_cut, row.reason_code) == (quarantine.LONGEST_RAW, True, "cell_too_large")
    assert retry_quarantined(services, [row.id], by="ana") == IngestCounts(read=1, quarantined=1)


def test_a_retry_stores_what_now_can_be_typed_and_leaves_the_rest(services: Services, clock: SteppedClock) -> None:
    early = "2026-11-23T12:00:00.000Z"
    store_records(services, [leg(1, Start_time=early), leg(2, Start_time="soon")], source="feed", origin="w")
    clock.step(24 * 3600)
    with services.database.read() as session:
        ids = [row.id for row in quarantine.listed(session)]
    assert retry_quarantined(services, ids, by="ana") == IngestCounts(read=2, new=1, quarantined=1)
    assert retry_quarantined(services, ids, by="ana") == IngestCounts(read=1, quarantined=1)
    with services.database.write() as session:
        assert [row.changed_by for row in quarantine.listed(session, state=quarantine.RETRIED)] == ["ana"]
        assert quarantine.discard(session, ids, by="eva", at=clock.now()) == 1
        assert quarantine.listed(session) == []
    assert list(stored(services.calls)) == [uuid_of("report 1")]


def test_pages_are_told_of_each_change_and_of_nothing_else(services: Services) -> None:
    assert _told(services) == 0
    store_records(services, [leg(1)], source="feed", origin="w")
    told = _told(services)
    assert told > 0
    store_records(services, [leg(1)], source="feed", origin="w")
    assert _told(services) == told
    store_records(services, [leg(2)], source="feed", origin="w")
    assert _told(services) > told


def test_a_change_nobody_was_told_of_is_told_by_the_next_page(services: Services) -> None:
    store_records(services, [leg(1)], source="feed", origin="w")
    told = _told(services)
    other = CallTable(services.calls.path)
    other.delete_before(other.days()[0].replace(year=2027))
    announce(services)
    assert _told(services) > told


INGEST = """
from core.services import open_services
from core.calls.ingest import store_records
from tests.calls.records import leg
services = open_services()
page = [leg(2, Report_time="2026-11-20T18:00:00.000Z"), leg(3), 7]
print(store_records(services, page, source="feed", origin="w", transaction=("feed", 2)))
"""
POINTS = ("calls.normalised", "calls.quarantined", "calls.files_written", "calls.committed", "calls.announced")


@pytest.mark.faults
def test_a_kill_between_any_two_steps_loses_and_doubles_nothing(tmp_path: Path) -> None:
    folder = str(tmp_path / "var")
    services = open_services(load_settings({"data_dir": folder}))
    store_records(services, [leg(1), leg(2)], source="feed", origin="w", transaction=("feed", 1))
    before = _told(services)
    for point in POINTS:
        killed = PythonRunner("-c", INGEST, DATA_DIR=folder, TOLLWATCH_CRASH_AT=point)
        assert killed.finish()[0] == KILLED, point
        assert len(stored(services.calls)) in (2, 3), point
    code, output = PythonRunner("-c", INGEST, DATA_DIR=folder).finish()
    assert code == 0
    assert output.startswith("read 3 ")
    assert len(stored(services.calls)) == 3
    assert stored(services.calls, "report_time")[uuid_of("report 2")].hour == 18
    assert _told(services) > before
    with services.database.read() as session:
        assert quarantine.counts(session) == {"not_an_object": 1}
    services.database.close()
