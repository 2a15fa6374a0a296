"""What these tests share: a pretend cloud on loopback, and services of both databases that are connected to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calls.table import CallTable
from core.clock import SteppedClock
from core.sandbox.connect import connect_sandbox
from core.sandbox.tenant import TenantOptions
from core.sandbox.working_days import is_employed
from core.sandbox.world import Person
from core.services import Services
from core.settings import DEFAULT_SCOPES, load_settings
from core.store.engine import Database
from core.store.models.alerts import AlertRow
from core.webex.directory_sync import sync_directory
from core.webex.identifiers import webex_id
from tests.conftest import NOON
from tests.sandbox.conftest import RunningCloud

WRITING = f"{DEFAULT_SCOPES} spark-admin:people_write"


def quiet(done: int, total: int | None, doing: str) -> None:
    """Progress that nobody looks at."""


def never() -> bool:
    """A stop that does not come."""
    return False


@dataclass
class Desk:
    """A product connected to a pretend cloud that shares its clock."""

    services: Services
    cloud: RunningCloud
    clock: SteppedClock

    def setting(self, person: str, name: str) -> dict[str, Any]:
        """What the cloud holds, asked without the product."""
        answer = self.cloud.http.get(self.path(person, name))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def change(self, person: str, name: str, body: dict[str, Any]) -> None:
        """Change a setting as somebody else would."""
        answer = self.cloud.http.put(self.path(person, name), json=body)
        assert answer.status_code == 204, answer.text

    def path(self, person: str, name: str) -> str:
        return f"/v1/people/{webex_id('PEOPLE', person)}/features/{name}"

    def somebody(self, position: int = 0) -> Person:
        """A person who may call abroad and forwards nothing."""
        today = self.clock.now().date()
        staff = [one for one in self.cloud.tenant.world.people if one.is_human and one.international]
        still = [one for one in staff if is_employed(one, today) and not self.forwards(one.uuid)]
        return still[position]

    def forwards(self, person: str) -> bool:
        """Whether unanswered calls of that person are sent on."""
        return bool(self.setting(person, "callForwarding")["callForwarding"]["noAnswer"]["enabled"])

    def alerts(self) -> list[AlertRow]:
        with self.services.database.read() as session:
            return list(session.scalars(select(AlertRow).order_by(AlertRow.id)))

    def read(self, ask: Callable[[Session], Any]) -> Any:
        with self.services.database.read() as session:
            return ask(session)


def desk_for(database: Database, cloud: RunningCloud, folder: Path, scopes: str, **settings: Any) -> Desk:
    """A product with those scopes, its directory read."""
    values = {"data_dir": folder / "product", "sandbox_port": cloud.port, "webex_scopes": scopes, **settings}
    loaded = load_settings(values)
    services = Services(loaded, cloud.clock, database, CallTable(loaded.calls_path))
    connect_sandbox(services)
    sync_directory(services, quiet, never)
    cloud.sign_in(scope=WRITING)
    return Desk(services, cloud, cloud.clock)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RunningCloud]:
    """A pretend cloud of two dozen people without incidents."""
    options = TenantOptions(tmp_path / "cloud", people=24, history_days=1, live_incidents=False)
    running = RunningCloud(options, SteppedClock(NOON))
    yield running
    running.stop()


@pytest.fixture
def desk(database: Database, cloud: RunningCloud, tmp_path: Path) -> Desk:
    """A product that may change settings, on both databases."""
    return desk_for(database, cloud, tmp_path, WRITING)


@pytest.fixture
def small_desk(sqlite_database: Database, cloud: RunningCloud, tmp_path: Path) -> Desk:
    """A product that may change settings, where the kind of database does not matter."""
    return desk_for(sqlite_database, cloud, tmp_path, WRITING)


@pytest.fixture
def reading_desk(sqlite_database: Database, cloud: RunningCloud, tmp_path: Path) -> Desk:
    """A product that may only read."""
    return desk_for(sqlite_database, cloud, tmp_path, DEFAULT_SCOPES)
