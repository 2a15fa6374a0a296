"""Questions to the table of calls: a page of legs, one leg, and summaries of what a filter shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from os.path import getsize
from typing import Any

import pyarrow as pa

from core.calls import call_counts, layout, summaries
from core.calls.call_counts import CallAggregate, CallCounts
from core.calls.conversations import conversation
from core.calls.engine import SECONDS_LIMIT, LegReader, Legs, reading
from core.calls.fields import RECORD_SCHEMA
from core.calls.filter_terms import InvalidFilterError
from core.calls.filters import CallFilter
from core.calls.paging import PageMark, files_by_day, widening
from core.calls.summaries import Choice, Histogram, TopRow
from core.calls.table import CallTable
from core.clock import Clock, SystemClock
from core.errors import NotFoundError

GRID_COLUMNS = (
    "report_id",
    "start_time",
    "direction",
    "user",
    "location",
    "far_number",
    "far_country",
    "call_type",
    "outcome",
    "duration",
    "international",
    "correlation_id",
)
"""What a list of calls shows unless told otherwise; every further column costs reading."""
LONGEST_PAGE = 1000
_DAYS_AT_FIRST = 4
"""Days a page of a narrowed filter looks at first: their legs seldom fill it, and each question has its price."""
_READ_AT_ONCE = 16 * 1024 * 1024
"""Bytes of files up to which all shown columns are read at once: a second question would cost more than it spares."""
_FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)
_KEY_COLUMNS = ("start_time", "report_id")


@dataclass(frozen=True)
class CallPage:
    """One page of legs, newest first, and the marks of its neighbours (``None`` where there is none)."""

    table: pa.Table
    next: str | None
    previous: str | None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The legs as dictionaries by column; instants aware, in UTC."""
        return aware_rows(self.table)


