"""What a process opens once and passes around: settings, time, the database and the table of calls."""

import os
import stat
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.calls.table import CallTable
from core.clock import Clock, SystemClock
from core.settings import Settings, load_settings
from core.store.encryption import KEY_FILE
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
    _open_folder(settings.data_dir)
    database = Database(settings.database)
    upgrade(database)
    return Services(
        settings=settings,
        clock=clock or SystemClock(),
        database=database,
        calls=CallTable(settings.calls_path),
    )


def keep_private() -> None:
    """From here on, files and folders of this process are for its own account alone (umask 077)."""
    os.umask(0o077)


def _open_folder(folder: Path) -> None:
    """Make the data folder, and close one of ours that other accounts of this machine could read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.stat()
    if state.st_uid != os.geteuid() or state.st_mode & stat.S_ISVTX or not _is_ours(folder):
        return
    # A volume that keeps no modes refuses; the doctor says what is open.
    with suppress(OSError):
        folder.chmod(state.st_mode & 0o700)


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds only what we keep: a DATA_DIR that names somebody else's folder is left as it is."""
    names = {entry.name for entry in folder.iterdir()}
    return not names or bool(names & {"state.db", "calls", KEY_FILE})


_opening = threading.Lock()


def shared() -> Services:
    """The services of this process, opened by the first who asks; pages and routes share them."""
    with _opening:
        return _opened_once()


@cache
def _opened_once() -> Services:
    return open_services()
