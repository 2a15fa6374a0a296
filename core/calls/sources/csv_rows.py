"""Control Hub's "Calling Detailed Call History" and its like: by header name, never by position."""

import csv
from collections.abc import Iterator
from typing import Any

from core.calls.fields import FIELD_BY_KEY, normalised_key
from core.calls.normalise import LONGEST_CELL, Rejected
from core.calls.sources.batch import Batch, Position, batched, shown
from core.calls.sources.lines import numbered_lines
from core.calls.sources.opening import Source

FEWEST_KNOWN_COLUMNS = 5
_DELIMITERS = (",", ";", "\t", "|")
_NEEDED = "start time"
_MOST_COLUMNS = 1000


def csv_batches(source: Source, position: Position) -> Iterator[Batch]:
    """The rows of a CSV as records keyed by its header."""
    yield from batched(_records(source), position)


class _Lines:
    """Lines for ``csv.reader`` that remember where they are."""

    def __init__(self, source: Source) -> None:
        self._lines = numbered_lines(source)
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        return line


def _records(source: Source) -> Iterator[dict[str, Any] | Rejected]:
    csv.field_size_limit(2 * LONGEST_CELL)
    lines = _Lines(source)
    header_line = next(lines)
    delimiter = _told_delimiter(header_line)
    if delimiter is None:
        delimiter = _delimiter(header_line)
    else:
        header_line = next(lines, "")
    header = _header(source, header_line, delimiter)
    rows = csv.reader(lines, delimiter=delimiter)
    width = len(header)
    started = lines.number
    try:
        for row in rows:
            if len(row) == width:
                yield dict(zip(header, row, strict=True))
            elif row and any(cell.strip() for cell in row):
                told = f"line {lines.number}: {len(row)} of {width} cells"
                yield Rejected(shown(delimiter.join(row)), "row_of_wrong_length", told)
            started = lines.number
    except csv.Error as error:
        raise source.problem("open_quote", started + 1, reason=str(error)) from error


def _told_delimiter(line: str) -> str | None:
    """Excel's first line ``sep=;``."""
    text = line.strip().strip('"').lower()
    return text[4:5] or None if text.startswith("sep=") else None


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _header(source: Source, line: str, delimiter: str) -> tuple[str, ...]:
    try:
        header = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        raise source.problem("open_quote", 1, reason=str(error)) from error
    known = {normalised_key(name) for name in header} & FIELD_BY_KEY.keys()
    if len(known) < FEWEST_KNOWN_COLUMNS or len(header) > _MOST_COLUMNS:
        raise source.problem("no_header", known=len(known), columns=len(header))
    if _NEEDED not in known:
        raise source.problem("no_start_time")
    return tuple(_distinct(header))


def _distinct(header: list[str]) -> Iterator[str]:
    """Column names as written, a repeated or empty one made distinct so that none of its cells is lost."""
    seen: set[str] = set()
    for number, name in enumerate(header, 1):
        if name in seen or not name.strip():
            name = f"{name} (column {number})"
        seen.add(name)
        yield name
