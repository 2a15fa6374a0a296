"""A Delta Lake table of one folder a UTC day, on local disk, with many readers and writers that take turns.

Each change is one commit that adds and removes files; a file no commit names does not exist. Writers hold a lock on
a file beside the table, which the operating system gives back when a process dies; readers never wait.
"""

import fcntl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from core.calls import layout
from core.calls.errors import TableBusyError
from core.clock import Clock, SystemClock
from core.store.engine import StoreDamagedError

NO_VERSION = -1
"""``version`` of a table nobody has written to yet."""

LOCK_PATIENCE_SECONDS = 300.0
VACUUM_AFTER_HOURS = 24
"""Files no longer part of the table stay this long: no query or export runs longer."""

_LOCK_STEP_SECONDS = 0.02
_CONFIGURATION: dict[str, str | None] = {
    "delta.checkpointInterval": "50",
    "delta.logRetentionDuration": "interval 2 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
}


class CallsDamagedError(StoreDamagedError):
    """The log of a table of calls has a gap or cannot be read. Facts: ``file``, the table's folder."""

    code = "calls_damaged"


@dataclass(frozen=True)
class LiveFile:
    """A file that is part of the table: absolute path, UTC day, rows, and when it was written (epoch ms)."""

    path: str
    day: str
    rows: int
    written_ms: int


class DayTable:
    """One table, opened for a process; safe to share between threads. Everything may raise ``CallsDamagedError``."""

    def __init__(self, path: Path, schema: pa.Schema, clock: Clock | None = None) -> None:
        self.path = path
        self.schema = schema
        self.clock = clock or SystemClock()
        self._opening = threading.Lock()
        self._reader: DeltaTable | None = None
        self._writer: DeltaTable | None = None

    def files(self, since: date | None = None, until: date | None = None) -> list[str]:
        """Absolute paths of the live Parquet files of the UTC days ``since`` to ``until``, both included."""
        first = since.isoformat() if since else ""
        last = until.isoformat() if until else "9"
        return sorted(path for path in self._paths() if first <= layout.day_of(path) <= last)

    def days(self) -> list[date]:
        """The UTC days that have records, newest first."""
        days = {layout.day_of(path) for path in self._paths()}
        return [date.fromisoformat(day) for day in sorted(days, reverse=True)]

    def version(self) -> int:
        """Number of the newest commit; ``NO_VERSION`` before the first."""
        with self._opening:
            delta = self._current()
            return delta.version() if delta else NO_VERSION

    def exists(self) -> bool:
        """Whether anything was ever stored."""
        return self.version() != NO_VERSION

    def vacuum(self, *, older_than_hours: int = VACUUM_AFTER_HOURS) -> int:
        """Delete from disk what has not been part of the table for that long; gives the number of files."""
        with self.writing() as delta:
            gone = delta.vacuum(older_than_hours, dry_run=False, enforce_retention_duration=False, full=True)
        return len(gone)

    def delete_before(self, day: date) -> int:
        """Take every day before ``day`` out of the table; gives the number of rows. Disk is freed by a later vacuum."""
        with self.writing() as delta:
            old = [file for file in self.live_files(delta) if file.day < day.isoformat()]
            if old:
                self.commit(delta, [], [file.path for file in old], data_change=True)
        return sum(file.rows for file in old)

    @contextmanager
    def writing(self) -> Iterator[DeltaTable]:
        """The newest state of the table, with nobody else writing until the block ends.

        Raises ``TableBusyError`` when others write for too long, ``StorageFullError`` on a full disk.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_name(self.path.name + ".lock").open("w") as lock:
                self._take(lock.fileno())
                yield self._newest_for_writing()
        except (OSError, DeltaError) as error:
            layout.raise_if_full(error, self.path)
            raise

    def commit(
        self,
        delta: DeltaTable,
        added: Sequence[AddAction],
        removed: Sequence[str],
        *,
        data_change: bool,
        transaction: tuple[str, int] | None = None,
    ) -> None:
        """Make ``added`` files part of the table and ``removed`` absolute paths no longer part, in one step."""
        prefix = str(self.path.resolve()) + "/"
        now_ms = self.now_ms()
        actions: list[AddAction | RemoveAction] = [*added]
        for path in removed:
            inside = path.removeprefix(prefix)
            actions.append(RemoveAction(inside, data_change, now_ms, None, {"dt": layout.day_of(path)}))
        transactions = [Transaction(*transaction)] if transaction else None
        delta.create_write_transaction(
            actions,
            "append",
            self.schema,
            partition_by=["dt"],
            commit_properties=CommitProperties(app_transactions=transactions),
        )

    def live_files(self, delta: DeltaTable) -> list[LiveFile]:
        """The files of a state of the table, oldest day first."""
        rows = pa.table(delta.get_add_actions(flatten=True)).to_pylist()
        root = self.path.resolve()
        files = [
            LiveFile(
                path=str(root / row["path"]),
                day=row["partition.dt"],
                rows=row["num_records"],
                written_ms=int(row["modification_time"]),
            )
            for row in rows
        ]
        return sorted(files, key=lambda file: (file.day, file.written_ms, file.path))

    def now_ms(self) -> int:
        """The present in milliseconds of the epoch, as the table's log counts."""
        return int(self.clock.now().timestamp() * 1000)

    def live_paths(self, delta: DeltaTable) -> list[str]:
        """Absolute paths of the live files of a state of the table."""
        return [path.removeprefix("file://") for path in delta.file_uris()]

    def _paths(self) -> list[str]:
        with self._opening:
            delta = self._current()
            return self.live_paths(delta) if delta else []

    def _current(self) -> DeltaTable | None:
        with self._telling_damage():
            if self._reader is not None:
                self._reader.update_incremental()
            elif (self.path / "_delta_log").is_dir():
                with suppress(TableNotFoundError):
                    self._reader = DeltaTable(self.path)
        return self._reader

    def _newest_for_writing(self) -> DeltaTable:
        """The writers' own handle: readers' threads keep refreshing theirs."""
        with self._telling_damage():
            if self._writer is not None:
                self._writer.update_incremental()
                return self._writer
            self._writer = DeltaTable.create(
                self.path,
                self.schema,
                mode="ignore",
                partition_by=["dt"],
                name=self.path.name,
                configuration=_CONFIGURATION,
            )
            return self._writer

    @contextmanager
    def _telling_damage(self) -> Iterator[None]:
        """Raise ``CallsDamagedError`` for a log that can be reached but not read."""
        try:
            yield
        except DeltaError as error:
            layout.raise_if_full(error, self.path)
            if "permission denied" in str(error).lower():
                raise
            raise CallsDamagedError(file=self.path.name) from error

    def _take(self, descriptor: int) -> None:
        deadline = self.clock.monotonic() + LOCK_PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if self.clock.monotonic() > deadline:
                    raise TableBusyError(path=str(self.path), seconds=int(LOCK_PATIENCE_SECONDS)) from None
                self.clock.sleep(_LOCK_STEP_SECONDS)
