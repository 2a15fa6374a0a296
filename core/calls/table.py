"""The table of call records: one row a Report ID, whatever order, channel or process its copies come by."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from core.calls import layout
from core.calls.compaction import compact_days
from core.calls.copies import KEY_COLUMNS, best_copies, compare
from core.calls.day_table import NO_VERSION, DayTable
from core.calls.fields import RECORD_SCHEMA
from core.clock import Clock
from core.store.crash_points import reached

__all__ = ["NO_VERSION", "AppendCounts", "CallTable"]

DAYS_AROUND = 1
"""A Report ID is looked for on the days of the page and this many on either side: a corrected copy may carry a
start time across midnight. Webex is not known to move a record further."""

_ROWS_OF_KEYS_KEPT = 2_000_000


@dataclass(frozen=True)
class AppendCounts:
    """What became of the rows of one ``append``."""

    new: int = 0
    duplicate: int = 0
    replaced: int = 0


class CallTable(DayTable):
    """The Delta table of call records in a folder, opened for a process; safe to share between threads."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        super().__init__(path, RECORD_SCHEMA, clock)
        self._keys: OrderedDict[str, pa.Table] = OrderedDict()

    def append(self, table: pa.Table, *, transaction: tuple[str, int] | None = None) -> AppendCounts:
        """Store rows of ``RECORD_SCHEMA``, all or none, one a Report ID.

        A copy with a later Report time takes the place of the one stored, an equal or older one is a duplicate.
        ``transaction`` (application id, version) is noted in the commit for other engines; doubles are told by
        Report ID, so a repeated page is harmless even if it grew. Raises ``StorageFullError``, ``TableBusyError``.
        """
        page = best_copies(table)
        if not page.num_rows:
            return AppendCounts()
        with self.writing() as delta:
            live = self._live_keys(delta, _days_around(pc.unique(page["dt"]).to_pylist()))
            verdict = compare(page, live)
            kept = int(verdict.kept.sum())
            if kept:
                page = page if kept == page.num_rows else page.filter(pa.array(verdict.kept))
                beaten = live.filter(pa.array(verdict.beaten)) if verdict.replacing else live.slice(0, 0)
                self._store(delta, page, beaten, transaction)
        return AppendCounts(
            new=kept - verdict.replacing,
            duplicate=table.num_rows - kept,
            replaced=verdict.replacing,
        )

    def compact(self, *, stopping: Callable[[], bool] = lambda: False) -> list[date]:
        """Rewrite days of many small files as few sorted ones, a commit a day; gives the days. See ``compaction``."""
        return compact_days(self, stopping=stopping)

    def _store(self, delta: DeltaTable, page: pa.Table, beaten: pa.Table, transaction: tuple[str, int] | None) -> None:
        touched: list[str] = pc.unique(beaten["file"]).to_pylist()
        for path in touched:
            rows = layout.read_file(path)
            stays = pc.invert(pc.is_in(rows["report_id"], value_set=beaten["report_id"].combine_chunks()))
            page = pa.concat_tables([page, rows.filter(stays).select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA)])
        written = layout.write_days(self.path, page, self.now_ms())
        reached("calls.files_written")
        added = [file.action(data_change=True) for file in written]
        self.commit(delta, added, touched, data_change=True, transaction=transaction)
        reached("calls.committed")

    def _live_keys(self, delta: DeltaTable, days: set[str]) -> pa.Table:
        """Report ID, Report time, rank and file of each live row of ``days``."""
        tables = []
        for path in self.live_paths(delta):
            if layout.day_of(path) not in days:
                continue
            keys = self._keys.pop(path, None)
            if keys is None:
                keys = layout.read_file(path, KEY_COLUMNS)
            self._keys[path] = keys
            tables.append(keys.append_column("file", pa.repeat(path, keys.num_rows)))
        kept = sum(keys.num_rows for keys in self._keys.values())
        while kept > _ROWS_OF_KEYS_KEPT and len(self._keys) > 1:
            kept -= self._keys.popitem(last=False)[1].num_rows
        return pa.concat_tables(tables) if tables else _NO_KEYS


_NO_KEYS = pa.Table.from_batches(
    [], schema=pa.schema([*(RECORD_SCHEMA.field(name) for name in KEY_COLUMNS), pa.field("file", pa.string())])
)
"""Made of no batch rather than of empty arrays, for which pyarrow would load pandas into every process."""


def _days_around(days: list[str]) -> set[str]:
    offsets = range(-DAYS_AROUND, DAYS_AROUND + 1)
    return {(date.fromisoformat(day) + timedelta(days=offset)).isoformat() for day in days for offset in offsets}
