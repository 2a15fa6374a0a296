"""Services for the tests of operators."""

from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.services import Services
from core.store.engine import Database
from tests.notify.conftest import services_over


@pytest.fixture
def desk_services(sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Sandbox services where the kind of database does not matter."""
    return services_over(sqlite_database, clock, tmp_path)
