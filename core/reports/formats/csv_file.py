"""One table as CSV: UTF-8 with a byte order mark, cells that a spreadsheet would run made harmless.

Instants are ISO 8601 by the clock of the report with their offset from UTC; numbers have a point and no separators.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa

from core.calls.formulas import harmless
from core.reports.document import Column, Document, Row, Table

ROWS_AT_ONCE = 1000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def write(document: Document, file: BinaryIO, table: Table | None) -> None:
    """Write a table, its titles first; without one the figures."""
    table = table or figures(document)
    file.write(_BYTE_ORDER_MARK)
    file.write(_lines([[column.title for column in table.columns]]))
    rows = iter(table.rows())
    while some := list(islice(rows, ROWS_AT_ONCE)):
        file.write(_lines(list(_cells(some, table.columns, document.period.clock))))


def figures(document: Document) -> Table:
    """The figures of a report as a table, for reports that have none."""
    rows = [(figure.title, figure.value, figure.before) for figure in document.figures]
    columns = (Column("figure", document.title), Column("value", "="), Column("before", "<"))
    return Table("figures", document.title, columns, lambda: rows)


def _cells(rows: Sequence[Row], columns: Sequence[Column], clock: tzinfo) -> Iterator[list[str]]:
    """The rows as texts, column by column made harmless."""
    spelt = [
        harmless(pa.array([_text(row[position], column, clock) for row in rows], pa.string())).to_pylist()
        for position, column in enumerate(columns)
    ]
    return (list(row) for row in zip(*spelt, strict=True))


def _text(value: Any, column: Column, clock: tzinfo) -> str:
    if value is None:
        return ""
    if isinstance(value, str) or column.words is not None:
        spelt = column.words(value) if column.words is not None and value != "" else str(value)
        return spelt.encode("utf-8", "replace").decode()
    if isinstance(value, datetime):
        return value.astimezone(clock).isoformat(timespec="seconds")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
