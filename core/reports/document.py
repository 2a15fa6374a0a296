"""What a report is, before any format gives it its form: figures, pictures and tables in one language.

Values stay what they are (aware instants, numbers, shares from 0 to 1, seconds, US dollars); each format spells them.
``name`` is for programs and never changes with the language, ``title`` is for people.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from core.language import Language
from core.reports.periods import Period

Kind = Literal["text", "count", "number", "money", "share", "seconds", "instant", "day", "flag"]
"""What a value is: ``instant`` an aware datetime, ``day`` a date, ``share`` 0 to 1, ``money`` US dollars."""

Row = Sequence[Any]
Form = Literal["bars", "lines", "ranks"]
Tone = Literal["red", "ink", "teal", "amber", "violet", "blue", "grey", "green"]
"""Colours by name, in the order of the theme's; each form has its own shades of them."""
TONES: tuple[Tone, ...] = get_args(Tone)
_USUAL: tuple[Tone, ...] = ("ink", "teal", "amber", "violet", "blue", "green", "grey", "red")


@dataclass(frozen=True)
class Column:
    """One column of a table. ``words`` turns a value into what people read, where that differs from the value."""

    name: str
    title: str
    kind: Kind = "text"
    words: Callable[[Any], str] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Table:
    """Rows under columns. ``rows`` may be asked for more than once and is read one row at a time.

    ``note`` says what people must know of it, such as that it was cut off.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[Row]] = field(compare=False)
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure, and what it was in the period before where that is known."""

    name: str
    title: str
    value: float | int | None
    kind: Kind = "count"
    before: float | int | None = None


@dataclass(frozen=True)
class Series:
    """The values of one name, one for each label of the picture."""

    title: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Picture:
    """Series over labels: ``bars`` stacked over time, ``lines`` over time, ``ranks`` one bar for each label."""

    name: str
    title: str
    form: Form
    labels: tuple[datetime | str, ...]
    series: tuple[Series, ...]
    kind: Kind = "count"
    tones: tuple[Tone, ...] = ()

    def tone(self, position: int) -> int:
        """The place in ``TONES`` of the colour of a series."""
        tones = self.tones or _USUAL
        return TONES.index(tones[position % len(tones)])


@dataclass(frozen=True)
class Content:
    """What a kind of report makes of a scene."""

    figures: tuple[Figure, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    sentence: str = ""


@dataclass(frozen=True)
class Document:
    """A whole report: ``sentence`` says what it is about, ``made_at`` is when it was made."""

    kind: str
    title: str
    sentence: str
    period: Period
    language: Language
    made_at: datetime
    figures: tuple[Figure, ...]
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
