"""A call to sum up, Claude's place taken by a local server, and the product between them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from core.calls.table import CallTable
from core.clock import SteppedClock
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from tests.assistant.messages_server import MessagesServer

KEY = "sk-ant-test-3f9b1c77d2"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    """Claude's place, taken by a server of the test's own."""
    with MessagesServer() as opened:
        yield opened


@pytest.fixture
def services(sqlite_database: Database, clock: SteppedClock, server: MessagesServer, tmp_path: Path) -> Services:
    """The product with a key and the server's address."""
    return with_settings(sqlite_database, clock, tmp_path, anthropic_api_key=KEY, anthropic_base_url=server.url)


def with_settings(database: Database, clock: SteppedClock, folder: Path, **changes: Any) -> Services:
    """The product with other settings."""
    settings = load_settings({"data_dir": folder / "var", "allow_insecure_endpoints": True, **changes})
    return Services(settings, clock, database, CallTable(settings.calls_path))
