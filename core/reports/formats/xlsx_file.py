"""A report as a workbook: a sheet of figures and one for each table, written row by row.

Cells are typed, dates by the clock of the report (a workbook knows no time zones, so the first sheet names it), and
texts stay texts: nothing from outside becomes a formula or a link. Each table's header stays in sight.
"""

from datetime import date, datetime, timedelta
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from core.language import translate
from core.reports.document import Column, Document, Kind, Table

MOST_ROWS = 1_048_000
"""A sheet has 1,048,576 rows (Excel specifications and limits); what is beyond is told in a last line."""
LONGEST_CELL = 32_767
_LONGEST_SHEET_NAME = 31
_NO_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_WIDTHS: dict[Kind, int] = {"text": 24, "instant": 19, "day": 12, "money": 14}
_NARROW, _WIDE = 11, 60
_FORMS: dict[Kind, str] = {
    "count": "#,##0",
    "number": "#,##0.0",
    "money": "#,##0.00",
    "share": "0.0%",
    "seconds": "[h]:mm:ss",
    "instant": "yyyy-mm-dd hh:mm:ss",
    "day": "yyyy-mm-dd",
    "text": "@",
    "flag": "General",
}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def write(document: Document, file: BinaryIO, table: Table | None) -> None:
    """Write the whole report, or only ``table`` of it beside the figures."""
    with xlsxwriter.Workbook(file, dict(_OPTIONS)) as book:
        book.set_properties({"title": document.title, "comments": document.sentence[:250], "company": "Tollwatch"})
        sheets = _Sheets(book, document)
        sheets.figures()
        for one in [table] if table else document.tables:
            sheets.table(one)


class _Sheets:
    """The sheets of one workbook, which share formats and may not share names."""

    def __init__(self, book: xlsxwriter.Workbook, document: Document) -> None:
        self._book = book
        self._document = document
        self._clock = document.period.clock
        self._forms = {kind: book.add_format({"num_format": form}) for kind, form in _FORMS.items()}
        self._bold = book.add_format({"bold": True})
        self._title = book.add_format({"bold": True, "font_size": 15})
        self._header = book.add_format(
            {"bold": True, "bg_color": "#ECECEC", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._names: set[str] = set()

    def figures(self) -> None:
        """What the report is about, and its figures beside those of the period before."""
        document = self._document
        sheet = self._sheet(translate("reports.figures_sheet", document.language))
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 2, 18)
        sheet.write_string(0, 0, document.title, self._title)
        sheet.write_string(1, 0, _fitting(document.sentence))
        made = translate("reports.made_at", document.language, at=self._local(document.made_at), zone=str(self._clock))
        sheet.write_string(2, 0, made)
        for position, key in enumerate(("figure", "value", "before")):
            sheet.write_string(4, position, translate(f"reports.columns.{key}", document.language), self._header)
        for row, figure in enumerate(document.figures, start=5):
            sheet.write_string(row, 0, figure.title, self._bold)
            self._write(sheet, (row, 1), figure.value, Column(figure.name, "", figure.kind))
            self._write(sheet, (row, 2), figure.before, Column(figure.name, "", figure.kind))
        _printed(sheet)

    def table(self, table: Table) -> None:
        """One table under its titles."""
        sheet = self._sheet(table.title)
        for position, column in enumerate(table.columns):
            width = max(_WIDTHS.get(column.kind, _NARROW), min(_WIDE, len(column.title) + 2))
            sheet.set_column(position, position, width)
            sheet.write_string(0, position, column.title, self._header)
        sheet.freeze_panes(1, 0)
        row = 0
        for row, cells in enumerate(table.rows(), start=1):
            if row > MOST_ROWS:
                sheet.write_string(row, 0, translate("reports.cut", self._document.language, n=MOST_ROWS))
                break
            for position, column in enumerate(table.columns):
                self._write(sheet, (row, position), cells[position], column)
        if table.columns:
            sheet.autofilter(0, 0, max(row, 1), len(table.columns) - 1)
        if table.note:
            sheet.write_string(row + 2, 0, _fitting(table.note))
        sheet.repeat_rows(0)
        _printed(sheet)

    def _sheet(self, title: str) -> Worksheet:
        wanted = title.translate(_NO_SHEET_NAME).strip()[:_LONGEST_SHEET_NAME] or "–"
        name, number = wanted, 1
        while name.casefold() in self._names:
            number += 1
            name = f"{wanted[: _LONGEST_SHEET_NAME - 4]} {number}"
        self._names.add(name.casefold())
        return self._book.add_worksheet(name)

    def _write(self, sheet: Worksheet, place: tuple[int, int], value: Any, column: Column) -> None:
        row, position = place
        form = self._forms[column.kind]
        if value is None or value == "":
            sheet.write_blank(row, position, None, form)
        elif column.words is not None:
            sheet.write_string(row, position, _fitting(column.words(value)))
        elif column.kind == "instant":
            sheet.write_datetime(row, position, self._local(value), form)
        elif column.kind == "day" and isinstance(value, date):
            sheet.write_datetime(row, position, value, form)
        elif column.kind == "flag":
            sheet.write_boolean(row, position, bool(value), form)
        elif column.kind == "seconds":
            sheet.write_number(row, position, value / timedelta(days=1).total_seconds(), form)
        elif isinstance(value, int | float):
            sheet.write_number(row, position, value, form)
        else:
            sheet.write_string(row, position, _fitting(str(value)))

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._clock).replace(tzinfo=None, microsecond=0)


def _printed(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")


def _fitting(text: str) -> str:
    return text[:LONGEST_CELL].encode("utf-8", "replace").decode()
