"""The visits of a filter as CSV, page by page, so that any number of them takes the memory of one page."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv

from core.calls.formulas import harmless
from core.language import Language, translate
from core.store.engine import Database
from core.store.models.visits import VisitRow
from core.visits import query
from core.visits.days import zone_of
from core.visits.filters import VisitFilter
from core.visits.query import Reader

ROWS_A_PAGE = 500
COLUMNS = (
    "id", "state", "starts_at", "ends_at", "zone", "local_start", "title", "client_name", "client_email",
    "operator_name", "place", "site", "ticket_id", "moves", "outcome", "created_at", "created_by", "changed_at",
    "changed_by",
)  # fmt: skip


def csv_chunks(database: Database, filter: VisitFilter, reader: Reader, language: Language) -> Iterator[bytes]:
    """The file in pieces, UTF-8 with a byte order mark; instants ISO 8601 UTC, rows in the filter's order."""
    yield b"\xef\xbb\xbf" + (",".join(f'"{name}"' for name in COLUMNS) + "\n").encode()
    cursor: str | None = None
    while True:
        with database.read() as session:
            page = query.page(session, filter, reader, cursor=cursor, limit=ROWS_A_PAGE)
            rows = [_cells(row, language) for row in page.rows]
        if rows:
            yield _lines(rows)
        cursor = page.next
        if cursor is None:
            return


def _lines(rows: list[dict[str, str]]) -> bytes:
    columns = [harmless(pa.array([row[name] for row in rows], pa.string())) for name in COLUMNS]
    buffer = io.BytesIO()
    batch = pa.record_batch(columns, names=list(COLUMNS))
    pyarrow.csv.write_csv(batch, buffer, pyarrow.csv.WriteOptions(include_header=False))
    return buffer.getvalue()


def _cells(row: VisitRow, language: Language) -> dict[str, str]:
    values: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS if name != "local_start"}
    values |= {
        "id": row.public_id,
        "state": translate(f"visits.states.{row.state}", language),
        "local_start": f"{row.starts_at.astimezone(zone_of(row.zone)):%Y-%m-%d %H:%M}",
    }
    return {name: _text(values[name]) for name in COLUMNS}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
