"""Files of call records, read as batches whatever their wrapping, format, encoding or age.

Control Hub's CSV (also in its ZIP), ``cdr_feed`` pages and arrays in JSON, JSONL, Parquet, and the text formats in
``.gz``. The content decides, not the name. Files come from people: sizes are capped, a bad row costs only itself,
and a file that is something else is refused with a sentence saying what it is.
"""

from collections.abc import Iterator
from pathlib import Path

from core.calls.sources.batch import Batch, Position
from core.calls.sources.csv_rows import csv_batches
from core.calls.sources.json_records import json_batches
from core.calls.sources.opening import opened
from core.calls.sources.parquet_rows import parquet_batches

__all__ = ["Batch", "read_batches"]

_READERS = {"csv": csv_batches, "json": json_batches}


def read_batches(path: Path) -> Iterator[Batch]:
    """The records of a file in batches of a few thousand.

    Raises ``SourceFileError`` naming the file, the line where there is one, and the problem; what was yielded
    before it is good.
    """
    with opened(path) as source:
        position = Position(source.done, source.total, source.read)
        if source.format == "parquet":
            yield from parquet_batches(source, position)
        else:
            yield from _READERS[source.format](source, position)
