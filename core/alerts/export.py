"""The alerts of a filter as CSV, page by page, so that any number of them takes the memory of one page."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv

from core.alerts import explain, query
from core.alerts.filters import AlertFilter
from core.alerts.query import Reader
from core.calls.formulas import harmless
from core.language import Language
from core.store.engine import Database
from core.store.models.alerts import AlertRow

ROWS_A_PAGE = 500
COLUMNS = (
    "id", "severity", "alert", "alert_type", "entity_kind", "entity", "entity_name", "site", "state", "owner",
    "raised_at", "first_seen", "last_seen", "calls", "cost", "acknowledged_at", "resolved_at", "resolved_by", "verdict",
    "resolution_notes", "summary",
)  # fmt: skip


def csv_chunks(database: Database, filter: AlertFilter, reader: Reader, language: Language) -> Iterator[bytes]:
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


def _cells(row: AlertRow, language: Language) -> dict[str, str]:
    values: dict[str, Any] = {
        name: getattr(row, name) for name in COLUMNS if name not in ("id", "alert", "summary", "raised_at", "calls")
    }
    values |= {
        "id": row.public_id,
        "alert": explain.title(row, language),
        "raised_at": row.emitted_at,
        "calls": row.evidence_count,
        "cost": f"{row.cost:.2f}",
        "summary": explain.summary(row, language),
    }
    return {name: _text(values[name]) for name in COLUMNS}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
