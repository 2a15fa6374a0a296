"""The exported file: exactly the legs of the filter, harmless in a spreadsheet, never cut without saying so."""

import csv
import io
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.calls.export import ALL_COLUMNS, READABLE_COLUMNS, ROWS_A_SLICE, CallExport, title_of
from core.calls.fields import FIELDS, RECORD_SCHEMA
from core.calls.filters import CallFilter
from core.calls.formulas import harmless
from core.calls.query import CallQueries
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.errors import InvalidInputError
from tests.calls.legs_table import NOW, history, row, stored
from tests.calls.test_filters import filters

ROWS = history(count=250, seed=31, days=9)
ALL = CallFilter(last="all")
MAY_STAY = re.compile(r"[+-]?\d[\d .]*", re.ASCII)
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> CallTable:
    return stored(tmp_path_factory.mktemp("export"), ROWS)


def read_csv(export: CallExport) -> list[dict[str, str]]:
    content = b"".join(export.chunks())
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def as_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    text = str(value)
    return "'" + text if text.startswith(STARTS_A_FORMULA) and not MAY_STAY.fullmatch(text) else text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=filters)
def test_the_file_holds_what_the_grid_shows(table: CallTable, wanted: CallFilter) -> None:
    export = CallExport(table, wanted.resolved(NOW))
    shown = CallQueries(table, SteppedClock(NOW)).page(wanted, limit=1000, columns=READABLE_COLUMNS)
    expected = [{title_of(name): as_cell(value) for name, value in one.items()} for one in shown.rows]
    assert read_csv(export) == expected
    assert export.complete
    assert export.rows == export.estimate() == len(expected)


def test_every_field_can_be_had(table: CallTable) -> None:
    found = read_csv(CallExport(table, ALL, columns=ALL_COLUMNS))
    assert set(found[0]) >= {field.key for field in FIELDS} | {"Far country", "Outcome", "Raw"}
    by_id = {one["report_id"]: one for one in ROWS}
    for one in found:
        stored_row = by_id[one["Report ID"]]
        assert one == {title_of(name): as_cell(stored_row[name]) for name in ALL_COLUMNS}


def test_json_lines_carry_the_same(table: CallTable) -> None:
    export = CallExport(table, ALL, format="jsonl")
    found = [json.loads(line) for line in b"".join(export.chunks()).splitlines()]
    shown = CallQueries(table, SteppedClock(NOW)).page(ALL, limit=1000, columns=READABLE_COLUMNS)
    assert [one["Report ID"] for one in found] == [one["report_id"] for one in shown.rows]
    assert [one["Duration"] for one in found] == [one["duration"] for one in shown.rows]
    assert [one["International"] for one in found] == [one["international"] for one in shown.rows]
    assert export.complete


def test_the_viewers_time_stands_beside_utc(table: CallTable) -> None:
    for format_ in ("csv", "jsonl"):
        export = CallExport(table, CallFilter(last="7d").resolved(NOW), format=format_, zone="America/Bogota")
        content = b"".join(export.chunks())
        first = read_csv(export)[0] if format_ == "csv" else json.loads(content.splitlines()[0])
        utc = datetime.fromisoformat(first["Start time"])
        local = datetime.fromisoformat(first["Start time (America/Bogota)"])
        assert utc.replace(tzinfo=None) - local == timedelta(hours=5)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "x' || 1", "/etc/localtime", "\x00"])
def test_a_zone_that_is_none_is_refused(table: CallTable, zone: str) -> None:
    with pytest.raises(InvalidInputError):
        CallExport(table, ALL, zone=zone)


@pytest.mark.parametrize("columns", [(), ("nothing",), ('user" FROM x --',), ("dt",)])
def test_columns_that_are_none_are_refused(table: CallTable, columns: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError):
        CallExport(table, ALL, columns=columns)


HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "+",
    "-",
    "+57 300 x",
    "+1+1",
    "-1-1",
]
HARMLESS = [
    "+573165550188",
    "-5",
    "+57 316 555.01.88",
    "1=1",
    "Ana",
    "",
    "'=1",
    "ＡＢＣ",
    "a@b.co",
    "3.14",
    " =1",
    'a "quoted", name\nin lines',
    "ñandú; tab\tinside",
]


