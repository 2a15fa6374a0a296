"""Records in Parquet: our own export and table files, or anybody's with the same column names."""

from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from core.calls.fields import FIELD_BY_KEY, normalised_key
from core.calls.sources.batch import RECORDS_A_BATCH, Batch, Position
from core.calls.sources.opening import Source

_RAW = "raw"


def parquet_batches(source: Source, position: Position) -> Iterator[Batch]:
    """The rows of a Parquet file; a ``raw`` column of ours gives the original record."""
    try:
        file = pq.ParquetFile(source.path)
        columns = _columns(source, file.schema_arrow.names)
        rows = 0
        for found in file.iter_batches(RECORDS_A_BATCH, columns=columns):
            rows += found.num_rows
            done = position.total * rows // max(1, file.metadata.num_rows)
            yield Batch(records=_records(found, columns), done=done, total=position.total)
    except (pa.ArrowException, orjson.JSONDecodeError) as error:
        raise source.problem("parquet_damaged", reason=str(error)) from error


def _columns(source: Source, names: list[str]) -> list[str]:
    known = {normalised_key(name) for name in names} & FIELD_BY_KEY.keys()
    if _RAW in names and "copy_rank" in names:
        return [_RAW]
    if "start time" not in known:
        raise source.problem("no_start_time")
    return names


def _records(rows: pa.RecordBatch, columns: list[str]) -> list[Any]:
    if columns == [_RAW]:
        return [orjson.loads(text) for text in rows.column(0).to_pylist()]
    return list(rows.to_pylist())
