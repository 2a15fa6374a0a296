"""The table of call records: a Delta Lake table partitioned by UTC day, one row a Report ID.

Several processes may write (the sidecar, an import) while others read. Writers take turns by a lock on a file
beside the table, which the operating system gives back when a process dies; readers never wait. Each change is
one commit: a file not named by a commit does not exist. A replay after a kill therefore doubles nothing and a
page is stored whole or not at all.
"""

import fcntl
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from core.calls import layout
from core.calls.copies import KEY_COLUMNS, best_copies, compare
from core.calls.errors import TableBusyError
from core.calls.fields import RECORD_SCHEMA
from core.clock import Clock, SystemClock
from core.store.crash_points import reached

NO_VERSION = -1
"""``CallTable.version`` of a table nobody has written to yet."""

LOCK_PATIENCE_SECONDS = 300.0
DAYS_AROUND = 1
"""A Report ID is looked for on the days of the page and this many on either side: a corrected copy may carry a
start time across midnight. Webex is not known to move a record further."""

_LOCK_STEP_SECONDS = 0.02
_ROWS_OF_KEYS_KEPT = 2_000_000
_CONFIGURATION: dict[str, str | None] = {
    "delta.checkpointInterval": "50",
    "delta.logRetentionDuration": "interval 2 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
    "delta.dataSkippingStatsColumns": "start_time",
}


@dataclass(frozen=True)
class AppendCounts:
    """What became of the rows of one ``append``."""

    new: int = 0
    duplicate: int = 0
    replaced: int = 0


class CallTable:
    """One table of call records on local disk, opened for a process; safe to share between threads."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.path = path
        self._clock = clock or SystemClock()
        self._opening = threading.Lock()
        self._delta: DeltaTable | None = None
        self._writer: DeltaTable | None = None
        self._keys: OrderedDict[str, pa.Table] = OrderedDict()

    def append(self, table: pa.Table, *, transaction: tuple[str, int] | None = None) -> AppendCounts:
        """Store rows of ``RECORD_SCHEMA``, all or none, one a Report ID.

        A copy with a later Report time takes the place of the one stored, an equal or older one is a duplicate.
        ``transaction`` (application id, version) is noted in the commit for other engines; doubles are told by
        Report ID, so repeating it is harmless. Raises ``StorageFullError``, ``TableBusyError``.
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

    def files(self, since: date | None = None, until: date | None = None) -> list[str]:
        """Absolute paths of the live Parquet files of the UTC days ``since`` to ``until``, both included."""
        first = since.isoformat() if since else ""
        last = until.isoformat() if until else "9"
        return sorted(path for path in self._paths() if first <= layout.day_of(path) <= last)

    def days(self) -> list[date]:
        """The UTC days that have records, newest first."""
        return [
            date.fromisoformat(day) for day in sorted({layout.day_of(path) for path in self._paths()}, reverse=True)
        ]

    def version(self) -> int:
        """Number of the newest commit; ``NO_VERSION`` before the first."""
        with self._opening:
            delta = self._current()
            return delta.version() if delta else NO_VERSION

    @contextmanager
    def writing(self) -> Iterator[DeltaTable]:
        """The newest state of the table, with nobody else writing until the block ends."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(self.path.name + ".lock").open("w") as lock:
            self._take(lock.fileno())
            yield self._newest_for_writing()

    def commit(
        self,
        delta: DeltaTable,
        added: list[AddAction],
        removed: list[str],
        *,
        data_change: bool,
        transaction: tuple[str, int] | None = None,
    ) -> None:
        """Make ``added`` files part of the table and ``removed`` paths no longer part, in one step."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        prefix = str(self.path.resolve()) + "/"
        actions: list[AddAction | RemoveAction] = [*added]
        for path in removed:
            day = layout.day_of(path)
            actions.append(RemoveAction(path.removeprefix(prefix), data_change, now_ms, None, {"dt": day}))
        transactions = [Transaction(*transaction)] if transaction else None
        try:
            delta.create_write_transaction(
                actions,
                "append",
                RECORD_SCHEMA,
                partition_by=["dt"],
                commit_properties=CommitProperties(app_transactions=transactions),
            )
        except (OSError, DeltaError) as error:
            layout.raise_if_full(error, self.path)
            raise

    def live_paths(self, delta: DeltaTable) -> list[str]:
        """Absolute paths of the live files of a state of the table."""
        return [path.removeprefix("file://") for path in delta.file_uris()]

    def _store(self, delta: DeltaTable, page: pa.Table, beaten: pa.Table, transaction: tuple[str, int] | None) -> None:
        touched = pc.unique(beaten["file"]).to_pylist()
        for path in touched:
            rows = layout.read_file(path)
            stays = pc.invert(pc.is_in(rows["report_id"], value_set=beaten["report_id"].combine_chunks()))
            page = pa.concat_tables([page, rows.filter(stays).select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA)])
        written = layout.write_days(self.path, page, int(self._clock.now().timestamp() * 1000))
        reached("calls.files_written")
        self.commit(
            delta,
            [file.action(data_change=True) for file in written],
            touched,
            data_change=True,
            transaction=transaction,
        )
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

    def _paths(self) -> list[str]:
        with self._opening:
            delta = self._current()
            return self.live_paths(delta) if delta else []

    def _current(self) -> DeltaTable | None:
        if self._delta is not None:
            self._delta.update_incremental()
            return self._delta
        if (self.path / "_delta_log").is_dir():
            with suppress(TableNotFoundError):
                self._delta = DeltaTable(self.path)
        return self._delta

    def _newest_for_writing(self) -> DeltaTable:
        """The writers' own handle: readers' threads keep refreshing theirs."""
        if self._writer is not None:
            self._writer.update_incremental()
            return self._writer
        try:
            self._writer = DeltaTable.create(
                self.path,
                RECORD_SCHEMA,
                mode="ignore",
                partition_by=["dt"],
                name="calls",
                configuration=_CONFIGURATION,
            )
        except (OSError, DeltaError) as error:
            layout.raise_if_full(error, self.path)
            raise
        return self._writer

    def _take(self, descriptor: int) -> None:
        deadline = self._clock.monotonic() + LOCK_PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if self._clock.monotonic() > deadline:
                    raise TableBusyError(path=str(self.path), seconds=int(LOCK_PATIENCE_SECONDS)) from None
                self._clock.sleep(_LOCK_STEP_SECONDS)


_NO_KEYS = pa.schema(
    [*(RECORD_SCHEMA.field(name) for name in KEY_COLUMNS), pa.field("file", pa.string())]
).empty_table()


def _days_around(days: list[Any]) -> set[str]:
    offsets = range(-DAYS_AROUND, DAYS_AROUND + 1)
    return {(date.fromisoformat(day) + timedelta(days=offset)).isoformat() for day in days for offset in offsets}
