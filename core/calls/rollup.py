"""The hourly rollup: what pages chart, so that they need not read every leg.

``data_dir/calls_hourly`` is a Delta table of one file a UTC day. The file's name carries a fingerprint of the
calls files it was made from and of the query that made it, so what is out of date shows by comparing names, and a
kill at any point is made good by the next run.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from core.calls import layout
from core.calls.conversations import CALL, CONVERSATION, TALK_SECONDS
from core.calls.day_table import DayTable
from core.calls.table import CallTable
from core.clock import Clock
from core.settings import Settings
from core.store.crash_points import reached

HOURLY_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("hour", pa.timestamp("us")),
        pa.field("location", pa.string()),
        pa.field("site_uuid", pa.string()),
        pa.field("direction", pa.string()),
        pa.field("off_net", pa.bool_()),
        pa.field("international", pa.bool_()),
        pa.field("far_country", pa.string()),
        pa.field("outcome", pa.string()),
        pa.field("legs", pa.int64()),
        pa.field("answered", pa.int64()),
        pa.field("talk_seconds", pa.int64()),
        pa.field("calls", pa.int64()),
        pa.field("answered_calls", pa.int64()),
        pa.field("international_calls", pa.int64()),
        pa.field("dt", pa.string()),
    ]
)
"""``hour`` is naive UTC. ``answered`` counts the legs that stand for a conversation and ``talk_seconds`` their talk,
as ``core.calls.conversations`` has it. A call is counted in the row of its first leg of the UTC day:
``answered_calls`` when it has a conversation leg that day, ``international_calls`` when an international one."""

DATA_VERSION = "calls_hourly"
"""Name under which ``core.store.data_version`` counts changes of the rollup."""

_QUERY = (
    (Path(__file__).parent / "rollup.sql")
    .read_text(encoding="utf-8")
    .format(call=CALL, conversation=CONVERSATION, talk_seconds=TALK_SECONDS)
)
_FINGERPRINT_LENGTH = 24
_EDITION = hashlib.sha256(_QUERY.encode()).hexdigest()[:8]
_PREFIX = f"hours-{_EDITION}-"


@dataclass(frozen=True)
class RollUpResult:
    """What one run did: the days made anew, and those taken out."""

    rebuilt: list[date]
    removed: list[date]


class HourlyCalls(DayTable):
    """The table of the hourly rollup; ``files(since, until)`` for readers, without those of an older edition."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        super().__init__(path, HOURLY_SCHEMA, clock)

    def files(self, since: date | None = None, until: date | None = None) -> list[str]:
        """As in ``DayTable``; days that an older edition rolled up are missing until they are made anew."""
        return [path for path in super().files(since, until) if Path(path).name.startswith(_PREFIX)]

    def every_file(self) -> list[str]:
        """The live files of every edition."""
        return super().files()

    def renew(self) -> None:
        """Begin the table again where an older edition had other columns; all of it can be made anew."""
        if not self.exists():
            return
        with self.writing() as delta:
            if [field.name for field in delta.schema().fields] != HOURLY_SCHEMA.names:
                DeltaTable.create(self.path, self.schema, mode="overwrite", partition_by=["dt"], name=self.path.name)


def hourly_path(settings: Settings) -> Path:
    """Folder of the hourly rollup."""
    return settings.data_dir / "calls_hourly"


def roll_up(calls: CallTable, hourly: HourlyCalls, *, stopping: Callable[[], bool] = lambda: False) -> RollUpResult:
    """Make the rollup of each day whose calls files changed; cost grows with the days touched, not with history."""
    hourly.renew()
    sources = {day: list(paths) for day, paths in groupby(calls.files(), key=layout.day_of)}
    built = {layout.day_of(path): path for path in hourly.every_file()}
    stale = [day for day, paths in sources.items() if _name(paths) != Path(built.get(day, "")).name]
    gone = sorted(set(built) - set(sources))
    rebuilt = []
    for day in sorted(stale, reverse=True):
        if stopping():
            break
        _rebuild(hourly, day, sources[day])
        rebuilt.append(date.fromisoformat(day))
    if gone:
        with hourly.writing() as delta:
            live = [path for path in hourly.live_paths(delta) if layout.day_of(path) in gone]
            hourly.commit(delta, [], live, data_change=True)
    return RollUpResult(rebuilt=rebuilt, removed=[date.fromisoformat(day) for day in gone])


def _rebuild(hourly: HourlyCalls, day: str, paths: list[str]) -> None:
    with duckdb.connect() as engine:
        rows: pa.Table = engine.sql(_QUERY, params={"files": paths}).to_arrow_table()
    rows = rows.append_column("dt", pa.repeat(day, rows.num_rows)).cast(HOURLY_SCHEMA)
    with hourly.writing() as delta:
        name = _name(paths)
        written = layout.write_file(hourly.path, day, rows, hourly.now_ms(), name=name, time_column="hour")
        reached("calls.hours_written")
        before = [path for path in hourly.live_paths(delta) if layout.day_of(path) == day]
        if str(hourly.path.resolve() / written.path) not in before:
            hourly.commit(delta, [written.action(data_change=True)], before, data_change=True)


def _name(paths: list[str]) -> str:
    names = "\n".join(sorted(Path(path).name for path in paths))
    return f"{_PREFIX}{hashlib.sha256(names.encode()).hexdigest()[:_FINGERPRINT_LENGTH]}.parquet"
