"""Questions to the table of journeys: one call by whatever a person has of it, and lists a page at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.calls.engine import LegReader, Legs, reading
from core.calls.paging import PageMark, files_by_day, widening
from core.journeys.filters import JourneyFilter
from core.journeys.model import Journey
from core.journeys.table import JOURNEY_COLUMNS, JourneyTable, journey_of

MOST_ON_A_PAGE = 500
NEAR = timedelta(hours=2)
"""How far from the given time a call by number and time is looked for."""

_COLUMNS = ", ".join(f'"{name}"' for name in JOURNEY_COLUMNS)
LIVE = """(
    FROM legs QUALIFY row_number() OVER (PARTITION BY journey_id, started::DATE ORDER BY revision DESC) = 1
) WHERE NOT retired"""
"""SQL of the journeys that count, among ``legs``: the newest revision of each id and day; takes an ``AND`` more."""

_ALL = f"SELECT {_COLUMNS} FROM {LIVE} ORDER BY started, journey_id"  # noqa: S608 - our own columns
_BY_ID = f"""
SELECT {_COLUMNS} FROM {LIVE} AND (journey_id = ? OR list_contains(correlation_ids, ?)
    OR list_contains(report_ids, ?) OR list_contains(interaction_ids, ?))
ORDER BY started DESC LIMIT 1
"""  # noqa: S608 - our own columns
_MERGED = """
SELECT merged_into FROM legs WHERE retired AND journey_id = ? AND merged_into <> ? ORDER BY revision DESC LIMIT 1
"""
_BY_NUMBER = f"""
SELECT {_COLUMNS} FROM {LIVE} AND started BETWEEN ? AND ? AND ended >= ?
    AND len(list_filter(numbers, lambda one: ends_with(one, ?))) > 0
ORDER BY abs(epoch(started - ?)), journey_id LIMIT ?
"""  # noqa: S608 - our own columns
_AMONG = "started BETWEEN ? AND ? AND list_contains(?, journey_id)"
"""Wide columns are read of the shown calls alone, once narrow ones have said which these are."""


@dataclass(frozen=True)
class JourneyPage:
    """Journeys, newest first, and the marks of the pages of older and newer ones; ``None`` where there is none."""

    journeys: list[Journey]
    next: str | None
    previous: str | None


class JourneyQueries:
    """Asks the table of journeys; safe to share between threads."""

    def __init__(self, table: JourneyTable) -> None:
        self._table = table

    def one(self, any_id: str, day: date | None = None) -> Journey | None:
        """The call that an id belongs to: its own, a Correlation, Interaction or Report ID, or an id it took in.

        With ``day`` (UTC) only the days around it are read; without it the days are walked newest first. Raises
        ``CallQueryTooLongError``.
        """
        around = timedelta(days=1)
        paths = self._table.files(day - around, day + around) if day else self._table.files()
        with reading() as reader:
            for files in widening(list(files_by_day(paths).values())):
                found = reader.table(_BY_ID, _over(files), [any_id] * 4).to_pylist()
                if found:
                    return journey_of(found[0])
                moved = reader.rows(_MERGED, _over(files), [any_id, any_id])
                if moved:
                    return self.one(moved[0][0], day)
        return None

    def at(self, number: str, moment: datetime, limit: int = 20) -> list[Journey]:
        """Calls of a number (its end is enough) within ``NEAR`` of a moment (aware), the nearest first."""
        naive = moment.astimezone(UTC).replace(tzinfo=None)
        since, until = naive - NEAR, naive + NEAR
        files = self._table.files(since.date(), until.date())
        if not files:
            return []
        with reading() as reader:
            found = reader.table(_BY_NUMBER, _over(files), [since, until, since, number, naive, limit])
        return [journey_of(row) for row in found.to_pylist()]

    def page(self, asked: JourneyFilter, cursor: str | None = None, limit: int = 100) -> JourneyPage:
        """One page of the journeys a filter shows, walking the days so that cost does not grow with history.

        ``cursor`` is a mark of an earlier page. Raises ``InvalidInputError`` for a mark that is none of ours,
        ``CallQueryTooLongError``.
        """
        limit = max(1, min(limit, MOST_ON_A_PAGE))
        mark = PageMark.read(cursor) if cursor else None
        newer = mark is not None and mark.newer
        rows: list[dict[str, Any]] = []
        with reading() as reader:
            for files in self._walk(asked, mark):
                rows += self._rows(reader, files, asked, mark, limit + 1 - len(rows))
                if len(rows) > limit:
                    break
        more = len(rows) > limit
        rows = rows[:limit]
        if newer:
            rows.reverse()
        return JourneyPage(
            journeys=[journey_of(row) for row in rows],
            next=_mark(rows[-1], newer=False) if rows and (more or newer) else None,
            previous=_mark(rows[0], newer=True) if rows and (more if newer else mark is not None) else None,
        )

    def every(self, since: date | None = None, until: date | None = None) -> Iterator[Journey]:
        """All journeys that start on the UTC days from ``since`` to ``until``, oldest first, a day in memory."""
        for files in reversed(files_by_day(self._table.files(since, until)).values()):
            with reading() as reader:
                rows = reader.table(_ALL, _over(files)).to_pylist()
            yield from map(journey_of, rows)

    def _walk(self, asked: JourneyFilter, mark: PageMark | None) -> Iterator[list[str]]:
        first, last = asked.days()
        if mark is not None and mark.newer:
            first = max(first, mark.start_time.date()) if first else mark.start_time.date()
        elif mark is not None:
            last = min(last, mark.start_time.date()) if last else mark.start_time.date()
        days = list(files_by_day(self._table.files(first, last)).values())
        if mark is not None and mark.newer:
            days.reverse()
        yield from widening(days)

    def _rows(
        self, reader: LegReader, files: list[str], asked: JourneyFilter, mark: PageMark | None, limit: int
    ) -> list[dict[str, Any]]:
        condition, parameters = asked.condition()
        order = "started DESC, journey_id DESC"
        if mark is not None:
            beyond, bound = mark.condition()
            condition += " AND " + beyond.replace("start_time", "started").replace("report_id", "journey_id")
            parameters = [*parameters, *bound]
            order = "started, journey_id" if mark.newer else order
        keys = f"SELECT started, journey_id FROM {LIVE} AND {condition} ORDER BY {order} LIMIT ?"  # noqa: S608 - our own text
        found = reader.rows(keys, _over(files), [*parameters, limit])
        if not found:
            return []
        begun = [row[0] for row in found]
        whole = Legs(files, _AMONG, [min(begun), max(begun), [row[1] for row in found]])
        sql = f"SELECT {_COLUMNS} FROM {LIVE} ORDER BY {order}"  # noqa: S608 - our own text
        rows: list[dict[str, Any]] = reader.table(sql, whole).to_pylist()
        return rows


def _over(files: Sequence[str]) -> Legs:
    return Legs(files)


def _mark(row: dict[str, Any], *, newer: bool) -> str:
    return PageMark(row["started"], row["journey_id"], newer).text()
