"""The table of journeys: beside the call records, a Delta table of one folder a UTC day of the call's start.

Rows are only added. A rebuilt journey is a row with a higher ``revision``; the highest of an id and day counts, and a
``retired`` one says that the id went into ``merged_into`` (or that the call moved to another day). So one commit
replaces any number of journeys at once, readers never see half of it, and a repeated run changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from core.calls import layout
from core.calls.day_table import DayTable
from core.clock import Clock
from core.journeys.model import (
    Direction,
    Gap,
    GapKind,
    Journey,
    Kind,
    Party,
    Reason,
    ReleasedBy,
    Result,
    Ring,
    Stage,
)
from core.journeys.route import route_text
from core.journeys.stays import agent_stays, flow, missed_rings, queue_stays
from core.settings import Settings
from core.store.crash_points import reached

_TEXT, _SECONDS, _TEXTS = pa.string(), pa.float64(), pa.list_(pa.string())
_QUEUE_STAYS = pa.list_(
    pa.struct([("queue", _TEXT), ("kind", _TEXT), ("wait", _SECONDS), ("end", _TEXT), ("agent", _TEXT)])
)
_AGENT_STAYS = pa.list_(
    pa.struct(
        [
            ("agent", _TEXT),
            ("name", _TEXT),
            ("queue", _TEXT),
            ("talk", _SECONDS),
            ("hold", _SECONDS),
            ("ring", _SECONDS),
        ]
    )
)
_MISSED_RINGS = pa.list_(
    pa.struct([("agent", _TEXT), ("name", _TEXT), ("queue", _TEXT), ("seconds", _SECONDS), ("elsewhere", pa.bool_())])
)
LAYOUT = 2
"""Grows with ``JOURNEY_SCHEMA``: a table of another layout stands in another folder and is filled anew."""
_PARTIES = ("caller", "called", "final")
_PARTS = ("name", "number", "uuid")

JOURNEY_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("journey_id", _TEXT),
        pa.field("started", pa.timestamp("us")),
        pa.field("ended", pa.timestamp("us")),
        pa.field("direction", _TEXT),
        *(pa.field(f"{party}_{part}", _TEXT) for party in _PARTIES for part in _PARTS),
        pa.field("entry", _TEXT),
        pa.field("location", _TEXT),
        pa.field("site_uuid", _TEXT),
        pa.field("org_uuid", _TEXT),
        pa.field("route", _TEXT),
        pa.field("t_aa", _SECONDS),
        pa.field("t_queue_1", _SECONDS),
        pa.field("t_queue", _SECONDS),
        pa.field("t_agent", _SECONDS),
        pa.field("ring_seconds", _SECONDS),
        pa.field("talk_seconds", _SECONDS),
        pa.field("hold_seconds", _SECONDS),
        pa.field("result", _TEXT),
        pa.field("overflowed", pa.bool_()),
        pa.field("released_by", _TEXT),
        pa.field("cost", _SECONDS),
        pa.field("legs", pa.int32()),
        pa.field("correlation_ids", _TEXTS),
        pa.field("interaction_ids", _TEXTS),
        pa.field("report_ids", _TEXTS),
        pa.field("queues", _TEXTS),
        pa.field("agents", _TEXTS),
        pa.field("numbers", _TEXTS),
        pa.field("queue_stays", _QUEUE_STAYS),
        pa.field("agent_stays", _AGENT_STAYS),
        pa.field("missed_rings", _MISSED_RINGS),
        pa.field("callbacks", pa.int32()),
        pa.field("flow", _TEXTS),
        pa.field("course", _TEXT),
        pa.field("revision", pa.int64()),
        pa.field("retired", pa.bool_()),
        pa.field("merged_into", _TEXT),
        pa.field("dt", _TEXT),
    ]
)
"""One row a revision of a journey. Instants are naive UTC; ``t_queue`` is the wait in all queues; ``numbers`` are all
numbers on the call; ``course`` is JSON of stages, rings and gaps; ``route`` is in English; the stays, missed rings
and ``flow`` are those of ``core.journeys.stays``."""

_NOT_READ = ("revision", "retired", "merged_into", "dt", "queue_stays", "agent_stays", "missed_rings", "flow")
JOURNEY_COLUMNS = [name for name in JOURNEY_SCHEMA.names if name not in _NOT_READ]
"""The columns that ``journey_of`` reads, and more for lists."""

_SORT = [("started", "ascending"), ("journey_id", "ascending")]


class JourneyTable(DayTable):
    """The table of journeys in a folder, opened for a process; safe to share between threads."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        super().__init__(path, JOURNEY_SCHEMA, clock)

    def put(
        self, journeys: Sequence[Journey], retired: Sequence[dict[str, Any]], processed: tuple[str, int] | None
    ) -> None:
        """Store rebuilt journeys and retired ids in one commit.

        ``processed`` (name, version of the source) is noted in it: what was read up to there is in this table.
        Raises ``StorageFullError``, ``TableBusyError``.
        """
        with self.writing() as delta:
            rows = pa.concat_tables([_table(map(_row, journeys)), _table(retired)])
            revision = pa.repeat(pa.scalar(delta.version() + 1, pa.int64()), rows.num_rows)
            rows = rows.set_column(rows.schema.get_field_index("revision"), "revision", revision)
            written = []
            for day, part in _by_day(rows):
                written.append(layout.write_file(self.path, day, part, self.now_ms(), time_column="started"))
            reached("journeys.files_written")
            added = [file.action(data_change=True) for file in written]
            self.commit(delta, added, [], data_change=True, transaction=processed)
        reached("journeys.committed")

    def processed(self, name: str) -> int | None:
        """Up to which version of the source ``name`` this table is complete; ``None`` before the first time."""
        with self._opening:
            delta = self._current()
            return delta.transaction_version(name) if delta else None

    def drop_days(self, days: Iterable[date]) -> None:
        """Take whole days out, in one commit."""
        gone = {day.isoformat() for day in days}
        with self.writing() as delta:
            paths = [path for path in self.live_paths(delta) if layout.day_of(path) in gone]
            if paths:
                self.commit(delta, [], paths, data_change=True)

    def collapse(self, day: date) -> int:
        """Rewrite one day as a single file of the rows that count; gives how many superseded rows went."""
        name = day.isoformat()
        with self.writing() as delta:
            paths = [path for path in self.live_paths(delta) if layout.day_of(path) == name]
            rows = pa.concat_tables([layout.read_file(path) for path in paths])
            kept = _newest(rows)
            written = layout.write_file(self.path, name, kept, self.now_ms(), time_column="started")
            reached("journeys.collapsed")
            self.commit(delta, [written.action(data_change=False)], paths, data_change=False)
        return int(rows.num_rows - kept.num_rows)


