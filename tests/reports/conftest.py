"""Stores with some calls, alerts and tickets around a clock change, on either database."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.alerts import work
from core.alerts.receive import receive_drafts
from core.alerts.work import Actor, Target
from core.calls.ingest import store_records
from core.calls.table import CallTable
from core.clock import Clock, SteppedClock
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from core.tickets.create import NewTicket, create
from tests.alerts.drafts import draft
from tests.alerts.drafts import legs as facts
from tests.calls.records import leg, uuid_of
from tests.conftest import NOON, _postgres_database

FALL_BACK = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
"""New York's clocks went from 02:00 to 01:00: that day had 25 hours."""
JUST_NOW = NOON - timedelta(minutes=10)
HOSTILE = '=HYPERLINK("http://evil.example")<script>alert(1)</script>'


def services_over(database: Database, folder: Path, clock: Clock) -> Services:
    settings = load_settings({"data_dir": folder / "var"})
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Services(settings, clock, database, CallTable(settings.calls_path))


def fill(services: Services) -> None:
    """60 legs and 12 alerts, one every six hours before now and around the clock change, and five tickets."""
    records = [
        leg(
            n,
            start=(FALL_BACK if n % 2 else JUST_NOW) - timedelta(hours=6 * (n // 2)),
            seconds=60 + n,
            Location=("Bogotá", "Denver")[n % 2],
            Site_UUID=uuid_of(("Bogotá", "Denver")[n % 2]),
            User=HOSTILE if n % 10 == 0 else f"Person {n % 3}",
            User_UUID=uuid_of(f"Person {n % 3}"),
        )
        for n in range(60)
    ]
    store_records(services, records, source="import", origin="test.csv")
    drafts = [
        draft(
            f"k{n}",
            who=f"user {n}",
            severity=("low", "high")[n % 2],
            evidence=(f"e{n}",),
            at=(FALL_BACK if n % 2 else JUST_NOW) - timedelta(hours=6 * n),
            entity_name=HOSTILE if n == 0 else f"Person {n}",
        )
        for n in range(12)
    ]
    with services.database.write() as session:
        received = receive_drafts(session, drafts, at=JUST_NOW, legs=facts(*(f"e{n}" for n in range(12))))
        work.close(session, Target(received[0].alert_id), Actor("grace", JUST_NOW), verdict="true_positive", notes="x")
        work.close(session, Target(received[1].alert_id), Actor("grace", JUST_NOW), verdict="benign", notes="x")
        for n, priority in enumerate(("low", "medium", "high", "critical", "high")):
            create(session, NewTicket(f"Ticket {n} {HOSTILE}", priority=priority), actor="grace", at=JUST_NOW)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def services(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Filled stores, on both kinds of database; for questions alone, since all tests of a file share them."""
    folder = tmp_path_factory.mktemp("reports")
    if request.param == "sqlite":
        address = f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_file'), folder / 'state.db')}"
    else:
        server = request.getfixturevalue("postgres_address")
        address = _postgres_database(server, request.getfixturevalue("migrated_template"))
    opened = services_over(Database(address), folder, SteppedClock(NOON))
    fill(opened)
    yield opened
    opened.database.close()


@pytest.fixture
def on_sqlite(sqlite_database: Database, tmp_path: Path, clock: SteppedClock) -> Services:
    """Empty stores, where the kind of database does not matter."""
    return services_over(sqlite_database, tmp_path, clock)
