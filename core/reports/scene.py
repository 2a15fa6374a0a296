"""What a kind of report is handed: the stores, the period, the parameters, and a short way to titled parts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.calls.query import CallQueries
from core.language import Language, is_text, translate
from core.reports.document import Column, Figure, Form, Kind, Picture, Row, Series, Table, Tone
from core.reports.periods import Period
from core.services import Services


@dataclass(frozen=True)
class Scene:
    """Where a report is made. ``now`` is the aware instant of making, ``parameters`` are checked.

    Titles are texts of the language: of ``report_<kind>`` where it has the name, else of ``reports``.
    """

    services: Services
    kind: str
    period: Period
    parameters: Mapping[str, tuple[str, ...]]
    language: Language
    now: datetime
    seconds_limit: float

    @property
    def calls(self) -> CallQueries:
        """The questions to the table of calls, within the time limit of the making."""
        return CallQueries(self.services.calls, self.services.clock, self.seconds_limit)

    def given(self, name: str) -> tuple[str, ...]:
        """The values of a parameter; empty when it was not given."""
        return self.parameters.get(name, ())

    def text(self, key: str, **values: Any) -> str:
        """A text of this kind of report, or one that reports share."""
        own = f"report_{self.kind}.{key}"
        return translate(own if is_text(own) else f"reports.{key}", self.language, **values)

    def named(self, area: str, value: object) -> str:
        """The text of a value below ``area``; a value without one stays as it is."""
        key = f"{area}.{value}"
        return translate(key, self.language) if is_text(key) else str(value)

    def column(self, name: str, kind: Kind = "text", words: Callable[[Any], str] | None = None) -> Column:
        """A column, its title from ``columns.<name>``."""
        return Column(name, self.text(f"columns.{name}"), kind, words)

    def figure(self, name: str, value: Any, kind: Kind = "count", before: Any = None) -> Figure:
        """A figure, its title from ``figures.<name>``."""
        return Figure(name, self.text(f"figures.{name}"), value, kind, before)

    def picture(
        self,
        name: str,
        form: Form,
        labels: Iterable[datetime | str],
        series: Mapping[str, Sequence[float]],
        tones: Sequence[Tone] = (),
    ) -> Picture:
        """A picture of counts, its title from ``pictures.<name>``; ``series`` are titles with their values."""
        made = tuple(Series(title, tuple(values)) for title, values in series.items())
        return Picture(name, self.text(f"pictures.{name}"), form, tuple(labels), made, tones=tuple(tones))

    def table(
        self, name: str, columns: Sequence[Column], rows: Sequence[Row] | Callable[[], Iterable[Row]], note: str = ""
    ) -> Table:
        """A table, its title from ``tables.<name>``; rows at hand, or a function that reads them anew each time."""
        if callable(rows):
            return Table(name, self.text(f"tables.{name}"), tuple(columns), rows, note)
        kept = list(rows)
        return Table(name, self.text(f"tables.{name}"), tuple(columns), lambda: kept, note)
