"""Tables of the operational database as sources of custom reports: fields and measures are expressions of ours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, TextClause, case, func, select, type_coerce

from core.calls.term_filter import TermFilter
from core.language import Language
from core.reports.custom.source import TIMES, Asked, Field, Measure, Source
from core.reports.moments import STEPS, beginning, part_table
from core.reports.periods import Part
from core.reports.scene import Scene
from core.reports.spelling import sentences

_ROWS_AT_ONCE = 1000

Conditions = Sequence[ColumnElement[bool] | TextClause]
F = TypeVar("F", bound=TermFilter)


@dataclass(frozen=True)
class RowTable:
    """A table: when a row of it began, its own order, and what its filter asks over a scene's period.

    ``clauses`` says in words what the filter asks beside the period.
    """

    at: Any
    key: Any
    conditions: Callable[[Scene, Mapping[str, tuple[str, ...]]], Conditions]
    clauses: Callable[[Mapping[str, tuple[str, ...]], Language], Sequence[str]]


def counted(condition: Any) -> Any:
    """How many rows meet a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def source(
    table: RowTable,
    name: str,
    permission: str,
    fields: Sequence[Field],
    measures: Sequence[Measure],
    filters: Sequence[str],
    usual_fields: Sequence[str],
) -> Source:
    """A source over a table, whose rows can be grouped by every step of time."""
    by_field, by_measure = {one.name: one for one in fields}, {one.name: one for one in measures}

    def listed(scene: Scene, asked: Asked) -> Iterator[Sequence[Any]]:
        shown = [by_field[each].sql for each in asked.fields]
        query = select(*shown).where(*table.conditions(scene, asked.filters))
        query = query.order_by(table.at.desc(), table.key.desc()).limit(asked.limit)
        with scene.services.database.read() as session:
            for row in session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
                yield tuple(row)

    def grouped(scene: Scene, asked: Asked) -> list[Sequence[Any]]:
        query, parts = _grouped(table, by_field, by_measure, scene, asked)
        with scene.services.database.read() as session:
            rows = session.execute(query).all()
        return [_told(row, asked, parts, scene) for row in rows]

    def sentence(scene: Scene, asked: Asked) -> str:
        return sentences(table.clauses(asked.filters, scene.language))

    def check(given: Mapping[str, tuple[str, ...]]) -> None:
        table.clauses(given, "en")

    return Source(
        name=name,
        permission=permission,
        fields=by_field,
        measures=by_measure,
        filters=tuple(filters),
        usual_fields=tuple(usual_fields),
        times=tuple(TIMES),
        listed=listed,
        grouped=grouped,
        sentence=sentence,
        check=check,
    )


def _grouped(
    table: RowTable, fields: Mapping[str, Field], measures: Mapping[str, Measure], scene: Scene, asked: Asked
) -> tuple[Select[Any], dict[str, list[Part]]]:
    """The question, and the parts of the period that its numbers of a time mean."""
    parts = {name: scene.period.parts(STEPS[name]) for name in asked.group if name in STEPS}
    columns: dict[str, Any] = {}
    query: Select[Any] = select()
    for name in asked.group:
        if name in parts:
            part = part_table(parts[name], f"part_{name}")
            at = type_coerce(table.at, part.c.begins.type)
            query = query.join_from(table.at.class_, part, (at >= part.c.begins) & (at < part.c.ends))
            columns[name] = part.c.number
        else:
            columns[name] = fields[name].sql
    keys = list(columns.values())
    columns |= {name: measures[name].sql for name in asked.measures}
    query = query.add_columns(*columns.values()).where(*table.conditions(scene, asked.filters)).group_by(*keys)
    name, turned = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    first = columns[name].desc() if (name in measures) is not turned else columns[name].asc()
    return query.order_by(first.nulls_last(), *keys).limit(asked.limit), parts


def _told(row: Sequence[Any], asked: Asked, parts: Mapping[str, list[Part]], scene: Scene) -> Sequence[Any]:
    cells = [_plain(value) for value in row]
    for position, name in enumerate(asked.group):
        if name in parts:
            cells[position] = beginning(parts[name][cells[position]], name, scene.period.clock)
    return cells


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def within(scene: Scene, found: F) -> F:
    """The same filter over the scene's period."""
    return replace(found, last="", since=scene.period.since, until=scene.period.until)
