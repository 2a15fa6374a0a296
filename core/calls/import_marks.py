"""Which imports are alive: each holds a lock on a file of its own, and the system lets go of it when it is killed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from core.calls import imports
from core.services import Services
from core.settings import Settings
from core.store.engine import Database

_FOLDER = "importing"
_GATE = "gate"


@contextmanager
def under_way(services: Services, *, origin: str, by: str) -> Iterator[int]:
    """Note an import that began, give its id, and hold its mark until it is over, however that comes."""
    folder = _folder(services.settings)
    with _held(folder / _GATE):
        _settle(services.database, folder, services.clock.now())
        with services.database.write() as session:
            batch = imports.begin(session, origin=origin, source="import", by=by, at=services.clock.now())
        mark = os.open(_mark(folder, batch), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(mark, fcntl.LOCK_EX)
    try:
        yield batch
    finally:
        _mark(folder, batch).unlink(missing_ok=True)
        os.close(mark)


def settle(services: Services) -> int:
    """Close imports whose process is gone as failed; gives how many. Their records stay; importing again adds none."""
    folder = _folder(services.settings)
    with _held(folder / _GATE):
        return _settle(services.database, folder, services.clock.now())


def is_alive(settings: Settings, batch: int) -> bool:
    """Whether the process of a running import still lives."""
    try:
        mark = os.open(_mark(settings.data_dir / _FOLDER, batch), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(mark, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(mark)
    return False


def _settle(database: Database, folder: Path, at: datetime) -> int:
    with database.write() as session:
        dead = [batch for batch in imports.running(session) if not _lives(folder, batch.id)]
        for batch in dead:
            imports.give_up(batch, at)
            _mark(folder, batch.id).unlink(missing_ok=True)
        return len(dead)


def _lives(folder: Path, batch: int) -> bool:
    try:
        with _held(_mark(folder, batch), wait=False):
            return False
    except BlockingIOError:
        return True


def _folder(settings: Settings) -> Path:
    folder = settings.data_dir / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _mark(folder: Path, batch: int) -> Path:
    return folder / f"{batch}.lock"


@contextmanager
def _held(path: Path, *, wait: bool = True) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
