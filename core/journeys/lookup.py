"""One call, found among the call records themselves and rebuilt on the spot; and the calls beside it.

Reads the legs of the days around the call only, so it is quick where the day is known, and as fresh as the records:
a leg that arrived a second ago is in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.calls.engine import LegReader, Legs, reading
from core.calls.fields import RECORD_SCHEMA
from core.calls.filters import CallFilter
from core.calls.paging import files_by_day, widening
from core.calls.query import aware_rows
from core.calls.table import CallTable
from core.detection.rates import ContractTariff
from core.errors import InvalidInputError, NotFoundError
from core.journeys.grouping import group_labels
from core.journeys.legs import LEG_COLUMNS, legs_from_table, usable_id
from core.journeys.model import Journey
from core.journeys.neighbours import with_neighbours
from core.journeys.rebuild import rebuild

NEAR = timedelta(hours=2)
"""How far around a moment the calls of a number are looked for."""

AGENT_NEAR = timedelta(hours=1)
"""How far before and after a call the other calls of its agent are looked for."""

CALLER_NEAR = timedelta(days=7)
"""How far back and ahead the previous and the next call of a caller are looked for."""

_MOST_BRIEFS = 20
_LONGEST_ID = 200
_DAY = timedelta(days=1)
_SEEDS = ", ".join(f'"{name}"' for name in LEG_COLUMNS)
_RECORDS = ", ".join(f'"{name}"' for name in RECORD_SCHEMA.names if name != "dt")
_READ_SEEDS = f"SELECT {_SEEDS} FROM legs"  # noqa: S608 - our own columns
_READ_RECORDS = f"SELECT {_RECORDS} FROM legs ORDER BY start_time, report_id"  # noqa: S608 - our own columns
_CALL = "coalesce(correlation_id, report_id)"
_BY_ID = "(report_id = ? OR correlation_id = ? OR interaction_id = ?)"
_BRIEFS = f"""
SELECT {_CALL} AS call_id, min(start_time) AS started, max(coalesce(release_time, start_time)) AS ended,
       arg_min(calling_number, start_time) AS calling, arg_min(called_number, start_time) AS called
FROM legs WHERE NOT list_contains(?, {_CALL}) GROUP BY 1
"""  # noqa: S608 - our own columns


@dataclass(frozen=True)
class FoundCall:
    """A rebuilt call and its records, every column of ``RECORD_SCHEMA`` but the day, oldest first, instants aware."""

    journey: Journey
    records: list[dict[str, Any]]


@dataclass(frozen=True)
class CallBrief:
    """A call as a list names it: an id to open it by, its bounds (aware UTC) and its first numbers."""

    call_id: str
    started: datetime
    ended: datetime
    calling: str
    called: str


@dataclass(frozen=True)
class BesideCall:
    """The calls around one: the caller's previous and next, and those of the agent who took it, oldest first."""

    previous: CallBrief | None
    next: CallBrief | None
    of_agent: list[CallBrief]


