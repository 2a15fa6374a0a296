import csv
import gzip
import io
import time
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.calls.errors import SourceFileError
from core.calls.fields import RECORD_SCHEMA
from core.calls.sources import read_batches
from tests.calls.records import leg
from tests.calls.rows import typed

LEGS = [leg(number, User=f'Peña, "Ana" {number}') for number in range(6000)]
IDS = [record["Report ID"] for record in LEGS]
OLD_COLUMNS = (
    "Start time",
    "Duration",
    "Answered",
    "Calling number",
    "Called number",
    "User",
    "Report ID",
    "Direction",
)


def as_csv(records: list[dict[str, Any]], columns: tuple[str, ...] = tuple(LEGS[0]), delimiter: str = ",") -> str:
    text = io.StringIO()
    text.write(delimiter.join(columns) + "\r\n")
    csv.writer(text, quoting=csv.QUOTE_ALL, delimiter=delimiter).writerows(
        [[record[column] or "NA" for column in columns] for record in records]
    )
    return text.getvalue()


def read(path: Path, content: bytes) -> tuple[list[Any], list[Any]]:
    path.write_bytes(content)
    batches = list(read_batches(path))
    assert all(len(batch.records) <= 5000 for batch in batches)
    assert batches[-1].done <= batches[-1].total == len(content)
    return [record for batch in batches for record in batch.records], [r for batch in batches for r in batch.rejected]


