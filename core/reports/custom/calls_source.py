"""Call records as a source of custom reports: the SQL of DuckDB, put together from names of our own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from core.calls.conversations import CONVERSATION, TALK_SECONDS
from core.calls.engine import Legs, reading
from core.calls.filters import CallFilter
from core.calls.paging import files_by_day
from core.reports.custom.source import Asked, Field, Measure, Source
from core.reports.scene import Scene
from core.reports.spelling import sentences

_LOCAL = "timezone(?, timezone('UTC', start_time))"
_TIME_SQL = {
    "hour": "date_trunc('hour', start_time)",
    "day": f"CAST({_LOCAL} AS DATE)",
    "week": f"CAST(date_trunc('week', {_LOCAL}) AS DATE)",
    "month": f"CAST(date_trunc('month', {_LOCAL}) AS DATE)",
    "weekday": f"isodow({_LOCAL}) - 1",
    "hour_of_day": f"hour({_LOCAL})",
}
_CALL = "coalesce(correlation_id, report_id)"

FIELDS = {
    one.name: one
    for one in (
        Field("start_time", "start_time", "instant", groups=False),
        Field("answer_time", "answer_time", "instant", groups=False),
        Field("release_time", "release_time", "instant", groups=False),
        Field("duration", "duration", "seconds", groups=False),
        Field("ring_duration", "ring_duration", "seconds", groups=False),
        Field("site", "location"),
        Field("user", '"user"'),
        Field("user_number", "user_number"),
        Field("user_type", "user_type"),
        Field("department", "department_id"),
        Field("direction", "direction", words="calls_filters.directions"),
        Field("call_type", "call_type", words="calls_filters.call_types"),
        Field("outcome", "outcome", words="calls_filters.outcomes"),
        Field("outcome_reason", "call_outcome_reason"),
        Field("international", "international", "flag"),
        Field("off_net", "off_net", "flag"),
        Field("country", "far_country", words="countries"),
        Field("far_number", "far_number"),
        Field("calling_number", "calling_number"),
        Field("called_number", "called_number"),
        Field("inbound_trunk", "inbound_trunk"),
        Field("outbound_trunk", "outbound_trunk"),
        Field("client_type", "client_type"),
        Field("redirect_reason", "redirect_reason"),
        Field("correlation_id", "correlation_id", groups=False),
        Field("report_id", "report_id", groups=False),
    )
}
MEASURES = {
    one.name: one
    for one in (
        Measure("legs", "count(*)"),
        Measure("calls", f"count(DISTINCT {_CALL})"),
        Measure("conversations", f"count(*) FILTER ({CONVERSATION})"),
        Measure("international_legs", "count(*) FILTER (international)"),
        Measure("talk_minutes", f"coalesce(sum({TALK_SECONDS}) FILTER ({CONVERSATION}), 0) / 60.0", "number"),
        Measure("average_talk", f"avg({TALK_SECONDS}) FILTER ({CONVERSATION})", "seconds"),
        Measure("longest", "max(duration)", "seconds"),
        Measure("average_ring", "avg(ring_duration)", "seconds"),
        Measure("users", "count(DISTINCT user_uuid)"),
        Measure("numbers", "count(DISTINCT far_number)"),
    )
}


def _filter(scene: Scene, asked: Asked) -> CallFilter:
    found = CallFilter.from_query(asked.filters)
    return replace(found, last="", since=scene.period.since, until=scene.period.until)


def _check(filters: Mapping[str, tuple[str, ...]]) -> None:
    CallFilter.from_query(filters)


def _sentence(scene: Scene, asked: Asked) -> str:
    return sentences(clause for _, clause in _filter(scene, asked).clauses(scene.language))


def _listed(scene: Scene, asked: Asked) -> Iterator[Sequence[Any]]:
    """Newest first, a UTC day at a time in memory."""
    legs = scene.calls.legs(_filter(scene, asked))
    shown = ", ".join(f'{FIELDS[name].sql} AS "{name}"' for name in asked.fields)
    sql = f"SELECT {shown} FROM legs ORDER BY legs.start_time DESC, legs.report_id DESC LIMIT ?"
    missing = asked.limit
    for files in files_by_day(legs.files).values():
        with reading(scene.seconds_limit) as reader:
            rows = reader.rows(sql, replace(legs, files=files), [missing])
        yield from (tuple(map(_plain, row)) for row in rows)
        missing -= len(rows)
        if missing <= 0:
            return


def _grouped(scene: Scene, asked: Asked) -> list[Sequence[Any]]:
    zones: list[str] = []
    shown = []
    for name in asked.group:
        sql = _TIME_SQL.get(name) or FIELDS[name].sql
        zones += [scene.period.zone] * sql.count("?")
        shown.append(f'{sql} AS "group_{name}"')
    shown += [f'{MEASURES[name].sql} AS "measure_{name}"' for name in asked.measures]
    order = _order(asked)
    sql = f"SELECT {', '.join(shown)} FROM legs {'GROUP BY ALL' if asked.group else ''} ORDER BY {order} LIMIT ?"
    legs: Legs = scene.calls.legs(_filter(scene, asked))
    with reading(scene.seconds_limit) as reader:
        return [tuple(map(_plain, row)) for row in reader.rows(sql, legs, [*zones, asked.limit])]


def _order(asked: Asked) -> str:
    """By the column asked for, then by all groups so that equal rows always come alike."""
    name, turned = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    prefix = "measure" if name in asked.measures else "group"
    ascending = turned if name in asked.measures else not turned
    groups = [f'"group_{group}" NULLS LAST' for group in asked.group]
    return ", ".join([f'"{prefix}_{name}" {"ASC" if ascending else "DESC"} NULLS LAST', *groups])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    return value if value is None or isinstance(value, date | str | bool | int | float) else float(value)


CALLS = Source(
    name="calls",
    permission="calls.view",
    fields=FIELDS,
    measures=MEASURES,
    filters=("site", "direction", "country", "outcome", "type", "international", "off_net", "number", "user", "trunk"),
    usual_fields=("start_time", "direction", "user", "site", "far_number", "country", "outcome", "duration"),
    times=tuple(_TIME_SQL),
    listed=_listed,
    grouped=_grouped,
    sentence=_sentence,
    check=_check,
)
