"""What a process opens once and passes around: settings, time, the database and the table of calls."""

import threading
from dataclasses import dataclass
from functools import cache

from core.calls.table import CallTable
from core.clock import Clock, SystemClock
from core.settings import Settings, load_settings
from core.store.engine import Database
from core.store.migrate import upgrade


@dataclass(frozen=True)
class Services:
    """The opened parts; pages, routes and jobs get one and hand its members on."""

    settings: Settings
    clock: Clock
    database: Database
    calls: CallTable


def open_services(settings: Settings | None = None, clock: Clock | None = None) -> Services:
    """Open the stores of ``settings``, creating and migrating what is missing."""
    settings = settings or load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    upgrade(database)
    return Services(
        settings=settings,
        clock=clock or SystemClock(),
        database=database,
        calls=CallTable(settings.calls_path),
    )


_opening = threading.Lock()


def shared() -> Services:
    """The services of this process, opened by the first who asks; pages and routes share them."""
    with _opening:
        return _opened_once()


@cache
def _opened_once() -> Services:
    return open_services()