class JourneyLookup:
    """Finds and rebuilds single calls; safe to share between threads. Raises ``CallQueryTooLongError`` when late."""

    def __init__(self, table: CallTable, tariff: ContractTariff | None = None) -> None:
        self._table = table
        self._tariff = tariff

    def one(self, any_id: str, day: date | None = None) -> FoundCall:
        """The call of a Report ID, Correlation ID or Interaction ID.

        ``day`` is a UTC day on or beside which the call took place, where known, and saves the search. Raises
        ``NotFoundError``.
        """
        wanted = any_id.strip()
        if not wanted or len(wanted) > _LONGEST_ID or usable_id(wanted) is None:
            raise NotFoundError(what="call")
        seed = self._seed(wanted, day)
        if not seed.num_rows:
            raise NotFoundError(what="call")
        legs = with_neighbours(seed, self._files_between)
        labels = group_labels(legs)
        first = int(pc.index(seed["start_time"], pc.min(seed["start_time"])).as_py())
        members = legs.filter(pa.array(labels == labels[first]))
        return FoundCall(rebuild(legs_from_table(members), self._tariff), self._records(members))

    def of_number(self, number: str, moment: datetime) -> list[CallBrief]:
        """Calls with a number or extension, or its beginning, within ``NEAR`` of an aware moment, nearest first.

        Raises ``InvalidInputError`` for what is no number, and for a moment at the ends of time.
        """
        try:
            since, until = moment.astimezone(UTC) - NEAR, moment.astimezone(UTC) + NEAR
        except OverflowError as error:
            raise InvalidInputError(field="at", problem=str(moment.year)) from error
        wanted = CallFilter(last="", since=since, until=until, number=number)
        found = self._briefs(wanted.condition(), wanted.days(), (), "started")
        return sorted(found, key=lambda brief: abs(brief.started - moment))[:_MOST_BRIEFS]

    def beside(self, journey: Journey) -> BesideCall:
        """The calls around this one."""
        return BesideCall(
            previous=self._of_caller(journey, journey.started - CALLER_NEAR, journey.started, "started DESC"),
            next=self._of_caller(journey, journey.started, journey.started + CALLER_NEAR, "started"),
            of_agent=self._of_agent(journey),
        )

    def _of_caller(self, journey: Journey, since: datetime, until: datetime, order: str) -> CallBrief | None:
        caller = journey.caller
        if caller.uuid:
            condition, who = "user_uuid = ? AND direction = 'ORIGINATING' AND related_call_id IS NULL", caller.uuid
        elif caller.number:
            condition, who = "calling_number = ?", caller.number
        else:
            return None
        asked = f"start_time BETWEEN ? AND ? AND {condition}", [_naive(since), _naive(until), who]
        found = self._briefs(asked, (since.date(), until.date()), journey.correlation_ids, order, 1)
        return found[0] if found else None

    def _of_agent(self, journey: Journey) -> list[CallBrief]:
        if not journey.agents:
            return []
        since, until = journey.started - AGENT_NEAR, journey.ended + AGENT_NEAR
        asked = "start_time BETWEEN ? AND ? AND user_uuid = ?", [_naive(since), _naive(until), journey.agents[-1]]
        return self._briefs(asked, (since.date(), until.date()), journey.correlation_ids, "started")

    def _briefs(
        self,
        asked: tuple[str, list[Any]],
        days: tuple[date | None, date | None],
        without: Iterable[str],
        order: str,
        limit: int = 200,
    ) -> list[CallBrief]:
        legs = Legs(self._table.files(*days), *asked)
        with reading() as reader:
            rows = aware_rows(reader.table(f"{_BRIEFS} ORDER BY {order} LIMIT ?", legs, [list(without), limit]))
        return [CallBrief(**row | {"calling": row["calling"] or "", "called": row["called"] or ""}) for row in rows]

    def _seed(self, wanted: str, day: date | None) -> pa.Table:
        with reading() as reader:
            if day is not None:
                around = self._table.files(_moved(day, -_DAY), _moved(day, _DAY))
                found = _legs_of(reader, around, wanted)
                if found.num_rows:
                    return found
            for files in widening(list(files_by_day(self._table.files()).values())):
                found = _legs_of(reader, files, wanted)
                if found.num_rows:
                    return found
        return RECORD_SCHEMA.empty_table().select(list(LEG_COLUMNS))

    def _records(self, members: pa.Table) -> list[dict[str, Any]]:
        extent = pc.min_max(members["start_time"])
        first, last = extent["min"].as_py(), extent["max"].as_py()
        condition = "start_time BETWEEN ? AND ? AND list_contains(?, report_id)"
        legs = Legs(
            self._table.files(first.date(), last.date()), condition, [first, last, members["report_id"].to_pylist()]
        )
        with reading() as reader:
            return aware_rows(reader.table(_READ_RECORDS, legs))

    def _files_between(self, first: str, last: str) -> list[str]:
        return self._table.files(date.fromisoformat(first), date.fromisoformat(last))


def _legs_of(reader: LegReader, files: list[str], wanted: str) -> pa.Table:
    found = reader.table(_READ_SEEDS, Legs(files, _BY_ID, [wanted] * 3))
    return found.cast(RECORD_SCHEMA.empty_table().select(list(LEG_COLUMNS)).schema)


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