def journeys_path(settings: Settings) -> Path:
    """Folder of the table of journeys."""
    return settings.data_dir / f"journeys-{LAYOUT}"


def retired_row(journey_id: str, started: datetime, merged_into: str) -> dict[str, Any]:
    """The row that ends an id on the day of ``started`` (naive UTC)."""
    return {
        "journey_id": journey_id,
        "started": started,
        "retired": True,
        "merged_into": merged_into,
        "dt": started.date().isoformat(),
    }


def journey_of(row: dict[str, Any]) -> Journey:
    """The journey of a row with ``JOURNEY_COLUMNS``."""
    course = orjson.loads(row["course"])
    return Journey(
        journey_id=row["journey_id"],
        correlation_ids=tuple(row["correlation_ids"] or ()),
        interaction_ids=tuple(row["interaction_ids"] or ()),
        report_ids=tuple(row["report_ids"] or ()),
        started=row["started"].replace(tzinfo=UTC),
        ended=row["ended"].replace(tzinfo=UTC),
        direction=Direction(row["direction"]),
        caller=_party(row, "caller"),
        called=_party(row, "called"),
        entry=row["entry"] or "",
        location=row["location"] or "",
        site_uuid=row["site_uuid"] or "",
        org_uuid=row["org_uuid"] or "",
        stages=tuple(_stage(stage) for stage in course["stages"]),
        rings=tuple(_ring(ring) for ring in course["rings"]),
        gaps=tuple(_gap(gap) for gap in course["gaps"]),
        t_aa=row["t_aa"],
        t_queues=tuple(course["t_queues"]),
        t_agent=row["t_agent"],
        ring_seconds=row["ring_seconds"],
        talk_seconds=row["talk_seconds"],
        hold_seconds=row["hold_seconds"],
        final=_party(row, "final"),
        result=Result(row["result"]),
        overflowed=row["overflowed"],
        released_by=ReleasedBy(row["released_by"]),
        cost=row["cost"],
    )


