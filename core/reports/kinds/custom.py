"""A report that somebody put together: fields listed, or measures by group, of one source."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from core.alerts import explain
from core.errors import InvalidInputError
from core.language.numbers import number
from core.reports.custom.source import (
    MOST_FIELDS,
    MOST_GROUPINGS,
    MOST_GROUPS,
    MOST_LISTED,
    MOST_MEASURES,
    TIMES,
    Asked,
    Source,
    known,
)
from core.reports.custom.sources import SOURCES, source_of
from core.reports.document import Column, Content, Figure, Picture, Table
from core.reports.moments import STEPS, beginning
from core.reports.registry import Parameter, Report, Values
from core.reports.scene import Scene

SERIES, RANKS = 6, 12
FILTERS = tuple(dict.fromkeys(name for one in SOURCES.values() for name in one.filters))


def asked_of(values: Values) -> tuple[Source, Asked]:
    """What parameters ask of which source. Raises ``InvalidInputError`` for what does not go together."""
    found = source_of((values.get("of") or ("calls",))[0])
    filters = {name: chosen for name, chosen in values.items() if name in FILTERS}
    known("filter", list(filters), found.filters, len(FILTERS))
    measures = known("measures", values.get("measures", ()), list(found.measures), MOST_MEASURES)
    group = known("group", values.get("group", ()), found.groupings(), MOST_GROUPINGS)
    fields = known("fields", values.get("fields", ()), list(found.fields), MOST_FIELDS)
    if group and not measures:
        measures = (next(iter(found.measures)),)
    if measures and fields:
        raise InvalidInputError(field="fields", problem="measures | fields")
    found.check(filters)
    asked = Asked(
        fields=fields or (() if measures else found.usual_fields),
        group=group,
        measures=measures,
        sort=_sort((values.get("sort") or ("",))[0], group, measures),
        limit=_limit((values.get("limit") or ("",))[0], MOST_GROUPS if measures else MOST_LISTED),
        filters=filters,
    )
    return found, asked


def _sort(given: str, group: Sequence[str], measures: Sequence[str]) -> str:
    """The order: times forward unless told otherwise, else the largest first. A listing is newest first."""
    if not measures:
        return ""
    name = given.removeprefix("-")
    if name and name not in (*group, *measures):
        raise InvalidInputError(field="sort", problem=given[:40])
    return given or (group[0] if group and group[0] in TIMES else measures[0])


def _limit(given: str, most: int) -> int:
    if not given:
        return most
    if not (given.isascii() and given.isdigit() and len(given) < 8 and 1 <= int(given) <= most):
        raise InvalidInputError(field="limit", problem=f"{given[:10]} (1–{most})")
    return int(given)


def _make(scene: Scene) -> Content:
    found, asked = asked_of(scene.parameters)
    sentence = " ".join(filter(None, (scene.text(f"sources.{found.name}") + ".", found.sentence(scene, asked))))
    if asked.is_listing:
        return Content(tables=(_listing(scene, found, asked),), sentence=sentence)
    rows = found.grouped(scene, asked)
    columns = tuple(_column(scene, found, name) for name in (*asked.group, *asked.measures))
    note = scene.text("notes.cut", n=number(asked.limit, 0, scene.language)) if len(rows) == asked.limit else ""
    table = scene.table("result", columns, rows, note)
    pictures = (_picture(scene, asked, table, rows),) if asked.group and rows else ()
    return Content(_totals(scene, found, asked), pictures, (table,), sentence)


def _listing(scene: Scene, found: Source, asked: Asked) -> Table:
    columns = tuple(_column(scene, found, name) for name in asked.fields)
    note = scene.text("notes.most", n=number(asked.limit, 0, scene.language))
    return scene.table("result", columns, lambda: found.listed(scene, asked), note)


def _column(scene: Scene, found: Source, name: str) -> Column:
    field = found.fields.get(name)
    words: Callable[[Any], str] | None = None
    if name == "weekday":
        words = lambda value: scene.text(f"weekdays.{value}")  # noqa: E731
    elif field is not None and field.names is not None:
        words = _called(scene, field.names)
    elif field is not None and field.words == "rules":
        words = lambda value: explain.rule_name(str(value), scene.language)  # noqa: E731
    elif field is not None and field.words:
        area = field.words
        words = lambda value: _named(scene, area, value)  # noqa: E731
    return scene.column(name, found.kind_of(name), words)


def _called(scene: Scene, names: Callable[[Session], Mapping[int, str]]) -> Callable[[Any], str]:
    """What numbers are called; nobody's number stays empty, and one that names nobody any more stays a number."""
    with scene.services.database.read() as session:
        known_names = names(session)
    return lambda value: "" if value is None else known_names.get(value) or str(value)