class CallQueries:
    """Reads the table of calls for pages and routes. Safe to share between threads.

    Every question has a time limit and then raises ``CallQueryTooLongError``, a ``TransientError``.
    """

    def __init__(self, table: CallTable, clock: Clock | None = None, seconds_limit: float = SECONDS_LIMIT) -> None:
        self._table = table
        self._clock = clock or SystemClock()
        self._seconds_limit = seconds_limit

    def page(
        self,
        filter: CallFilter,
        cursor: str | None = None,
        limit: int = 100,
        backwards: bool = False,
        columns: Sequence[str] = GRID_COLUMNS,
    ) -> CallPage:
        """The legs of ``filter`` beyond ``cursor``, newest first, at most ``limit``.

        A cursor knows its own direction: ``CallPage.next`` leads to older legs, ``CallPage.previous`` to newer ones.
        ``backwards`` without a cursor gives the oldest legs. The cost depends on how far the page lies from its
        start and not on how long the history is. Raises ``InvalidInputError`` for a cursor not of ours or a column
        that does not exist.
        """
        mark = PageMark.read(cursor) if cursor else None
        newer = mark.newer if mark else backwards
        limit = max(1, min(limit, LONGEST_PAGE))
        found = self._walk(filter.resolved(self._clock.now()), mark, newer, limit + 1, known_columns(columns))
        more = found.num_rows > limit
        legs = found.slice(0, limit)
        if newer:
            legs = legs.take(pa.array(range(legs.num_rows - 1, -1, -1), pa.int64()))
        has_newer = more if newer else mark is not None
        has_older = mark is not None if newer else more
        return CallPage(
            table=legs.select(list(columns)),
            next=_mark_of(legs, -1, mark, newer=False) if has_older else None,
            previous=_mark_of(legs, 0, mark, newer=True) if has_newer else None,
        )

    def one(self, report_id: str, day: date | None = None) -> dict[str, Any]:
        """Every field of one leg, with the original record in ``raw``; instants aware, in UTC.

        ``day`` is the UTC day of its start, where known, and saves the search. Raises ``NotFoundError``.
        """
        columns = ", ".join(f'"{name}"' for name in RECORD_SCHEMA.names if name != "dt")
        sql = f"SELECT {columns} FROM legs LIMIT 1"
        days = list(files_by_day(self._table.files(day, day)).values())
        with reading(self._seconds_limit) as reader:
            for files in widening(days):
                found = reader.table(sql, Legs(files, "report_id = ?", [report_id]))
                if found.num_rows:
                    return aware_rows(found)[0]
        raise NotFoundError(what="call")

    def count(self, filter: CallFilter) -> int:
        """How many legs the filter shows."""
        with reading(self._seconds_limit) as reader:
            return int(reader.rows("SELECT count(*) FROM legs", self.legs(filter))[0][0])

    def calls(self, filter: CallFilter) -> CallCounts:
        """How many distinct calls (Correlation IDs) the filter shows, within 0.1 % where there are many."""
        with reading(self._seconds_limit) as reader:
            return call_counts.call_counts(reader, self.legs(filter))

    def aggregate(self, filter: CallFilter) -> CallAggregate:
        """The figures of the strip above a list of calls."""
        with reading(self._seconds_limit) as reader:
            return summaries.aggregate(reader, self.legs(filter), _conversation(filter))

    def histogram(self, filter: CallFilter, buckets: int = 60) -> Histogram:
        """Legs by time in at most ``buckets`` bars over the period of the filter, empty ones included.

        An open period ends with the days on record.
        """
        resolved = filter.resolved(self._clock.now())
        legs = self.legs(resolved)
        days = list(files_by_day(legs.files)) or [self._clock.now().date()]
        since = resolved.since or _midnight(min(days[-1], (resolved.until or _FAR_FUTURE).date()))
        until = resolved.until or max(_midnight(days[0]), since) + timedelta(days=1)
        with reading(self._seconds_limit) as reader:
            return summaries.histogram(reader, legs, (since, until), buckets, _conversation(filter))

    def top(self, filter: CallFilter, by: str, limit: int = 10) -> list[TopRow]:
        """The values of ``by`` (a key of ``summaries.GROUPS``) with most legs. Raises ``InvalidInputError``."""
        with reading(self._seconds_limit) as reader:
            return summaries.top(reader, self.legs(filter), by, limit, _conversation(filter))

    def talkers(self, filter: CallFilter, limit: int = 10) -> list[TopRow]:
        """The people, workspaces and virtual lines who made and took most calls, each with those alone."""
        with reading(self._seconds_limit) as reader:
            return summaries.talkers(reader, self.legs(filter), limit)

    def choices(self, by: str, days: int = 31, limit: int = 500) -> list[Choice]:
        """The values of ``by`` seen in the newest ``days`` UTC days on record, by label; for a filter's widgets."""
        newest = list(files_by_day(self._table.files()).items())[:days]
        files = [path for _, paths in newest for path in paths]
        with reading(self._seconds_limit) as reader:
            rows = summaries.top(reader, Legs(files), by, limit)
        return sorted((Choice(row.value, row.label) for row in rows), key=lambda choice: choice.label.casefold())

    def newest(self) -> datetime | None:
        """The start of the newest leg on record, aware UTC; ``None`` when there is none."""
        with reading(self._seconds_limit) as reader:
            for files in widening(list(files_by_day(self._table.files()).values())):
                found: datetime | None = reader.rows("SELECT max(start_time) FROM legs", Legs(files))[0][0]
                if found:
                    return found.replace(tzinfo=UTC)
        return None

    def newest_stored(self) -> datetime | None:
        """When the newest record was stored, aware UTC; ``None`` when there is none."""
        files = self._table.files()
        with reading(self._seconds_limit) as reader:
            found: datetime | None = reader.rows("SELECT max(stored_at) FROM legs", Legs(files))[0][0]
        return found.replace(tzinfo=UTC) if found else None

    def legs(self, filter: CallFilter) -> Legs:
        """What a filter asks of the table as it stands now; the list of files stays valid while it is read."""
        resolved = filter.resolved(self._clock.now())
        return Legs(self._table.files(*resolved.days()), *resolved.condition())

    def _walk(
        self, filter: CallFilter, mark: PageMark | None, newer: bool, limit: int, columns: Sequence[str]
    ) -> pa.Table:
        since, until = filter.days()
        if mark and newer:
            since = max(since or mark.start_time.date(), mark.start_time.date())
        elif mark:
            until = min(until or mark.start_time.date(), mark.start_time.date())
        days = list(files_by_day(self._table.files(since, until)).values())
        condition, parameters = filter.condition()
        if mark:
            beyond, bound = mark.condition()
            condition, parameters = f"{condition} AND {beyond}", [*parameters, *bound]
        order = "ASC" if newer else "DESC"
        shown = ", ".join(f'"{name}"' for name in columns)
        sql = f"SELECT {shown} FROM legs ORDER BY start_time {order}, report_id {order} LIMIT ?"
        first = _DAYS_AT_FIRST if filter.narrows else 1
        steps = (Legs(files, condition, parameters) for files in widening(days[::-1] if newer else days, first))
        with reading(self._seconds_limit) as reader:
            return _fill(reader, sql, steps, limit, newer)


