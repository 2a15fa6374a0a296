"""Records in Parquet: our own export and table files, or anybody's with the same column names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from core.calls.fields import FIELD_BY_KEY, normalised_key
from core.calls.sources.batch import RECORDS_A_BATCH, Batch, Position
from core.calls.sources.opening import ALWAYS_UNPACKED, HIGHEST_RATIO, Source

MOST_COLUMNS = 1000
LARGEST_FOOTER = 16 * 1024 * 1024
LARGEST_GROUP = 1024 * 1024 * 1024
"""Bytes that a group of rows may say it unpacks to; a group of 100,000 call records has about 100 MB."""

LARGEST_SLICE = 64 * 1024 * 1024
_ROWS_A_SLICE = 250
_RAW = "raw"
_FOOTER_END = 8


def parquet_batches(source: Source, position: Position) -> Iterator[Batch]:
    """The rows of a Parquet file; a ``raw`` column of ours gives the original record.

    Columns of lists and structures are no fields of a call record and are left out.
    """
    try:
        _check_footer(source)
        with pq.ParquetFile(source.path) as file:
            columns = _columns(source, file.schema_arrow)
            _check_sizes(source, file.metadata)
            yield from _batches(source, file, columns, position)
    except (pa.ArrowException, orjson.JSONDecodeError) as error:
        raise source.problem("parquet_damaged", reason=str(error)) from error


def _batches(source: Source, file: pq.ParquetFile, columns: list[str], position: Position) -> Iterator[Batch]:
    whole = max(1, file.metadata.num_rows)
    records: list[Any] = []
    rows = 0
    for found in file.iter_batches(_ROWS_A_SLICE, columns=columns):
        if found.nbytes > LARGEST_SLICE:
            raise source.problem("parquet_large")
        rows += found.num_rows
        records += _records(found, columns)
        if len(records) + _ROWS_A_SLICE > RECORDS_A_BATCH or rows == whole:
            yield Batch(records=records, done=position.total * rows // whole, total=position.total)
            records = []
    if records:
        yield Batch(records=records, done=position.total, total=position.total)


def _check_footer(source: Source) -> None:
    """Refuse a description of the columns that alone would fill the memory, before it is read."""
    with Path(source.path).open("rb") as file:
        file.seek(max(0, source.total - _FOOTER_END))
        end = file.read(_FOOTER_END)
    if end[4:] == b"PAR1" and int.from_bytes(end[:4], "little") > LARGEST_FOOTER:
        raise source.problem("parquet_columns", most=MOST_COLUMNS)


def _check_sizes(source: Source, metadata: pq.FileMetaData) -> None:
    groups = [metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)]
    if max(groups, default=0) > LARGEST_GROUP or sum(groups) > ALWAYS_UNPACKED + HIGHEST_RATIO * source.total:
        raise source.problem("parquet_large")


def _columns(source: Source, schema: pa.Schema) -> list[str]:
    names = [field.name for field in schema if not pa.types.is_nested(field.type)]
    if len(schema) > MOST_COLUMNS:
        raise source.problem("parquet_columns", most=MOST_COLUMNS)
    if _RAW in names and "copy_rank" in names:
        return [_RAW]
    if "start time" not in {normalised_key(name) for name in names} & FIELD_BY_KEY.keys():
        raise source.problem("no_start_time")
    return names


def _records(rows: pa.RecordBatch, columns: list[str]) -> list[Any]:
    if columns == [_RAW]:
        return [orjson.loads(text) for text in rows.column(0).to_pylist()]
    return list(rows.to_pylist())
