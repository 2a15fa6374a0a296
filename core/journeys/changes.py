"""Which legs came into the table of calls since a version of it, from the files it consists of then and now.

Needs no clock and no mark on the rows: rows of files that are new, less the same copies in files that went (a
compaction, or a corrected copy, rewrites a file), are the new legs.
"""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from core.calls import layout
from core.calls.engine import connection
from core.calls.table import NO_VERSION, CallTable
from core.journeys.legs import LEG_COLUMNS

_COLUMNS = ", ".join(f'n."{name}"' for name in LEG_COLUMNS)
_NEW_ROWS = f"SELECT {_COLUMNS} FROM read_parquet(?, hive_partitioning = false) n"  # noqa: S608 - our own columns
_LESS_OLD = """ ANTI JOIN (
    SELECT report_id, report_time, copy_rank FROM read_parquet(?, hive_partitioning = false)
) o ON n.report_id = o.report_id
    AND n.report_time IS NOT DISTINCT FROM o.report_time
    AND n.copy_rank IS NOT DISTINCT FROM o.copy_rank"""


@dataclass(frozen=True)
class Changes:
    """A state of the table of calls and how it differs from an earlier one; paths are absolute."""

    version: int
    live: list[str]
    added: list[str]
    removed: list[str]

    def files(self, first_day: str, last_day: str) -> list[str]:
        """The live files of the UTC days from the first to the last, both included."""
        return [path for path in self.live if first_day <= layout.day_of(path) <= last_day]

    def days(self) -> list[str]:
        """The UTC days that have new files, oldest first."""
        return sorted({layout.day_of(path) for path in self.added})

    def new_legs(self, days: list[str]) -> pa.Table:
        """The new legs of some days, with ``LEG_COLUMNS``."""
        added = [path for path in self.added if layout.day_of(path) in days]
        removed = [path for path in self.removed if layout.day_of(path) in days]
        sql, bound = _NEW_ROWS, [added]
        if removed:
            sql, bound = _NEW_ROWS + _LESS_OLD, [added, removed]
        with connection().cursor() as cursor:
            return cursor.sql(sql, params=bound).to_arrow_table()


def changes_since(calls: CallTable, version: int | None) -> Changes | None:
    """What changed since ``version`` (everything when it is ``None`` or its log is gone); ``None`` if nothing did."""
    if calls.version() in (NO_VERSION, version):
        return None
    now = DeltaTable(calls.path)
    live = calls.live_paths(now)
    before = _files_at(calls, version)
    added = sorted(set(live) - before)
    removed = sorted(path for path in before - set(live) if Path(path).exists())
    return Changes(version=now.version(), live=sorted(live), added=added, removed=removed)


def _files_at(calls: CallTable, version: int | None) -> set[str]:
    if version is None:
        return set()
    try:
        return set(calls.live_paths(DeltaTable(calls.path, version=version)))
    except (DeltaError, OSError):
        return set()


def day_runs(days: list[str], most: int) -> list[list[str]]:
    """Days in lists of at most ``most``, so that a large history is worked through in bounded memory."""
    return [[day for _, day in run] for _, run in groupby(enumerate(days), key=lambda pair: pair[0] // most)]
