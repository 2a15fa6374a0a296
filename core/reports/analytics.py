"""Whole datasets for analysis elsewhere: every column of a source over a period, under its stable names."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.calls.engine import Legs, reading
from core.calls.rollup import HOURLY_SCHEMA, HourlyCalls, hourly_path
from core.errors import InvalidInputError
from core.reports.custom.source import MOST_LISTED, Asked
from core.reports.custom.sources import SOURCES
from core.reports.document import Column, Document, Kind, Table
from core.reports.periods import Period
from core.reports.scene import Scene
from core.services import Services

HOURLY = "calls_hourly"
DATASETS: dict[str, str] = {HOURLY: "calls.view", **{name: one.permission for name, one in SOURCES.items()}}
"""Each dataset and the permission to read it; the hourly one holds sums of call records, the others rows."""

_SECONDS_LIMIT = 60.0
_HOURLY_KINDS: dict[str, Kind] = {"timestamp[us]": "instant", "string": "text", "bool": "flag", "int64": "count"}


def dataset(services: Services, name: str, period: Period, *, at: datetime, limit: int = MOST_LISTED) -> Document:
    """A dataset over a period, newest rows first, at most ``limit``; nothing is read before its rows are asked for.

    Raises ``InvalidInputError`` for an unknown one.
    """
    if name not in DATASETS:
        raise InvalidInputError(field="dataset", problem=name[:40])
    table = _hourly(services, period, limit) if name == HOURLY else _rows(services, name, period, at, limit)
    return Document(
        kind=f"analytics-{name.replace('_', '-')}",
        title=name,
        sentence="",
        period=period,
        language="en",
        made_at=at,
        figures=(),
        pictures=(),
        tables=(table,),
    )


def _rows(services: Services, name: str, period: Period, at: datetime, limit: int) -> Table:
    source = SOURCES[name]
    scene = Scene(services, "custom", period, {}, "en", at, _SECONDS_LIMIT)
    asked = Asked(fields=tuple(source.fields), limit=limit)
    columns = tuple(Column(field.name, field.name, field.kind) for field in source.fields.values())
    return Table(name, name, columns, lambda: source.listed(scene, asked))


def _hourly(services: Services, period: Period, limit: int) -> Table:
    names = [field.name for field in HOURLY_SCHEMA if field.name != "dt"]
    columns = tuple(Column(name, name, _HOURLY_KINDS[str(HOURLY_SCHEMA.field(name).type)]) for name in names)
    return Table(HOURLY, HOURLY, columns, lambda: _hourly_rows(services, period, names, limit))


def _hourly_rows(services: Services, period: Period, names: Sequence[str], limit: int) -> Iterator[tuple[Any, ...]]:
    """A file of a day at a time in memory."""
    hourly = HourlyCalls(hourly_path(services.settings), services.clock)
    bounds = [at.astimezone(UTC).replace(tzinfo=None) for at in (period.since, period.until)]
    files = hourly.files(bounds[0].date(), bounds[1].date())
    whole = Legs(files, "hour >= ? AND hour < ?", bounds, HOURLY_SCHEMA)
    sql = f"SELECT {', '.join(names)} FROM legs ORDER BY ALL LIMIT ?"
    for path in sorted(files, reverse=True):
        with reading(_SECONDS_LIMIT) as reader:
            rows = reader.rows(sql, replace(whole, files=[path]), [limit])
        for hour, *rest in rows:
            yield (hour.replace(tzinfo=UTC), *rest)
        limit -= len(rows)
        if limit <= 0:
            return
