"""Services whose mails go to a real mail server on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.services import Services
from core.store.engine import Database
from tests.notify.conftest import services_over
from tests.notify.receivers import Mailman, mail_server


@pytest.fixture
def mailman() -> Iterator[Mailman]:
    """A mail server, without encryption."""
    with mail_server() as running:
        yield running


@pytest.fixture
def desk(sqlite_database: Database, clock: SteppedClock, tmp_path: Path, mailman: Mailman) -> Services:
    """Services whose mails go to ``mailman``."""
    server = {"smtp_host": "127.0.0.1", "smtp_port": mailman.port, "smtp_security": "none"}
    return services_over(sqlite_database, clock, tmp_path, **server)