def _named(scene: Scene, area: str, value: Any) -> str:
    lowered = str(value) if area == "countries" else str(value).lower()
    told = scene.named(area, lowered)
    return str(value) if told == lowered else told


def _totals(scene: Scene, found: Source, asked: Asked) -> tuple[Figure, ...]:
    """Each measure over everything the filter leaves, beside the period before."""
    whole = replace(asked, group=(), sort=asked.measures[0], limit=1)
    now = found.grouped(scene, whole)
    then = found.grouped(replace(scene, period=scene.period.previous()), whole)
    return tuple(
        Figure(name, _column(scene, found, name).title, now[0][i], found.kind_of(name), then[0][i])
        for i, name in enumerate(asked.measures)
    )


def _picture(scene: Scene, asked: Asked, table: Table, rows: Sequence[Sequence[Any]]) -> Picture:
    """The first measure: over time, stacked by the second group, or ranked by the first group."""
    width = len(asked.group)
    first, measure = table.columns[0], table.columns[width]
    kind = measure.kind if measure.kind in ("count", "number", "money", "share", "seconds") else "count"
    if asked.group[0] not in TIMES:
        shown = rows[:RANKS]
        labels = [" · ".join(_said(row[i], table.columns[i]) for i in range(width)) for row in shown]
        made = scene.picture("ranks", "ranks", labels, {measure.title: [float(row[width] or 0) for row in shown]})
        return replace(made, title=measure.title, kind=kind)
    step = STEPS[asked.group[0]]
    begins = [beginning(part, step, scene.period.clock) for part in scene.period.parts(step)]
    at: dict[Any, int] = {value: index for index, value in enumerate(begins)}
    series: dict[str, list[float]] = {}
    for row in rows:
        name = _said(row[1], table.columns[1]) if width > 1 else measure.title
        values = series.setdefault(name, [0.0] * len(at))
        if row[0] in at:
            values[at[row[0]]] += float(row[width] or 0)
    most = dict(sorted(series.items(), key=lambda item: -sum(item[1]))[:SERIES])
    labels_of_time = [_label(value, scene) for value in at]
    made = scene.picture("over_time", "bars", labels_of_time, most)
    return replace(made, title=f"{measure.title} · {first.title}", kind=kind)


def _label(value: Any, scene: Scene) -> datetime | str:
    if isinstance(value, datetime):
        return value.astimezone(scene.period.clock).strftime("%d/%m %H:%M")
    return value.strftime("%d/%m") if isinstance(value, date) else str(value)


def _said(value: Any, column: Column) -> str:
    if value is None or value == "":
        return "–"
    return column.words(value) if column.words is not None else str(value)


def _check(values: Values) -> None:
    asked_of(values)


REPORT = Report(
    name="custom",
    order=90,
    icon=":material/tune:",
    parameters=(
        Parameter("of", lambda _services, _language: [], tuple(SOURCES), most=1),
        *(Parameter(name, lambda _services, _language: []) for name in ("fields", "group", "measures")),
        *(Parameter(name, lambda _services, _language: [], most=1) for name in ("sort", "limit")),
        *(Parameter(name, lambda _services, _language: []) for name in FILTERS),
    ),
    needs=lambda values: (asked_of(values)[0].permission,),
    make=_make,
    check=_check,
)
