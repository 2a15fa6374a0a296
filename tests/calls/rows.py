"""Reading a table of calls back, as a test compares it."""

from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from core.calls.normalise import normalise_records
from core.calls.table import CallTable

STORED_AT = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def typed(*records: Any) -> pa.Table:
    """The rows of records that all can be typed."""
    page = normalise_records(records, source="feed", stored_at=STORED_AT)
    assert page.rejected == []
    return page.table


def stored(table: CallTable, column: str = "called_number") -> dict[str, Any]:
    """One column of each stored row by Report ID; fails on a Report ID that stands twice."""
    files = table.files()
    if not files:
        return {}
    with duckdb.connect() as engine:
        rows = engine.read_parquet(files).project(f'report_id, "{column}"').fetchall()
    found = dict(rows)
    assert len(found) == len(rows), "a Report ID is stored twice"
    return found
