"""Each form holds what the report says, typed and inert, however hostile the names in it are."""

import csv
import io
import json
import re
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from core.errors import InvalidInputError, NotFoundError
from core.reports import forms
from core.reports.document import Column, Document, Figure, Picture, Row, Series, Table
from core.reports.formats.drawing import drawn
from core.reports.periods import resolved
from tests.conftest import NOON
from tests.reports.conftest import HOSTILE

AT = datetime(2026, 11, 20, 14, 30, 5, tzinfo=UTC)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
COLUMNS = (
    Column("who", "Who"),
    Column("at", "At", "instant"),
    Column("day", "Day", "day"),
    Column("calls", "Calls", "count"),
    Column("cost", "Cost", "money"),
    Column("share", "Share", "share"),
    Column("took", "Took", "seconds"),
    Column("open", "Open", "flag"),
    Column("outcome", "Outcome", words=lambda value: f"<b>{value}</b>"),
)
ROWS: tuple[Row, ...] = (
    (HOSTILE, AT, date(2026, 11, 20), 3, 1.5, 0.25, 90.0, True, "busy"),
    ("@SUM(A1)", None, None, None, None, None, None, None, None),
    ("+573001112233", AT, date(2026, 1, 1), 0, 0.0, 0.0, 0.0, False, ""),
    ("control \x01 and lone \ud800 surrogate", AT, date(2026, 1, 1), 10**12, -2.0, 1.0, 1e6, False, "x"),
)


def document(rows: Iterator[Row] | tuple[Row, ...] = ROWS, title: str = "Calls [of] all: */?") -> Document:
    kept = tuple(rows)
    return Document(
        kind="calls",
        title="Calls",
        sentence=f"About {HOSTILE}.",
        period=resolved("last_week", NOON, "America/Bogota"),
        language="es",
        made_at=NOON,
        figures=(Figure("calls", "Calls", 1234, "count", 1000), Figure("share", "Share", None, "share")),
        pictures=(
            Picture("time", HOSTILE, "bars", (AT, NOON), (Series(HOSTILE, (1.0, 2.0)), Series("b", (0.0, 0.0)))),
            Picture("lines", "Lines", "lines", (AT, NOON), (Series("a", (0.5, 0.1)),), "share"),
            Picture("ranks", "Ranks", "ranks", (HOSTILE,), (Series("n", (5.0,)),)),
            Picture("none", "None", "ranks", (), (Series("n", ()),)),
        ),
        tables=(
            Table("first", title, COLUMNS, lambda: kept),
            Table("second", title, COLUMNS[:1], lambda: (), note=HOSTILE),
        ),
    )


def written(format: str, table: str = "", of: Document | None = None) -> bytes:
    file = io.BytesIO()
    forms.write(of or document(), format, file, table)
    return file.getvalue()


def sheet(book: zipfile.ZipFile, number: int) -> list[list[tuple[str, str]]]:
    """Type and value of each cell of a sheet; inline and shared strings by their text."""
    shared: list[str] = []
    if "xl/sharedStrings.xml" in book.namelist():
        for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{SHEET}si"):  # noqa: S314
            shared.append("".join(part.text or "" for part in item.iter(f"{SHEET}t")))
    rows = []
    root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
    for row in root.iter(f"{SHEET}row"):
        cells = []
        for cell in row.iter(f"{SHEET}c"):
            kind, value = cell.get("t", "n"), cell.findtext(f"{SHEET}v") or ""
            if kind == "s":
                value = shared[int(value)]
            elif kind == "inlineStr":
                value = "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))
            cells.append((kind, value))
        rows.append(cells)
    return rows


def test_a_workbook_is_typed_frozen_and_runs_nothing() -> None:
    book = zipfile.ZipFile(io.BytesIO(written("xlsx")))
    names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert len(set(names)) == 3
    assert not any(sign in name for name in names for sign in "[]:*?/")
    for name in book.namelist():
        text = book.read(name).decode("utf-8", "replace")
        assert "<f>" not in text, f"a formula in {name}"
        assert "<hyperlink " not in text, f"a link in {name}"
    table = sheet(book, 2)
    assert [value for _, value in table[0]] == [column.title for column in COLUMNS]
    first = table[1]
    assert first[0][1] == HOSTILE
    assert first[0][0] in ("s", "inlineStr")
    local = (datetime(2026, 11, 20, 9, 30, 5) - datetime(1899, 12, 30)).total_seconds() / 86400  # noqa: DTZ001
    assert float(first[1][1]) == pytest.approx(local, abs=1e-6), "nine thirty in Bogotá"
    assert [float(cell[1]) for cell in first[2:7]] == [46346.0, 3.0, 1.5, 0.25, pytest.approx(90 / 86400)]
    assert first[7] == ("b", "1")
    assert table[3][0][1] == "+573001112233"
    assert 'state="frozen"' in book.read("xl/worksheets/sheet2.xml").decode()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [f"{name}={value}" for name, value in attrs if name in ("src", "href", "style", "onload")]


