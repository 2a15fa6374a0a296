"""Services for the tests of tickets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.services import Services
from core.store.engine import Database
from tests.notify.conftest import services_over
from tests.notify.receivers import Mailman, mail_server


@pytest.fixture
def services(sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Sandbox services where the kind of database does not matter."""
    return services_over(sqlite_database, clock, tmp_path)


@pytest.fixture
def both(database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Sandbox services on both kinds of database."""
    return services_over(database, clock, tmp_path)


@pytest.fixture
def mailman() -> Iterator[Mailman]:
    """A mail server that takes what is sent, without encryption."""
    with mail_server() as running:
        yield running
