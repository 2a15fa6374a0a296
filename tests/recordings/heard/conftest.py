"""A call to sum up, Claude's place taken by a local server, and the product between them."""

from pathlib import Path
from typing import Any

import pytest

from core.calls.table import CallTable
from core.clock import SteppedClock
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from tests.assistant.asked import KEY, no_waiting, server
from tests.assistant.messages_server import MessagesServer

__all__ = ["no_waiting", "server"]


@pytest.fixture
def services(sqlite_database: Database, clock: SteppedClock, server: MessagesServer, tmp_path: Path) -> Services:
    """The product with a key and the server's address."""
    return with_settings(sqlite_database, clock, tmp_path, anthropic_api_key=KEY, anthropic_base_url=server.url)


def with_settings(database: Database, clock: SteppedClock, folder: Path, **changes: Any) -> Services:
    """The product with other settings."""
    settings = load_settings({"data_dir": folder / "var", "allow_insecure_endpoints": True, **changes})
    return Services(settings, clock, database, CallTable(settings.calls_path))
