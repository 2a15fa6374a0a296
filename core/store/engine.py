"""Opening the operational database and its two kinds of session.

Writers on SQLite begin with ``BEGIN IMMEDIATE``: a plain ``BEGIN`` that later writes fails with "database is
locked" as soon as two processes do it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from core.errors import PermanentError, TollwatchError, TransientError

BUSY_TIMEOUT_MS = 30_000
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE disk_full."""

_CROSSED = ("40001", "40P01", "55P03")
"""PostgreSQL's SQLSTATEs serialization_failure, deadlock_detected and lock_not_available."""


class StoreError(TollwatchError):
    """The operational database could not do what was asked, which says nothing about what was asked of it."""


class StoreDamagedError(StoreError, PermanentError):
    """What the product keeps cannot be read any more. Facts: ``file``, its name in the data folder."""

    code = "store_damaged"
    http_status = 500


class StoreFullError(StoreError, TransientError):
    """The disk of the operational database is full; the change was not made, nothing stored before is lost."""

    code = "store_full"
    http_status = 507


class StoreBusyError(StoreError, TransientError):
    """Another change to the same rows came first and this one could not wait for it; it was not made."""

    code = "store_busy"
    http_status = 503


NOT_ANSWERING = (SQLAlchemyError, StoreBusyError, StoreFullError)
"""What a database raises that may answer again later, for those who wait for it."""


def is_passing(error: Exception) -> bool:
    """Whether trying again can help: a ``TransientError``, or a connection to the database that broke meanwhile."""
    return isinstance(error, TransientError) or (isinstance(error, DBAPIError) and error.connection_invalidated)


class Database:
    """One operational database, opened for a process.

    Whatever uses it may raise a ``StoreError``: ``StoreDamagedError``, ``StoreFullError`` or ``StoreBusyError``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._readers = _sqlite_engine(url, begin="BEGIN")
            self._writers = _sqlite_engine(url, begin="BEGIN IMMEDIATE")
        else:
            self._readers = self._writers = create_engine(url, pool_pre_ping=True)
        for engine in {self._readers, self._writers}:
            event.listen(engine, "handle_error", self._raise_ours)

    @property
    def engine(self) -> Engine:
        """The engine that writes; for migrations and for locks that live on a connection."""
        return self._writers

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database and changes nothing; what it read stays usable after it."""
        with Session(self._readers, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all."""
        with Session(self._writers, expire_on_commit=False) as session, session.begin():
            yield session

    def is_reachable(self) -> bool:
        """Whether a trivial query is answered."""
        try:
            with self.read() as session:
                session.execute(text("SELECT 1"))
        except Exception:
            return False
        return True

    def _raise_ours(self, context: ExceptionContext) -> None:
        """Turn damage, a full disk and crossed changes, by the driver's own codes, into errors that say what to do."""
        cause = context.original_exception
        number = getattr(cause, "sqlite_errorcode", None)
        if number is not None and number & 0xFF in _DAMAGED:
            raise StoreDamagedError(file=Path(make_url(self.url).database or "").name) from cause
        state = getattr(cause, "sqlstate", None)
        if number == sqlite3.SQLITE_FULL or state == _DISK_FULL:
            raise StoreFullError from cause
        if state in _CROSSED or (number is not None and number & 0xFF == sqlite3.SQLITE_BUSY):
            raise StoreBusyError from cause

    def close(self) -> None:
        """Give back all connections."""
        self._readers.dispose()
        self._writers.dispose()


def _sqlite_engine(url: str, *, begin: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