def test_the_printed_form_is_whole_in_itself_and_escapes_everything() -> None:
    text = written("html").decode()
    reader = _Reader()
    reader.feed(text)
    assert "script" not in reader.tags
    assert "b" in reader.tags, "figures are set in bold"
    assert reader.loads == []
    assert not re.search(r"url\(|@import|<link|<img|<iframe", text)
    assert reader.tags.count("svg") == 3
    assert "<b>busy</b>" not in text
    assert "&lt;b&gt;busy&lt;/b&gt;" in text
    assert "1.234" in text, "numbers as Spanish writes them"
    assert "+23,4 %" in text
    assert "2026-11-20 09:30:05" in text
    assert 'lang="es"' in text


@pytest.mark.parametrize(("most", "marks"), [(1, "0 1 2"), (3, "0 2 4"), (25, "0 15 30"), (1500, "0 1.000 2.000")])
def test_what_is_counted_is_counted_in_whole_steps(most: int, marks: str) -> None:
    picture = Picture("time", "Calls", "bars", (AT,), (Series("a", (float(most),)),), "count")
    svg = drawn(picture, resolved("last_week", NOON, "America/Bogota"), "es")
    assert " ".join(re.findall(r'text-anchor="end">([^<]+)<', svg)) == marks


def test_a_long_table_is_printed_in_part_and_says_so() -> None:
    many = document((f"n{n}", AT, None, n, None, None, None, None, None) for n in range(2500))
    text = written("html", "first", many).decode()
    assert text.count("<tr>") == 1 + 2000 + 1
    assert "n1999" in text
    assert "n2000" not in text
    assert len(sheet(zipfile.ZipFile(io.BytesIO(written("xlsx", "", many))), 2)) == 2501


def test_csv_is_for_spreadsheets_and_inert() -> None:
    text = written("csv", "first").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == [column.title for column in COLUMNS]
    assert rows[1][:5] == [f"'{HOSTILE}", "2026-11-20T09:30:05-05:00", "2026-11-20", "3", "1.5"]
    assert rows[1][-1] == "<b>busy</b>"
    assert rows[2] == ["'@SUM(A1)"] + [""] * 8
    assert rows[3][0] == "+573001112233", "a telephone number stays one"


def test_json_keeps_values_and_names() -> None:
    told = json.loads(written("json"))
    assert told["period"] == {
        "since": "2026-11-09T05:00:00Z", "until": "2026-11-16T05:00:00Z", "time_zone": "America/Bogota"
    }  # fmt: skip
    row = told["tables"][0]["rows"][0]
    assert row["who"] == HOSTILE
    assert (row["at"], row["day"], row["share"], row["outcome"]) == ("2026-11-20T14:30:05Z", "2026-11-20", 0.25, "busy")
    assert [table["name"] for table in told["tables"]] == ["first", "second"]
    assert [table["name"] for table in json.loads(written("json", "second"))["tables"]] == ["second"]


def test_parquet_has_types_and_stable_names() -> None:
    table = pq.read_table(io.BytesIO(written("parquet", "first")))
    assert table.column_names == [column.name for column in COLUMNS]
    assert [str(field.type) for field in table.schema] == [
        "string", "timestamp[us, tz=UTC]", "date32[day]", "int64", "double", "double", "double", "bool", "string",
    ]  # fmt: skip
    assert table.to_pylist()[0]["at"] == AT
    assert table.to_pylist()[0]["outcome"] == "busy"


def test_what_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        written("exe")
    with pytest.raises(NotFoundError):
        written("csv", "third")


@pytest.mark.parametrize("format", ["csv", "json", "xlsx", "parquet"])
def test_a_long_report_takes_the_memory_of_a_short_one(format: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    columns = (Column("text", "Text"), Column("number", "Number", "count"))

    def peak(count: int) -> int:
        table = Table("t", "T", columns, lambda: ((f"name {n}" * 20, n) for n in range(count)))
        long = Document("calls", "T", "", resolved("24h", NOON, "UTC"), "en", NOON, (), (), (table,))
        with (tmp_path_factory.mktemp("long") / "file").open("wb") as file:
            tracemalloc.start()
            forms.write(long, format, file)
            reached = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return reached

    peak(100)
    assert peak(24_000) < peak(12_000) * 1.3 + 500_000
