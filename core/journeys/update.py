"""Bringing the table of journeys up to the table of calls, at a cost that follows the new legs.

New legs are found by comparing the files of the calls then and now, the calls they belong to by their keys on the
days around, and those calls alone are rebuilt. The version of the calls that was read is noted in the same commit
as the journeys, so a kill at any point is made good by the next run, and nothing is doubled.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa

from core.calls import layout
from core.calls.engine import connection
from core.clock import Clock
from core.detection import tariffs
from core.journeys.changes import Changes, changes_since, day_runs
from core.journeys.model import Journey
from core.journeys.neighbours import with_neighbours
from core.journeys.rebuild import rebuild_all
from core.journeys.table import JourneyTable, journeys_path, retired_row
from core.services import Services
from core.store import data_version
from core.store.crash_points import reached
from core.store.engine import Database

DATA_VERSION = "journeys"
"""Name under which ``core.store.data_version`` counts changes of the journeys; never below the table's version."""

Rebuilt = Callable[[pa.Table], Iterator[Journey]]

SOURCE = "calls"
DAYS_AT_A_TIME = 2
"""How many days of new legs are held in memory together; a first fill walks the history in such steps."""

FILES_TOO_MANY = 24
"""A day with this many files is rewritten as one."""

_LIVE_IDS = """
SELECT journey_id, started FROM read_parquet(?, hive_partitioning = false)
WHERE journey_id IN (SELECT id FROM candidates)
QUALIFY row_number() OVER (PARTITION BY journey_id, started::DATE ORDER BY revision DESC) = 1 AND NOT retired
"""


@dataclass(frozen=True)
class UpdateResult:
    """What one run did: new legs read, journeys rebuilt, ids that went into another."""

    legs: int = 0
    journeys: int = 0
    retired: int = 0

    def __add__(self, other: "UpdateResult") -> "UpdateResult":
        return UpdateResult(self.legs + other.legs, self.journeys + other.journeys, self.retired + other.retired)


def update_journeys(
    services: Services,
    *,
    stopping: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int | None, str], None] = lambda _done, _total, _doing: None,
) -> UpdateResult:
    """Rebuild the journeys of the legs that came since the last run, and tell the pages.

    Costs are by the tariff in use at this moment; a call keeps its cost until a leg of it comes late. ``stopping`` is
    asked between steps; what is left is done by the next run. Raises ``StorageFullError`` and
    ``TableBusyError``, both transient.
    """
    table = JourneyTable(journeys_path(services.settings), services.clock)
    result = UpdateResult()
    changes = changes_since(services.calls, table.processed(SOURCE))
    if changes is not None:
        with services.database.read() as session:
            rebuilt = partial(rebuild_all, tariff=tariffs.tariff(session))
        for step in _steps(table, changes, rebuilt, stopping, progress):
            result += step
        _forget(table, changes)
        _collapse(table, stopping)
    announce(services.database, table, services.clock)
    return result


def open_journeys(services: Services) -> JourneyTable:
    """The table of journeys of these services."""
    return JourneyTable(journeys_path(services.settings), services.clock)


def announce(database: Database, table: JourneyTable, clock: Clock) -> None:
    """Raise the data version to the table's, if pages were not told of its last commits."""
    version = table.version() + 1
    with database.read() as session:
        if data_version.current(session, DATA_VERSION)[0] >= version:
            return
    with database.write() as session:
        while data_version.bump(session, DATA_VERSION, clock.now()) < version:
            pass


def _steps(
    table: JourneyTable,
    changes: Changes,
    rebuilt: Rebuilt,
    stopping: Callable[[], bool],
    progress: Callable[[int, int | None, str], None],
) -> Iterator[UpdateResult]:
    runs = day_runs(changes.days(), DAYS_AT_A_TIME) or [[]]
    for number, days in enumerate(runs, start=1):
        if stopping():
            return
        last = number == len(runs)
        yield _step(table, changes, days, rebuilt, (SOURCE, changes.version) if last else None)
        progress(number, len(runs), days[-1] if days else "")


def _step(
    table: JourneyTable, changes: Changes, days: list[str], rebuilt: Rebuilt, processed: tuple[str, int] | None
) -> UpdateResult:
    new = changes.new_legs(days) if days else None
    journeys: list[Journey] = []
    retired: list[dict[str, Any]] = []
    if new is not None and new.num_rows:
        legs = with_neighbours(new, changes.files)
        journeys = list(rebuilt(legs))
        retired = _retired(table, journeys)
    reached("journeys.rebuilt")
    if journeys or processed:
        table.put(journeys, retired, processed)
    return UpdateResult(legs=new.num_rows if new is not None else 0, journeys=len(journeys), retired=len(retired))


def _retired(table: JourneyTable, journeys: list[Journey]) -> list[dict[str, Any]]:
    """Rows for the ids on record that these journeys took in, or that now start on another day."""
    starts = [journey.started for journey in journeys]
    around = timedelta(days=1)
    files = table.files((min(starts) - around).date(), (max(starts) + around).date())
    if not files:
        return []
    owner = {name: journey for journey in journeys for name in (*journey.correlation_ids, *journey.report_ids)}
    with connection().cursor() as cursor:
        cursor.register("candidates", pa.table({"id": pa.array(list(owner), pa.string())}))
        stored = cursor.execute(_LIVE_IDS, [files]).fetchall()
    return [
        retired_row(name, started, owner[name].journey_id)
        for name, started in stored
        if owner[name].journey_id != name or _day(owner[name]) != started.date()
    ]


def _day(journey: Journey) -> date:
    return journey.started.astimezone(UTC).date()


def _forget(table: JourneyTable, changes: Changes) -> None:
    """Days whose calls were expired have no journeys either."""
    days = {layout.day_of(path) for path in changes.live}
    gone = [day for day in table.days() if day.isoformat() not in days]
    if gone:
        table.drop_days(gone)


def _collapse(table: JourneyTable, stopping: Callable[[], bool]) -> None:
    counts: dict[str, int] = {}
    for path in table.files():
        day = layout.day_of(path)
        counts[day] = counts.get(day, 0) + 1
    for day, count in counts.items():
        if count >= FILES_TOO_MANY and not stopping():
            table.collapse(datetime.fromisoformat(day).date())
