"""``python -m jobs export-calls``: stored records under their original keys, with constant memory."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from tqdm import tqdm

from core.calls.fields import FIELDS, normalised_key
from core.calls.formulas import harmless
from core.calls.table import CallTable
from core.errors import InvalidInputError
from core.language import translate
from core.services import Services
from jobs.terminal import terminal_language

KEYS = tuple(field.key for field in FIELDS)
_REPORT_ID = "Report ID"
_ROWS_AT_A_TIME = 5000
_SCHEMA = pa.schema([pa.field(key, pa.string()) for key in KEYS])
_COLUMNS = ["report_id", "start_time", "raw"]

Records = Iterator[list[dict[str, Any]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=".csv, .jsonl or .parquet")
    parser.add_argument("--since", default=None, metavar="TIME", help="UTC day or instant, included")
    parser.add_argument("--until", default=None, metavar="TIME", help="UTC day, included, or instant, excluded")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Export and print how many records were written."""
    with tqdm(unit="", unit_scale=True, file=sys.stderr, disable=arguments.quiet) as bar:
        count = export_calls(
            services.calls,
            arguments.out,
            since=moment(arguments.since, "since", end_of_day=False),
            until=moment(arguments.until, "until", end_of_day=True),
            progress=bar.update,
        )
    text = translate("calls_export_command.done", terminal_language(), count=count, file=arguments.out)
    sys.stdout.write(f"{text}\n")
    return 0


def moment(text: str | None, name: str, *, end_of_day: bool) -> datetime | None:
    """An instant, naive UTC, from a day or an ISO 8601 instant. Raises ``InvalidInputError``."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-11-20"):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=int(end_of_day)), time.min)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(field=f"--{name}", problem=str(error)) from error
    return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)


def export_calls(
    calls: CallTable,
    out: Path,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Callable[[int], object] = lambda _rows: None,
) -> int:
    """Write the records that start in ``[since, until)`` (naive UTC), oldest day first, and give their number.

    The format follows the name of ``out``, which appears only when it is whole. JSONL holds each record as it
    came; CSV and Parquet have a column for each key of the live feed, and in CSV what a spreadsheet would take
    for a formula is escaped. A record that came without a Report ID carries the one it is stored under.
    """
    writer = _WRITERS.get(out.suffix.lower())
    if writer is None:
        raise InvalidInputError(field="--out", problem=f"{out.name} must end in {', '.join(_WRITERS)}")
    partial = out.with_name(f".{out.name}.partial")
    try:
        count = writer(partial, _counted(_records(calls, since, until), progress))
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _counted(records: Records, progress: Callable[[int], object]) -> Records:
    for chunk in records:
        yield chunk
        progress(len(chunk))


def _records(calls: CallTable, since: datetime | None, until: datetime | None) -> Records:
    last = until.date() if until else None
    for path in calls.files(since.date() if since else None, last):
        with pq.ParquetFile(path) as file:
            for rows in file.iter_batches(_ROWS_AT_A_TIME, columns=_COLUMNS):
                wanted = _within(rows, since, until)
                if wanted.num_rows:
                    ids, originals = wanted["report_id"].to_pylist(), wanted["raw"].to_pylist()
                    yield list(map(_original, ids, originals))


def _within(rows: pa.RecordBatch, since: datetime | None, until: datetime | None) -> pa.RecordBatch:
    start = rows["start_time"]
    if since is not None:
        rows = rows.filter(pc.greater_equal(start, pa.scalar(since, start.type)))
    if until is not None:
        rows = rows.filter(pc.less(rows["start_time"], pa.scalar(until, start.type)))
    return rows


def _original(report_id: str, raw: str) -> dict[str, Any]:
    record: dict[str, Any] = orjson.loads(raw)
    if report_id not in (record.get(_REPORT_ID), record.get("report_id")):
        record[_REPORT_ID] = report_id
    return record


def _write_jsonl(path: Path, records: Records) -> int:
    count = 0
    with _durable(path) as file:
        for chunk in records:
            file.write(b"".join(orjson.dumps(record) + b"\n" for record in chunk))
            count += len(chunk)
    return count


def _write_csv(path: Path, records: Records) -> int:
    count = 0
    with _durable(path) as file, pyarrow.csv.CSVWriter(file, _SCHEMA) as writer:
        for chunk in records:
            columns = [harmless(column) for column in _columns(chunk)]
            writer.write_batch(pa.record_batch(columns, schema=_SCHEMA))
            count += len(chunk)
    return count


def _write_parquet(path: Path, records: Records) -> int:
    count = 0
    with _durable(path) as file, pq.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
        for chunk in records:
            writer.write_batch(pa.record_batch(_columns(chunk), schema=_SCHEMA))
            count += len(chunk)
    return count


def _columns(records: list[dict[str, Any]]) -> list[pa.Array]:
    columns = zip(*(_cells(record) for record in records), strict=True)
    return [pa.array(column, pa.string()) for column in columns]


@contextmanager
def _durable(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _cells(record: dict[str, Any]) -> list[str | None]:
    """The record's cells in the order of ``KEYS``, whatever spelling its keys came in."""
    if not all(key in record for key in KEYS):
        spelt = {normalised_key(key): value for key, value in record.items()}
        return [_text(spelt.get(normalised_key(key))) for key in KEYS]
    return [_text(record[key]) for key in KEYS]


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


_WRITERS: dict[str, Callable[[Path, Records], int]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
