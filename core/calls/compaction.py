"""Rewriting a day's many small files as few large ones, sorted by start time.

Reading a day costs by its files: 12, 72 and 288 files took 5, 16 and 87 ms for one grouping (measured). A day is
rewritten when it has ``FILES_TOO_MANY``, and once more when it has come to rest.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.calls import layout
from core.calls.day_table import DayTable, LiveFile
from core.store.crash_points import reached

FILES_TOO_MANY = 48
SETTLED_AFTER_HOURS = 48
"""No late record came for this long: Webex sends nearly all within a day."""

ROWS_A_FILE = 200_000
"""A day of more rows becomes several files, one after the other in time, so that memory stays bounded."""

_MS_AN_HOUR = 3_600_000


def compact_days(table: DayTable, *, stopping: Callable[[], bool]) -> list[date]:
    """Rewrite each day that is due, newest first, a lock and a commit a day; ``stopping`` is asked between days."""
    if not table.days():
        return []
    done = []
    with table.writing() as delta:
        due = _due(table.live_files(delta), table.now_ms())
    for day in sorted(due, reverse=True):
        if stopping():
            break
        if _rewrite(table, day):
            done.append(date.fromisoformat(day))
    return done


def _due(files: Sequence[LiveFile], now_ms: int) -> list[str]:
    return [day for day, group in groupby(files, key=lambda file: file.day) if _is_due(list(group), now_ms)]


def _is_due(files: Sequence[LiveFile], now_ms: int) -> bool:
    if len(files) <= _wanted_files(files):
        return False
    settled = max(file.written_ms for file in files) < now_ms - SETTLED_AFTER_HOURS * _MS_AN_HOUR
    return settled or len(files) >= FILES_TOO_MANY


def _wanted_files(files: Sequence[LiveFile]) -> int:
    return max(1, math.ceil(sum(file.rows for file in files) / ROWS_A_FILE))


def _rewrite(table: DayTable, day: str) -> bool:
    with table.writing() as delta:
        files = [file for file in table.live_files(delta) if file.day == day]
        if not _is_due(files, table.now_ms()):
            return False
        paths = [file.path for file in files]
        written = [
            layout.write_file(table.path, day, rows, table.now_ms()) for rows in _slices(paths, _wanted_files(files))
        ]
        reached("calls.compacted")
        table.commit(delta, [file.action(data_change=False) for file in written], paths, data_change=False)
    return True


def _slices(paths: list[str], count: int) -> Iterator[pa.Table]:
    """The rows of the files in ``count`` or fewer slices of time, each sorted."""
    for lower, upper in pairwise(_bounds(paths, count)):
        filters = [("start_time", ">=", lower), ("start_time", "<", upper)]
        rows = pq.read_table(paths, schema=layout.FILE_SCHEMA, filters=filters, partitioning=None)
        if rows.num_rows:
            yield rows.take(pc.sort_indices(rows, sort_keys=layout.SORT_KEYS)).combine_chunks()


def _bounds(paths: list[str], count: int) -> list[pa.Scalar]:
    starts = pq.read_table(paths, columns=["start_time"], partitioning=None)["start_time"]
    times = np.sort(starts.cast(pa.int64()).to_numpy())
    cuts = np.unique(times[np.linspace(0, len(times) - 1, count + 1).astype(int)[:-1]])
    return [pa.scalar(int(cut), pa.timestamp("us")) for cut in (*cuts, times[-1] + 1)]