def test_cells_that_would_run_are_quoted_and_numbers_are_not(tmp_path: Path) -> None:
    rows = [row(number, NOW, user=text, far_number=text) for number, text in enumerate(HOSTILE + HARMLESS)]
    found = {one["Report ID"]: one for one in read_csv(CallExport(stored(tmp_path, rows), ALL))}
    for number, text in enumerate(HOSTILE + HARMLESS):
        expected = "'" + text if text in HOSTILE else text
        assert found[f"report-{number:05d}"]["User"] == expected
        assert found[f"report-{number:05d}"]["Far number"] == expected


cells = st.none() | st.text(max_size=6) | st.text("=+-@\t\r\n＝ 0123456789.aé", max_size=8)


@given(values=st.lists(cells, max_size=30), skip=st.integers(0, 5))
def test_every_cell_is_harmless_or_a_number(values: list[str | None], skip: int) -> None:
    column = pa.array(values, pa.string()).slice(skip)
    for before, after in zip(column.to_pylist(), harmless(column).to_pylist(), strict=True):
        if before is None:
            assert after is None
            continue
        runs = before.startswith(STARTS_A_FORMULA) and not MAY_STAY.fullmatch(before)
        assert after == ("'" + before if runs else before)


def _busy_day(count: int) -> pa.Table:
    """Legs of one UTC day, one a millisecond or two, many at once."""
    first = row(0, datetime(2026, 11, 20, tzinfo=UTC), user="Ana")
    columns = {
        name: pa.repeat(pa.scalar(value, RECORD_SCHEMA.field(name).type), count) for name, value in first.items()
    }
    begun = [first["start_time"] + timedelta(milliseconds=(number // 3) * 2000) for number in range(count)]
    ids = pa.array([f"leg-{number:06d}" for number in range(count)])
    return pa.table(
        {**columns, "report_id": ids, "start_time": pa.array(begun, pa.timestamp("us"))}, schema=RECORD_SCHEMA
    )


def test_a_day_too_large_for_one_slice_comes_whole_and_in_order(tmp_path: Path) -> None:
    count = ROWS_A_SLICE * 2 + 1234
    table = stored(tmp_path, [row(900_000, NOW - timedelta(days=3)), row(900_001, NOW - timedelta(days=9))])
    table.append(_busy_day(count))
    export = CallExport(table, ALL, columns=("start_time", "report_id"))
    found = [(one["Start time"], one["Report ID"]) for one in read_csv(export)]
    assert len(found) == count + 2 == export.rows
    assert found == sorted(found, reverse=True)
    assert len({report_id for _, report_id in found}) == count + 2


def test_an_export_of_nothing_has_its_header_and_is_complete(tmp_path: Path) -> None:
    for format_, expected in (("csv", b'\xef\xbb\xbf"User"\n'), ("jsonl", b"")):
        export = CallExport(stored(tmp_path, []), ALL, format=format_, columns=("user",))  # type: ignore[arg-type]
        assert b"".join(export.chunks()) == expected
        assert (export.complete, export.rows, export.estimate()) == (True, 0, 0)


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_an_export_that_fails_on_the_way_says_so_in_the_file(tmp_path: Path, format_: Any) -> None:
    table = stored(tmp_path, [])
    table.append(_busy_day(ROWS_A_SLICE * 2))
    table.append(pa.Table.from_pylist([row(1, NOW - timedelta(days=30))], schema=RECORD_SCHEMA))
    export = CallExport(table, ALL, format=format_, columns=("report_id",), language="es")
    pieces: list[bytes] = []
    chunks = export.chunks()
    pieces.append(next(chunks))
    shutil.rmtree(table.path / "dt=2026-10-21")
    with pytest.raises(Exception, match="2026-10-21"):
        pieces.extend(chunks)
    last = b"".join(pieces).decode("utf-8-sig").splitlines()[-1]
    assert "INCOMPLETO" in last
    assert str(export.rows) in last
    assert not export.complete


def test_an_export_shows_the_table_as_it_was_when_it_began(tmp_path: Path) -> None:
    table = stored(tmp_path, ROWS[:40])
    export = CallExport(table, ALL)
    table.append(pa.Table.from_pylist([row(7000, NOW)], schema=RECORD_SCHEMA))
    assert len(read_csv(export)) == 40


def test_a_reader_who_leaves_leaves_an_incomplete_export(table: CallTable) -> None:
    export = CallExport(table, ALL)
    chunks = export.chunks()
    next(chunks)
    chunks.close()
    assert not export.complete
