"""A recording leads to its call however the id is spelt, else by the half of the call, else to none."""

from datetime import timedelta

from core.calls.ingest import store_records
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.recordings.call_link import report_of
from core.services import Services
from core.settings import Settings
from core.store.engine import Database
from tests.calls.records import leg, uuid_of
from tests.conftest import NOON
from tests.recordings.rows import recording


def test_by_the_call_session_then_by_the_half(
    settings: Settings, clock: SteppedClock, sqlite_database: Database
) -> None:
    services = Services(settings, clock, sqlite_database, CallTable(settings.calls_path))
    at = NOON - timedelta(hours=3)
    own, other = uuid_of("call 1"), uuid_of("call 2")
    legs = [
        leg(1, start=at, **{"Correlation ID": own.upper(), "Local call ID": "11:0"}),
        leg(2, start=at, **{"Correlation ID": other, "Local call ID": "22:0"}),
    ]
    store_records(services, legs, source="import", origin="call_link.csv")
    by_session = recording(1, at=at, call_half_id="22:0")
    by_half = recording(9, at=at, call_half_id="22:0")
    nameless = recording(9, at=at, call_session_key="", call_half_id="")
    long_ago = recording(1, at=at - timedelta(days=9))
    found = [report_of(services.calls, row) for row in (by_session, by_half, nameless, long_ago)]
    assert found == [uuid_of("report 1"), uuid_of("report 2"), None, None]
