"""A report as one HTML file to read and to print: everything in it, nothing fetched, no script, all texts escaped."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from core.language import translate
from core.language.numbers import number
from core.reports.document import Column, Document, Figure, Table
from core.reports.formats.drawing import drawn
from core.reports.spelling import cell, span, spelt

MOST_ROWS = 2000
"""Rows of a table that are printed; a browser lays out some 40 pages of them, and the other forms hold the rest."""
_WHEN = ("instant", "day")
_LONG = ("title", "description", "summary")
"""Columns of sentences, which need room."""
_RIGHT = ("count", "number", "money", "share", "seconds")


@cache
def _template() -> Template:
    folder = Path(__file__).parent
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("report.html")


def write(document: Document, file: BinaryIO, table: Table | None) -> None:
    """Write the whole report, or only ``table`` of it below its figures."""
    language, clock = document.language, document.period.clock

    def t(key: str, **values: object) -> str:
        return translate(f"reports.{key}", language, **values)

    stream = _template().stream(
        document=document,
        tables=[table] if table else document.tables,
        t=t,
        told=span(document.period, language),
        made_at=document.made_at.astimezone(clock).strftime("%Y-%m-%d %H:%M"),
        figure=lambda one: _figure(one, document),
        change=lambda one: change(one, document),
        picture=lambda one: drawn(one, document.period, language),
        aligned=_aligned,
        body=lambda one: _body(one, document),
        most_rows=MOST_ROWS,
    )
    for piece in stream:
        file.write(piece.encode("utf-8", "replace"))


def _aligned(column: Column) -> str:
    """Numbers end below each other, sentences have room; a day is not broken where it has a hyphen."""
    if column.name in _LONG:
        return "long"
    if column.words is not None:
        return "left"
    return "right" if column.kind in _RIGHT else "when" if column.kind in _WHEN else "left"


def _figure(figure: Figure, document: Document) -> str:
    return spelt(figure.value, figure.kind, document.language, document.period.clock)


def change(figure: Figure, document: Document) -> str:
    """How a figure moved from the period before: in percent, of shares in points; empty where nothing compares."""
    if figure.value is None or figure.before is None:
        return ""
    if figure.kind == "share":
        difference = (figure.value - figure.before) * 100
        told = f"{'+' if difference >= 0 else '−'}{number(abs(difference), 1, document.language)}"
        return translate("reports.points", document.language, n=told)
    if not figure.before:
        return ""
    grown = (figure.value / figure.before - 1) * 100
    return f"{'+' if grown >= 0 else '−'}{number(abs(grown), 1, document.language)} %"


def _body(table: Table, document: Document) -> Iterator[Sequence[str]]:
    """The cells of the first rows; one row more than is printed tells that there are more."""
    language, clock = document.language, document.period.clock
    for row in islice(table.rows(), MOST_ROWS + 1):
        yield [cell(value, column, language, clock) for value, column in zip(row, table.columns, strict=True)]
