"""How DuckDB reads the files of the table of calls: one connection a process, a cursor and a time limit a question."""

import atexit
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from core.calls.fields import RECORD_SCHEMA
from core.errors import TransientError

SECONDS_LIMIT = 20.0
"""A page must answer; what takes longer needs a narrower period."""

_SQL_TYPES = {
    "string": "VARCHAR",
    "timestamp[us]": "TIMESTAMP",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "bool": "BOOLEAN",
}


class CallQueryTooLongError(TransientError):
    """A question to the table of calls ran into its time limit. Facts: ``seconds``."""

    code = "call_query_too_long"


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """The process's one DuckDB; nothing is kept in it and it loads nothing from outside."""
    opened = duckdb.connect(":memory:")
    for setting in (
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "parquet_metadata_cache = true",
        "TimeZone = 'UTC'",
    ):
        opened.execute(f"SET {setting}")
    atexit.register(connection.cache_clear)
    return opened


@dataclass(frozen=True)
class Legs:
    """The rows a question is about: files of a table and a condition over them, with its bound values.

    ``schema`` says which columns there would be when there is no file yet.
    """

    files: Sequence[str]
    condition: str = "true"
    parameters: Sequence[Any] = ()
    schema: pa.Schema = RECORD_SCHEMA

    def source(self) -> tuple[str, list[Any]]:
        """SQL that names these legs ``legs`` and what it binds."""
        if not self.files:
            return f"WITH legs AS (FROM {_nothing(self.schema)} WHERE {self.condition})", [*self.parameters]
        files = "read_parquet(?, hive_partitioning = false)"
        return f"WITH legs AS (FROM {files} WHERE {self.condition})", [list(self.files), *self.parameters]


class LegReader:
    """Asks questions within a time limit; for one thread."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self._cursor = cursor
        self._seconds = seconds
        self._late = threading.Event()

    def interrupt(self) -> None:
        """Stop what runs and refuse what would follow."""
        self._late.set()
        self._cursor.interrupt()

    def table(self, sql: str, legs: Legs, parameters: Sequence[Any] = ()) -> pa.Table:
        """The whole result of ``sql``, in which the table ``legs`` stands for ``legs``."""
        statement, bound = self._statement(sql, legs, parameters)
        return self._cursor.sql(statement, params=bound).to_arrow_table()

    def rows(self, sql: str, legs: Legs, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """As ``table``, as tuples."""
        statement, bound = self._statement(sql, legs, parameters)
        return self._cursor.execute(statement, bound).fetchall()

    def _statement(self, sql: str, legs: Legs, parameters: Sequence[Any]) -> tuple[str, list[Any]]:
        if self._late.is_set():
            raise CallQueryTooLongError(seconds=self._seconds)
        source, bound = legs.source()
        return f"{source} {sql}", [*bound, *parameters]


def _nothing(schema: pa.Schema) -> str:
    columns = (f'CAST(NULL AS {_SQL_TYPES[str(field.type)]}) AS "{field.name}"' for field in schema)
    return f"(SELECT {', '.join(columns)} WHERE false)"


@contextmanager
def reading(seconds: float = SECONDS_LIMIT) -> Iterator[LegReader]:
    """A reader that is stopped after ``seconds``. Raises ``CallQueryTooLongError`` when it was."""
    cursor = connection().cursor()
    reader = LegReader(cursor, seconds)
    timer = threading.Timer(seconds, reader.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield reader
    except duckdb.InterruptException as error:
        raise CallQueryTooLongError(seconds=seconds) from error
    finally:
        timer.cancel()
        cursor.close()