def zipped(content: bytes, *names: str, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        for name in names:
            archive.writestr(name, content)
    return packed.getvalue()


PAGES = [orjson.dumps({"items": LEGS[start : start + 500], "next": 'x"}],'}) for start in range(0, 6000, 500)]
PAGE = orjson.dumps({"items": LEGS})
CSV = as_csv(LEGS)
FORMS: dict[str, bytes] = {
    "control hub": CSV.encode("utf-8-sig"),
    "windows": CSV.encode("cp1252"),
    "excel unicode": CSV.encode("utf-16"),
    "wide without a mark": CSV.encode("utf-16-le"),
    "semicolons": as_csv(LEGS, delimiter=";").encode(),
    "excel's first line": b"sep=;\r\n" + as_csv(LEGS, delimiter=";").encode(),
    "older columns in another order": as_csv(LEGS, tuple(reversed(OLD_COLUMNS))).encode(),
    "control hub's zip": zipped(CSV.encode("utf-8-sig"), "cdr.csv", "__MACOSX/cdr.csv"),
    "feed page": PAGE,
    "feed page, indented": orjson.dumps({"items": LEGS}, option=orjson.OPT_INDENT_2),
    "items not first": orjson.dumps({"count": 6000, "items": LEGS}, option=orjson.OPT_INDENT_2),
    "pages one a line": b"\n".join(PAGES),
    "array": orjson.dumps(LEGS),
    "jsonl": b"\n".join(map(orjson.dumps, LEGS)),
    "jsonl with blank lines and a mark": b"\xef\xbb\xbf" + b"\r\n\r\n".join(map(orjson.dumps, LEGS)) + b"\n",
    "gzip": gzip.compress(PAGE),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_every_record(tmp_path: Path, form: str) -> None:
    records, rejected = read(tmp_path / "calls.dat", FORMS[form])
    assert [record["Report ID"] for record in records] == IDS
    assert rejected == []
    assert records[7]["User"] == 'Peña, "Ana" 7'


def test_a_line_is_kept_as_it_came_and_a_page_is_not(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(b' {"Report ID": "a", "Start time" : ""} \r\n\r\n{"Report ID":"b"}')
    (batch,) = read_batches(path)
    assert batch.texts == [b'{"Report ID": "a", "Start time" : ""}', b'{"Report ID":"b"}']
    path.write_bytes(b'{"count":1,"items":[{"Report ID":"a"}]}\n[{"Report ID":"b"}]')
    (batch,) = read_batches(path)
    assert [record["Report ID"] for record in batch.records] == ["a", "b"]
    assert batch.texts == [None, None]


def test_a_batch_of_long_records_is_closed_early(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes((b'{"a":"' + b"x" * 1_000_000 + b'"}\n') * 100)
    sizes = [sum(len(record["a"]) for record in batch.records) for batch in read_batches(path)]
    assert sum(sizes) == 100_000_000
    assert max(sizes) < 40_000_000


def test_pages_may_lie_far_apart(tmp_path: Path) -> None:
    pages = b'{"items":[{"a":1}]}' + b" " * 200_000 + b'{"items":[{"a":2}]}' + b"\n" * 5_000_000 + b'{"items":[]}'
    records, rejected = read(tmp_path / "calls.json", pages)
    assert (records, rejected) == ([{"a": 1}, {"a": 2}], [])


def test_our_own_parquet_gives_the_original_record_and_any_other_its_columns(tmp_path: Path) -> None:
    own, other = tmp_path / "own.parquet", tmp_path / "other.parquet"
    pq.write_table(typed(*LEGS[:20]), own)
    pq.write_table(pa.Table.from_pylist(LEGS[:20]), other)
    assert [record for batch in read_batches(own) for record in batch.records] == LEGS[:20]
    found = [record for batch in read_batches(other) for record in batch.records]
    assert typed(*found).drop(["raw"]).equals(typed(*LEGS[:20]).drop(["raw"]))
    columns = [name for name in RECORD_SCHEMA.names if name not in ("raw", "copy_rank")]
    pq.write_table(typed(*LEGS[:20]).select(columns), other)
    again = [record for batch in read_batches(other) for record in batch.records]
    assert typed(*again)["start_time"].equals(typed(*LEGS[:20])["start_time"])


def test_a_bad_line_costs_only_itself_and_says_where(tmp_path: Path) -> None:
    content = b"\n".join([orjson.dumps(LEGS[0]), b'{"Report ID": tru', orjson.dumps(LEGS[1])])
    records, (rejected,) = read(tmp_path / "calls.jsonl", content)
    assert records == LEGS[:2]
    assert (rejected.reason_code, rejected.detail[:7]) == ("line_unreadable", "line 2:")


def test_a_row_of_another_length_costs_only_itself_and_says_where(tmp_path: Path) -> None:
    lines = as_csv(LEGS[:3]).splitlines()
    lines[2] = lines[2].rsplit(",", 3)[0]
    records, (rejected,) = read(tmp_path / "calls.csv", "\n".join(lines).encode())
    assert [record["Report ID"] for record in records] == [IDS[0], IDS[2]]
    assert (rejected.reason_code, rejected.detail) == ("row_of_wrong_length", "line 3: 84 of 87 cells")


BAD: dict[str, tuple[bytes, str, int]] = {
    "empty": (b"", "empty", 0),
    "blank": (b" \r\n\t", "empty", 0),
    "html": (b"<!DOCTYPE html><html>", "web_page", 0),
    "pdf": (b"%PDF-1.7", "pdf", 0),
    "binary": (bytes(range(256)) * 8, "binary", 0),
    "encrypted": (b"Salted__" + bytes(range(1, 32)) * 8, "binary", 0),
    "other columns": (b"a,b,c\n1,2,3\n", "no_header", 0),
    "no start": (as_csv(LEGS[:1], OLD_COLUMNS[1:]).encode(), "no_start_time", 0),
    "endless line": (b"Start time," + b"x" * 9_000_000, "endless_line", 1),
    "endless cell": (as_csv(LEGS[:2]).encode() + b'"' + b"x" * 200_000, "open_quote", 4),
    "truncated page": (PAGE[:5000], "cut", 0),
    "truncated indented value": (FORMS["items not first"][:5000], "not_json", 0),
    "page then text": (PAGE + b"oops", "no_further_page", 0),
    "no json": (b"{oops\n" * 20, "not_json", 9),
    "truncated gzip": (gzip.compress(PAGE)[:2000], "archive_damaged", 0),
    "bomb": (gzip.compress((b'{"a":"' + b"x" * 7_000_000 + b'"}\n') * 20), "bomb", 0),
    "zip of two": (zipped(b"x", "a.csv", "b.csv"), "archive_of_many", 0),
    "office": (zipped(b"x", "[Content_Types].xml", "xl/workbook.xml"), "office_document", 0),
    "zip packed with bzip2": (zipped(PAGE, "a.json", packing=zipfile.ZIP_BZIP2), "archive_packing", 0),
    "zip packed with lzma": (zipped(PAGE, "a.json", packing=zipfile.ZIP_LZMA), "archive_packing", 0),
    "nests without end": (b'[{"a":' + b"[" * 5_000_000, "too_deep", 0),
    "damaged zip": (zipped(PAGE, "a.json")[:3000], "archive_damaged", 0),
    "damaged parquet": (b"PAR1" + b"\x01" * 100, "parquet_damaged", 0),
    "parquet in gzip": (gzip.compress(b"PAR1" + b"\x01" * 100), "parquet_in_archive", 0),
}


@pytest.mark.parametrize("form", BAD)
def test_what_is_no_call_file_is_named_with_its_remedy(tmp_path: Path, form: str) -> None:
    content, kind, line = BAD[form]
    path = tmp_path / "calls.dat"
    path.write_bytes(content)
    with pytest.raises(SourceFileError) as told:
        list(read_batches(path))
    assert told.value.facts["kind"] == kind
    assert not line or told.value.facts["line"] == line
    for language in ("en", "es"):
        assert "calls.dat" in told.value.message(language)
        assert told.value.remedy(language)


def test_what_came_before_a_cut_is_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    path.write_bytes(PAGE[: len(PAGE) // 2])
    records: list[Any] = []
    batches = read_batches(path)
    with pytest.raises(SourceFileError):
        records.extend(record for batch in batches for record in batch.records)
    assert records == LEGS[: len(records)]
    assert len(records) > 2900


def test_a_folder_and_a_missing_file_are_said_to_be_so(tmp_path: Path) -> None:
    for path, kind in ((tmp_path, "not_regular"), (tmp_path / "nothing.csv", "unreadable")):
        with pytest.raises(SourceFileError) as told:
            list(read_batches(path))
        assert told.value.facts["kind"] == kind


ENDLESS: dict[str, bytes] = {
    "blanks after a member": b'{"items":[],"a":' + b" " * 1_000_000 + b"[",
    "quotes without an end": b'[{"a":"' + b'\\"' * 500_000,
}


@pytest.mark.parametrize("form", ENDLESS)
def test_a_file_made_to_keep_the_reader_busy_is_refused_in_time_about_linear(tmp_path: Path, form: str) -> None:
    path = tmp_path / "calls.json"
    path.write_bytes(ENDLESS[form])
    began = time.process_time()
    with pytest.raises(SourceFileError):
        list(read_batches(path))
    assert time.process_time() - began < 5


BUSY: dict[str, tuple[bytes, int]] = {
    "tiny pages": (b'{"items":[{"a":1}]}\n' * 60_000, 60_000),
    "empty pages": (b'{"items":[]}\n' * 100_000, 0),
    "pages of two": (b'{"items":[{"a":1},{"a":2}]}' * 30_000, 60_000),
    "odd objects": (b"[" + b",".join([b'{"a":NaN}'] * 60_000) + b"]", 60_000),
    "odd objects between others": (b"[" + b",".join([b'{"a":1}', b'{"a":NaN}'] * 30_000) + b"]", 60_000),
    "texts that look like objects": (b"[" + b",".join([b'{"a":"},{","b":NaN}'] * 30_000) + b"]", 30_000),
    "tiny lines": (b"{}\n" * 400_000, 400_000),
}


@pytest.mark.parametrize("form", BUSY)
def test_many_small_things_cost_time_in_line_with_their_number(tmp_path: Path, form: str) -> None:
    content, count = BUSY[form]
    path = tmp_path / "calls.json"
    path.write_bytes(content)
    began = time.process_time()
    assert sum(len(batch.records) for batch in read_batches(path)) == count
    assert time.process_time() - began < 10


@pytest.mark.parametrize("form", ["page", "array", "lines"])
def test_a_lone_surrogate_or_a_number_that_is_none_does_not_cost_the_others(tmp_path: Path, form: str) -> None:
    whole = [orjson.dumps(record) for record in LEGS[:3]]
    whole[1] = whole[1][:-1] + b',"Odd":"\\ud800","Odder":NaN}'
    listed = b"[" + b",".join(whole) + b"]"
    content = {"page": b'{"items":' + listed + b"}", "array": listed, "lines": b"\n".join(whole)}[form]
    records, rejected = read(tmp_path / "calls.json", content)
    assert [record["Report ID"] for record in records] == IDS[:3]
    assert (records[1]["Odd"], records[1]["Odder"], rejected) == ("\ufffd", None, [])


def test_parquet_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    starts = pa.array(["2026-11-01T00:00:00Z"] * 100_000)
    wide = {f"column {number}": pa.nulls(1) for number in range(1100)}
    blown = {"Start time": starts, "User": pa.repeat("x" * 1000, len(starts))}
    told_often = {"Start time": starts[:1000], "User": pa.repeat("x" * 300_000, 1000)}
    for kind, columns, packed_by_value in (
        ("parquet_columns", wide, True),
        ("parquet_large", blown, False),
        ("parquet_large", told_often, True),
    ):
        path = tmp_path / "calls.parquet"
        pq.write_table(pa.table(columns), path, compression="zstd", use_dictionary=packed_by_value)
        with pytest.raises(SourceFileError) as told:
            list(read_batches(path))
        assert told.value.facts["kind"] == kind
        assert all("calls.parquet" in told.value.message(language) for language in ("en", "es"))


def test_parquet_that_says_its_description_is_huge_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    path.write_bytes(b"PAR1" + b"\x15" * 1000 + (2**31 - 1).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(SourceFileError) as told:
        list(read_batches(path))
    assert told.value.facts["kind"] == "parquet_columns"


def test_lists_and_structures_in_parquet_are_no_fields(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    columns = {"Start time": ["2026-11-01T00:00:00Z"] * 3, "Report ID": ["a", "b", "c"], "n": [[{"deep": [1]}]] * 3}
    pq.write_table(pa.table(columns), path)
    records = [record for batch in read_batches(path) for record in batch.records]
    assert [record["Report ID"] for record in records] == ["a", "b", "c"]
    assert "n" not in records[0]
