"""How the calls lie on disk: Parquet files of one UTC day each, sorted by start time.

Files are written here and handed to the Delta table as a commit; a file that no commit names does not exist for
any reader and is removed by the next vacuum.
"""

import errno
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from core.calls.errors import StorageFullError
from core.calls.fields import RECORD_SCHEMA

FILE_SCHEMA: pa.Schema = pa.schema([column for column in RECORD_SCHEMA if column.name != "dt"])
"""Columns inside a file; ``dt`` is in its folder's name."""

ROWS_A_GROUP = 32_768
"""Small enough that a newest-first page reads one group of a busy day, large enough to scan whole days."""

SORT_KEYS = [("start_time", "ascending"), ("report_id", "ascending")]

_COMPRESSION_LEVEL = 1
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_DICTIONARY = {"raw", "report_id"}


@dataclass(frozen=True)
class WrittenFile:
    """A file not yet committed."""

    path: str
    day: str
    rows: int
    size: int
    written_ms: int
    time_column: str
    earliest: str
    latest: str

    def action(self, *, data_change: bool) -> AddAction:
        """The commit entry that makes the file part of the table."""
        stats = {
            "numRecords": self.rows,
            "minValues": {self.time_column: self.earliest},
            "maxValues": {self.time_column: self.latest},
            "nullCount": {self.time_column: 0},
        }
        return AddAction(
            path=self.path,
            size=self.size,
            partition_values={"dt": self.day},
            modification_time=self.written_ms,
            data_change=data_change,
            stats=json.dumps(stats),
        )


def write_days(root: Path, table: pa.Table, written_ms: int) -> list[WrittenFile]:
    """Write rows as one file a day; sorts them."""
    return [write_file(root, day, rows, written_ms) for day, rows in _by_day(table)]


def _by_day(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Slices of one UTC day, each sorted by start time."""
    ordered = table if _is_sorted(table) else table.combine_chunks().take(pc.sort_indices(table, sort_keys=SORT_KEYS))
    days = ordered["dt"].combine_chunks()
    runs = pc.run_end_encode(days)
    start = 0
    for day, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield day, ordered.slice(start, end - start)
        start = end


def _is_sorted(table: pa.Table) -> bool:
    """Whether rows are in order of start time already, as files of Control Hub and windows of the feed mostly are."""
    times = table["start_time"].cast(pa.int64()).to_numpy()
    return bool((times[1:] >= times[:-1]).all())


def write_file(
    root: Path, day: str, rows: pa.Table, written_ms: int, *, name: str | None = None, time_column: str = "start_time"
) -> WrittenFile:
    """Write rows of one day, already sorted by time, as one file that is on disk when this returns."""
    path = f"dt={day}/{name or f'part-{uuid.uuid4()}.parquet'}"
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("wb") as file:
            _write(file, rows)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        target.unlink(missing_ok=True)
        raise
    extent = pc.min_max(rows[time_column])
    return WrittenFile(
        path=path,
        day=day,
        rows=rows.num_rows,
        size=target.stat().st_size,
        written_ms=written_ms,
        time_column=time_column,
        earliest=extent["min"].as_py().isoformat(),
        latest=extent["max"].as_py().isoformat(),
    )


def _write(file: BinaryIO, rows: pa.Table) -> None:
    columns = [name for name in rows.column_names if name != "dt"]
    pq.write_table(
        rows.select(columns),
        file,
        compression="zstd",
        compression_level=_COMPRESSION_LEVEL,
        use_dictionary=[name for name in columns if name not in _NO_DICTIONARY],
        row_group_size=ROWS_A_GROUP,
    )


def read_file(path: str, columns: list[str] | None = None) -> pa.Table:
    """Rows of one live file, ``dt`` included unless ``columns`` says otherwise."""
    with Path(path).open("rb") as file:
        table = pq.ParquetFile(file).read(columns=[name for name in columns if name != "dt"] if columns else None)
    if columns is None or "dt" in columns:
        table = table.append_column("dt", pa.repeat(day_of(path), table.num_rows))
    return table


def day_of(path: str) -> str:
    """The UTC day in a file's path."""
    return path.rsplit("/dt=", 1)[-1][:10] if "/dt=" in path else path.removeprefix("dt=")[:10]


def raise_if_full(error: Exception, root: Path) -> None:
    """Turn the operating system's "no space", "quota" or "size limit" into ``StorageFullError``, else return."""
    number = getattr(error, "errno", None)
    text = str(error).lower()
    if number in _FULL or "no space left" in text or "quota exceeded" in text:
        raise StorageFullError(path=str(root)) from error
