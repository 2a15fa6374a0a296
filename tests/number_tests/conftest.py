"""Services with a dialer that may dial, and a pretend Asterisk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.services import Services
from core.store.engine import Database
from tests.dialer.keeping import Asterisk, asterisk
from tests.number_tests.desk import services_over


@pytest.fixture
def opened(database: Database, tmp_path: Path, clock: SteppedClock) -> Services:
    return services_over(database, tmp_path, clock)


@pytest.fixture
def on_file(sqlite_database: Database, tmp_path: Path, clock: SteppedClock) -> Services:
    """Where the kind of database does not matter."""
    return services_over(sqlite_database, tmp_path, clock)


@pytest.fixture
def exchange() -> Iterator[Asterisk]:
    """A pretend Asterisk until the test ends."""
    with asterisk() as started:
        yield started
