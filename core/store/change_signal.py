"""Noticing at once that another process wrote, where a poll of a second would be too slow.

On PostgreSQL the writer notifies in its own transaction and the reader listens. SQLite has no such thing, but tells
each connection a number that changes with every commit of another one; asking for it takes microseconds, reads no
table and waits for nobody.
"""

import contextlib
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from core.store.engine import NOT_ANSWERING, Database


def announce(session: Session, topic: str) -> None:
    """Wake who listens to ``topic`` when the caller's transaction is committed; for SQLite the commit suffices."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_notify(:topic, '')"), {"topic": topic})


class ChangeSignal:
    """The reader's side, on a connection of its own; used from one thread at a time."""

    def __init__(self, database: Database, topic: str) -> None:
        self._database = database
        self._topic = topic
        self._connection: Connection | None = None
        self._seen: object = None

    @property
    def is_open(self) -> bool:
        """Whether there is a connection to ask on."""
        return self._connection is not None

    def changed(self) -> bool:
        """Whether something was written since the last question. Never waits.

        On SQLite "something" is any commit of another connection, so look at what it was. A connection that is not
        open, or broke, counts as a change: whoever looks learns of it.
        """
        try:
            return self._connection is None or self._asked(self._connection)
        except NOT_ANSWERING:
            self.close()
            return True

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with contextlib.suppress(*NOT_ANSWERING):
                connection.invalidate()
            connection.close()

    def open(self) -> None:
        """Connect; may wait for the database. Raises what SQLAlchemy raises when it does not answer."""
        self.close()
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection = engine.connect()
        if self._database.is_sqlite:
            self._seen = self._number(self._connection)
        else:
            self._connection.exec_driver_sql(f'LISTEN "{self._topic}"')

    def _asked(self, connection: Connection) -> bool:
        if self._database.is_sqlite:
            before, self._seen = self._seen, self._number(connection)
            return before != self._seen
        driver: Any = connection.connection.driver_connection
        return any(True for _ in driver.notifies(timeout=0))

    def _number(self, connection: Connection) -> object:
        # Around SQLAlchemy's own begin, which would take the write lock.
        driver: Any = connection.connection.driver_connection
        return driver.execute("PRAGMA data_version").fetchone()[0]
