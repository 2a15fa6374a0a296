"""The tickets of a filter as CSV, page by page, so that any number of them takes the memory of one page."""

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv

from core.calls.formulas import harmless
from core.language import Language
from core.store.engine import Database
from core.store.models.tickets import TicketRow
from core.tickets import query, wording
from core.tickets.filters import Reader, TicketFilter
from core.tickets.vocabulary import public_id

ROWS_A_PAGE = 500
COLUMNS = (
    "id", "title", "priority", "state", "source", "client", "site", "operator", "requested_by", "created_at",
    "owned_at", "own_due_at", "resolved_at", "resolve_due_at", "waiting_reason", "waiting_until", "resolution",
    "merged_into",
)  # fmt: skip


def csv_chunks(
    database: Database,
    filter: TicketFilter,
    reader: Reader,
    language: Language,
    names: Mapping[str, Mapping[int, str]] | None = None,
) -> Iterator[bytes]:
    """The file in pieces, UTF-8 with a byte order mark; instants ISO 8601 UTC, rows in the filter's order.

    ``names`` gives what ``operators`` and ``clients`` are called, by number; without it their numbers stand.
    """
    yield b"\xef\xbb\xbf" + (",".join(f'"{name}"' for name in COLUMNS) + "\n").encode()
    cursor: str | None = None
    while True:
        with database.read() as session:
            page = query.page(session, filter, reader, cursor=cursor, limit=ROWS_A_PAGE)
            rows = [_cells(row, language, names or {}) for row in page.rows]
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


def _cells(row: TicketRow, language: Language, names: Mapping[str, Mapping[int, str]]) -> dict[str, str]:
    own = {"id", "title", "client", "operator", "merged_into"}
    values: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS if name not in own}
    values |= {
        "id": public_id(row.id),
        "title": wording.title(row, language),
        "client": _name(names.get("clients"), row.client_id),
        "operator": _name(names.get("operators"), row.operator_id),
        "merged_into": public_id(row.merged_into_id) if row.merged_into_id else "",
    }
    return {name: _text(values[name]) for name in COLUMNS}


def _name(names: Mapping[int, str] | None, number: int | None) -> str:
    return "" if number is None else (names or {}).get(number, str(number))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
