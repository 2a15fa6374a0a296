"""What a custom report can be made of: a source, its fields and measures. What is not listed here is refused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.reports.document import Kind
from core.reports.scene import Scene

TIMES: dict[str, Kind] = {"hour": "instant", "day": "day", "week": "day", "month": "day"}
"""What every source can be grouped by in time, by the clock of the report: weeks and months by their first day."""

MOST_LISTED = 100_000
MOST_GROUPS = 10_000
MOST_FIELDS, MOST_GROUPINGS, MOST_MEASURES = 30, 3, 8


@dataclass(frozen=True)
class Field:
    """A column of a source. ``words`` names the area of texts of its values; ``groups`` whether one may group by it.

    ``names`` gives what the numbers in it are called: rows are told apart by number and read by name.
    """

    name: str
    sql: Any
    kind: Kind = "text"
    words: str = ""
    groups: bool = True
    names: Callable[[Session], Mapping[int, str]] | None = None


@dataclass(frozen=True)
class Measure:
    """A number over the rows of a group."""

    name: str
    sql: Any
    kind: Kind = "count"


@dataclass(frozen=True)
class Asked:
    """What is asked of a source, checked: ``fields`` are listed, or ``measures`` told by each of ``group``.

    ``sort`` names what comes first (largest, or newest, first; ``-`` before it turns that around), ``limit`` is the
    most rows, ``filters`` are parameters of the source's own filter.
    """

    fields: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    sort: str = ""
    limit: int = MOST_GROUPS
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_listing(self) -> bool:
        """Whether rows are listed one by one."""
        return not self.measures


@dataclass(frozen=True)
class Source:
    """One source: who may see it, what it offers, and the two questions it answers.

    ``filters`` are the keys of its filter that are offered. ``listed`` gives rows newest first, ``grouped`` rows of
    group values and measures in the order asked for; ``sentence`` says what the filters leave.
    """

    name: str
    permission: str
    fields: Mapping[str, Field]
    measures: Mapping[str, Measure]
    filters: tuple[str, ...]
    usual_fields: tuple[str, ...]
    times: tuple[str, ...]
    listed: Callable[[Scene, Asked], Iterator[Sequence[Any]]]
    grouped: Callable[[Scene, Asked], list[Sequence[Any]]]
    sentence: Callable[[Scene, Asked], str]
    check: Callable[[Mapping[str, tuple[str, ...]]], None]

    def groupings(self) -> tuple[str, ...]:
        """What one may group by, times first."""
        return (*self.times, *(name for name, one in self.fields.items() if one.groups))

    def kind_of(self, name: str) -> Kind:
        """What the values of a field, measure or time are."""
        if name in self.fields:
            return self.fields[name].kind
        return self.measures[name].kind if name in self.measures else TIMES.get(name, "count")


def known(field: str, names: Sequence[str], offered: Sequence[str], most: int) -> tuple[str, ...]:
    """Names that are offered, each once. Raises ``InvalidInputError``."""
    unknown = [name for name in names if name not in offered]
    if unknown or len(names) > most:
        raise InvalidInputError(field=field, problem=unknown[0][:40] if unknown else f"> {most}")
    return tuple(dict.fromkeys(names))
