"""Opening the operational database and its two kinds of session.

Writers on SQLite begin with ``BEGIN IMMEDIATE``: a plain ``BEGIN`` that later writes fails with "database is
locked" as soon as two processes do it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 30_000


class Database:
    """One operational database, opened for a process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._readers = _sqlite_engine(url, begin="BEGIN")
            self._writers = _sqlite_engine(url, begin="BEGIN IMMEDIATE")
        else:
            self._readers = self._writers = create_engine(url, pool_pre_ping=True)

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
