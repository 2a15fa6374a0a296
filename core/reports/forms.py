"""The forms a report takes as a file: what each is called, and what writes it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO
from unicodedata import normalize

from core.errors import InvalidInputError, NotFoundError
from core.language import is_text, translate
from core.reports.document import Document, Table
from core.reports.formats import csv_file, html_file, json_file, parquet_file, xlsx_file


@dataclass(frozen=True)
class Format:
    """One form. ``one_table`` forms hold a single table of the report, others the whole of it."""

    name: str
    media_type: str
    write: Callable[[Document, BinaryIO, Table | None], None]
    one_table: bool = False

    @property
    def extension(self) -> str:
        """How the file's name ends, without the dot."""
        return self.name


FORMATS: dict[str, Format] = {
    known.name: known
    for known in (
        Format("html", "text/html; charset=utf-8", html_file.write),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_file.write),
        Format("csv", "text/csv; charset=utf-8", csv_file.write, one_table=True),
        Format("json", "application/json", json_file.write),
        Format("parquet", "application/vnd.apache.parquet", parquet_file.write, one_table=True),
    )
}
"""In the order people are offered them."""

USUAL = ("html", "xlsx")
"""What is made unless somebody chooses: one to read, one to calculate with."""


_LONGEST_TABLE = 60


def format_of(name: str) -> Format:
    """One form. Raises ``InvalidInputError``."""
    found = FORMATS.get(name)
    if found is None:
        raise InvalidInputError(field="format", problem=name[:40])
    return found


def table_of(document: Document, name: str = "") -> Table | None:
    """The table of a name, by default the last, which is the fullest; ``None`` in a report without any.

    Raises ``NotFoundError``.
    """
    if not name:
        return document.tables[-1] if document.tables else None
    found = next((table for table in document.tables if table.name == name), None)
    if found is None:
        raise NotFoundError(what=f"table {name[:40]}")
    return found


def write(document: Document, format: str, file: BinaryIO, table: str = "") -> None:
    """Write a report, or for forms of one table that table of it, reading rows one by one.

    Raises ``InvalidInputError`` and ``NotFoundError``.
    """
    known = format_of(format)
    known.write(document, file, table_of(document, table) if known.one_table or table else None)


def file_name(document: Document, format: str, table: str = "") -> str:
    """What the file is called, in the report's language: the report, the table of it, its days; ASCII only."""
    clock = document.period.clock
    begin, end = (at.astimezone(clock).strftime("%Y%m%d") for at in (document.period.since, document.period.until))
    shown = table_of(document, table) if table else None
    key = f"reports.file_names.{document.kind}"
    kind = translate(key, document.language) if is_text(key) else document.kind
    named = (kind, _plain(shown.title) if shown else "")
    return "-".join(part for part in (*named, begin, end) if part) + f".{format_of(format).extension}"


def _plain(title: str) -> str:
    """A title in signs that every disk and mail program takes."""
    letters = normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", letters))[:_LONGEST_TABLE]
