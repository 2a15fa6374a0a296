"""Rows of the operational database as a CSV file, page by page, so that any number of them takes the memory of one."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv

from core.calls.formulas import harmless

ROWS_A_PAGE = 500

Cells = Mapping[str, Any]
ReadPage = Callable[[str | None], tuple[Sequence[Cells], str | None]]
"""Gives the rows after a cursor (``None`` = from the start), and the cursor of the next page or ``None``."""


def csv_pages(columns: Sequence[str], read_page: ReadPage) -> Iterator[bytes]:
    """The file in pieces, UTF-8 with a byte order mark: a line of ``columns``, then every row of ``read_page``.

    Instants are ISO 8601 UTC, ``None`` is empty, formulas are made inert.
    """
    yield b"\xef\xbb\xbf" + (",".join(f'"{name}"' for name in columns) + "\n").encode()
    cursor: str | None = None
    while True:
        rows, cursor = read_page(cursor)
        if rows:
            yield _lines(columns, rows)
        if cursor is None:
            return


def _lines(columns: Sequence[str], rows: Sequence[Cells]) -> bytes:
    cells = [harmless(pa.array([_text(row[name]) for row in rows], pa.string())) for name in columns]
    buffer = io.BytesIO()
    batch = pa.record_batch(cells, names=list(columns))
    pyarrow.csv.write_csv(batch, buffer, pyarrow.csv.WriteOptions(include_header=False))
    return buffer.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