def _row(journey: Journey) -> dict[str, Any]:
    parties = {"caller": journey.caller, "called": journey.called, "final": journey.final}
    people: list[Party | Stage | Ring] = [*parties.values(), *journey.stages, *journey.rings]
    course = {"stages": journey.stages, "rings": journey.rings, "gaps": journey.gaps, "t_queues": journey.t_queues}
    started = journey.started.replace(tzinfo=None)
    return {
        "journey_id": journey.journey_id,
        "started": started,
        "ended": journey.ended.replace(tzinfo=None),
        "direction": journey.direction.value,
        **{f"{name}_{part}": getattr(party, part) or None for name, party in parties.items() for part in _PARTS},
        "entry": journey.entry or None,
        "location": journey.location or None,
        "site_uuid": journey.site_uuid or None,
        "org_uuid": journey.org_uuid or None,
        "route": route_text(journey),
        "t_aa": journey.t_aa,
        "t_queue_1": journey.t_queues[0] if journey.t_queues else None,
        "t_queue": round(sum(journey.t_queues), 3) if journey.t_queues else None,
        "t_agent": journey.t_agent,
        "ring_seconds": journey.ring_seconds,
        "talk_seconds": journey.talk_seconds,
        "hold_seconds": journey.hold_seconds,
        "result": journey.result.value,
        "overflowed": journey.overflowed,
        "released_by": journey.released_by.value,
        "cost": journey.cost,
        "legs": len(journey.report_ids),
        "correlation_ids": journey.correlation_ids,
        "interaction_ids": journey.interaction_ids,
        "report_ids": journey.report_ids,
        "queues": list(dict.fromkeys(journey.queues)),
        "agents": list(dict.fromkeys(journey.agents)),
        "numbers": list(dict.fromkeys(person.number for person in people if person.number)),
        "queue_stays": [stay._asdict() for stay in queue_stays(journey)],
        "agent_stays": [stay._asdict() for stay in agent_stays(journey)],
        "missed_rings": [ring._asdict() for ring in missed_rings(journey)],
        "callbacks": sum(stage.kind is Kind.CALLBACK for stage in journey.stages),
        "flow": flow(journey),
        "course": orjson.dumps(course, default=_fields).decode(),
        "retired": False,
        "dt": started.date().isoformat(),
    }


def _fields(value: Stage | Ring | Gap) -> dict[str, Any]:
    return value._asdict()


def _table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    found = list(rows)
    columns = [pa.array([row.get(field.name) for row in found], field.type) for field in JOURNEY_SCHEMA]
    return pa.Table.from_arrays(columns, schema=JOURNEY_SCHEMA)


def _by_day(rows: pa.Table) -> list[tuple[str, pa.Table]]:
    ordered = rows.take(pc.sort_indices(rows, sort_keys=_SORT))
    days = sorted(pc.unique(ordered["dt"]).to_pylist())
    return [(day, ordered.filter(pc.equal(ordered["dt"], day))) for day in days]


def _newest(rows: pa.Table) -> pa.Table:
    """The row of each id with the highest revision, retired ones included: links to old ids stay good."""
    order = [("journey_id", "ascending"), ("revision", "descending")]
    ordered = rows.take(pc.sort_indices(rows, sort_keys=order))
    ids = ordered["journey_id"].combine_chunks()
    if len(ids) > 1:
        first = pa.concat_arrays([pa.array([True]), pc.not_equal(ids[1:], ids[:-1])])
        ordered = ordered.filter(first)
    return ordered.take(pc.sort_indices(ordered, sort_keys=_SORT))


def _party(row: dict[str, Any], name: str) -> Party:
    return Party(row[f"{name}_name"] or "", row[f"{name}_number"] or "", row[f"{name}_uuid"] or "")


def _stage(told: dict[str, Any]) -> Stage:
    times = {name: datetime.fromisoformat(told[name]) for name in ("entered", "left")}
    return Stage(**{**told, **times, "kind": Kind(told["kind"]), "reason": Reason(told["reason"])})


def _ring(told: dict[str, Any]) -> Ring:
    return Ring(**{**told, "at": datetime.fromisoformat(told["at"]), "reason": Reason(told["reason"])})


def _gap(told: dict[str, Any]) -> Gap:
    return Gap(**{**told, "at": datetime.fromisoformat(told["at"]), "kind": GapKind(told["kind"])})
