"""A history of call legs at any size, for the figures about reading: 90 days up to a fixed Friday, 20,000 users."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from core.calls import layout
from core.calls.fields import RECORD_SCHEMA
from core.calls.table import CallTable

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
DAYS = 90

_LEGS = (Path(__file__).parent / "history.sql").read_text(encoding="utf-8")


def history(folder: Path, legs: int) -> CallTable:
    """A compacted table of about ``legs`` legs: one sorted file a day, as the compaction job leaves it."""
    table = CallTable(folder / "calls")
    a_day = legs // DAYS
    with table.writing() as delta, duckdb.connect() as engine:
        written = []
        for number in range(DAYS):
            day = (NOW - timedelta(days=number)).date().isoformat()
            found = engine.sql(_LEGS, params={"first": number * a_day, "legs": a_day, "day": day}).to_arrow_table()
            written.append(layout.write_file(table.path, day, _whole(found), table.now_ms()))
        table.commit(delta, [file.action(data_change=True) for file in written], [], data_change=True)
    return table


def _whole(found: pa.Table) -> pa.Table:
    """The rows with every column of the record; what the history does not tell is null."""
    columns = {
        field.name: found[field.name].cast(field.type)
        if field.name in found.column_names
        else pa.nulls(found.num_rows, field.type)
        for field in RECORD_SCHEMA
    }
    return pa.table(columns, schema=RECORD_SCHEMA)
