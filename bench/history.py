"""A history of call legs at any size, always the same: 90 days up to a fixed Friday, 20,000 users at 12 sites.

Half of the legs go out within the country, a quarter come in, a fifth are the two sides of internal calls, a twentieth
go abroad. ``history`` puts them into a table as the compaction job leaves it, ``write_jsonl`` into a file as the feed
spells them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from core.calls import layout
from core.calls.fields import FIELDS, RECORD_SCHEMA, Field
from core.calls.table import CallTable

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
DAYS = 90

_LEGS = (Path(__file__).parent / "history.sql").read_text(encoding="utf-8")
_NEVER_TEXT = ("Duration", "Hold duration")


def history(folder: Path, legs: int, newest: datetime = NOW) -> CallTable:
    """A compacted table of about ``legs`` legs up to the day of ``newest``: one sorted file a day."""
    table = CallTable(folder / "calls")
    with table.writing() as delta, duckdb.connect() as engine:
        written = [
            layout.write_file(table.path, day, _whole(found.to_arrow_table()), table.now_ms())
            for day, found in _days(engine, legs, newest)
        ]
        table.commit(delta, [file.action(data_change=True) for file in written], [], data_change=True)
    return table


def write_jsonl(path: Path, legs: int) -> int:
    """Write ``legs`` records one a line, newest day first, with all keys of the feed; gives the bytes."""
    spelt = None
    with path.open("wb") as file, duckdb.connect() as engine:
        for _, found in _days(engine, legs, NOW):
            spelt = spelt or ", ".join(_on_the_wire(field, found.columns) for field in FIELDS)
            part = path.with_suffix(".part")
            found.project(spelt).query("spelt", f"COPY spelt TO '{part}' (FORMAT json)")
            file.write(part.read_bytes())
            part.unlink()
        return file.tell()


def _days(
    engine: duckdb.DuckDBPyConnection, legs: int, newest: datetime
) -> Iterator[tuple[str, duckdb.DuckDBPyRelation]]:
    first = 0
    for number in range(DAYS):
        day = (newest - timedelta(days=number)).date().isoformat()
        until = legs * (number + 1) // DAYS
        yield day, engine.sql(_LEGS, params={"first": first, "legs": until - first, "day": day})
        first = until


def _on_the_wire(field: Field, known: list[str]) -> str:
    value = f'"{field.column}"'
    if field.column not in known:
        value = "''"
    elif field.kind == "instant":
        value = f"coalesce(strftime({value}, '%Y-%m-%dT%H:%M:%S.%gZ'), '')"
    elif field.key not in _NEVER_TEXT:
        value = f"coalesce({value}::VARCHAR, '')"
    return f'{value} AS "{field.key}"'


def _whole(found: pa.Table) -> pa.Table:
    """The rows with every column of the record; what the history does not tell is null."""
    columns = {
        field.name: found[field.name].cast(field.type)
        if field.name in found.column_names
        else pa.nulls(found.num_rows, field.type)
        for field in RECORD_SCHEMA
    }
    return pa.table(columns, schema=RECORD_SCHEMA)