def _conversation(filter: CallFilter) -> str:
    return conversation(one_side=filter.shows_one_side)


def known_columns(columns: Sequence[str]) -> list[str]:
    """The columns to read for ``columns``, the key included. Raises ``InvalidInputError`` for an unknown one."""
    for name in columns:
        if name not in RECORD_SCHEMA.names or name == "dt":
            raise InvalidFilterError("columns", "column", column=name[:60])
    return list(dict.fromkeys([*columns, *_KEY_COLUMNS]))


def aware_rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a result as dictionaries, its naive UTC instants made aware."""
    instants = [field.name for field in table.schema if pa.types.is_timestamp(field.type)]
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        for name in instants:
            if row[name] is not None:
                row[name] = row[name].replace(tzinfo=UTC)
    return rows


def _fill(reader: LegReader, sql: str, steps: Iterable[Legs], limit: int, newer: bool) -> pa.Table:
    """The first ``limit`` legs of the steps.

    A large step is asked first when its legs began, which reads the start time and what the filter needs; the shown
    columns are then read of those instants only, and not at all where nothing matches.
    """
    order = "ASC" if newer else "DESC"
    found: list[pa.Table] = []
    missing = limit
    for legs in steps:
        if sum(map(getsize, legs.files)) > _READ_AT_ONCE:
            instants = reader.rows(f"SELECT start_time FROM legs ORDER BY start_time {order} LIMIT ?", legs, [missing])
            if not instants:
                continue
            legs = _at(legs, sorted({row[0] for row in instants}))
        found.append(reader.table(sql, legs, [missing]))
        missing -= found[-1].num_rows
        if missing <= 0:
            break
    return pa.concat_tables(found) if found else reader.table(sql, Legs([]), [0])


def _at(legs: Legs, instants: Sequence[datetime]) -> Legs:
    """Those that began at one of ``instants``, which are in order; the span lets DuckDB skip row groups."""
    days = {instant.date().isoformat() for instant in instants}
    files = [path for path in legs.files if layout.day_of(path) in days]
    marks = ", ".join("?" * len(instants))
    condition = f"start_time BETWEEN ? AND ? AND start_time IN ({marks}) AND {legs.condition}"
    return Legs(files, condition, [instants[0], instants[-1], *instants, *legs.parameters])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _mark_of(legs: pa.Table, position: int, asked: PageMark | None, *, newer: bool) -> str | None:
    if not legs.num_rows:
        return PageMark(asked.start_time, asked.report_id, newer).text() if asked else None
    row = legs.select(list(_KEY_COLUMNS)).slice(position % legs.num_rows, 1).to_pylist()[0]
    return PageMark(row["start_time"], row["report_id"], newer).text()
