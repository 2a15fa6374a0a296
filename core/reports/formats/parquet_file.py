"""One table as Parquet for analysis: typed columns under their stable names, instants as UTC, a row group at a time."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet

from core.reports.document import Column, Document, Kind, Row, Table
from core.reports.formats.csv_file import figures

ROWS_A_GROUP = 10_000
_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "count": pa.int64(),
    "number": pa.float64(),
    "money": pa.float64(),
    "share": pa.float64(),
    "seconds": pa.float64(),
    "instant": pa.timestamp("us", tz="UTC"),
    "day": pa.date32(),
    "flag": pa.bool_(),
}


def write(document: Document, file: BinaryIO, table: Table | None) -> None:
    """Write a table; without one the figures."""
    table = table or figures(document)
    schema = pa.schema([pa.field(column.name, _TYPES[column.kind]) for column in table.columns])
    rows = iter(table.rows())
    with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := list(islice(rows, ROWS_A_GROUP)):
            writer.write_table(_group(some, table.columns, schema))


def _group(rows: Sequence[Row], columns: Sequence[Column], schema: pa.Schema) -> pa.Table:
    arrays = [
        pa.array([_fitting(row[position], column.kind) for row in rows], _TYPES[column.kind])
        for position, column in enumerate(columns)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _fitting(value: Any, kind: Kind) -> Any:
    if value is None or kind in ("instant", "day", "flag"):
        return value
    if kind == "text":
        return str(value).encode("utf-8", "replace").decode()
    return int(value) if kind == "count" else float(value)
