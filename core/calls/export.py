"""Calls as a file of exactly what a filter shows, written while it is read: 1M rows without holding them.

The legs come in slices of bounded size, newest first, each sorted and spelt by DuckDB. The files of the table are
listed once, so that an export is of one state of the table however long it takes.
"""

import io
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
import pyarrow as pa
import pyarrow.csv

from core.calls.engine import Legs, reading
from core.calls.fields import FIELD_BY_COLUMN, RECORD_SCHEMA
from core.calls.filter_terms import InvalidFilterError
from core.calls.filters import CallFilter
from core.calls.formulas import harmless
from core.calls.paging import files_by_day
from core.calls.table import CallTable
from core.language import DEFAULT_LANGUAGE, Language, translate

Format = Literal["csv", "jsonl"]

READABLE_COLUMNS = (
    "start_time",
    "answer_time",
    "release_time",
    "duration",
    "ring_duration",
    "direction",
    "call_type",
    "outcome",
    "call_outcome_reason",
    "user",
    "user_number",
    "user_type",
    "location",
    "calling_number",
    "called_number",
    "calling_line_id",
    "called_line_id",
    "far_number",
    "far_country",
    "international",
    "off_net",
    "redirect_reason",
    "releasing_party",
    "inbound_trunk",
    "outbound_trunk",
    "correlation_id",
    "report_id",
)
"""What a person reads of a call; the default."""
ALL_COLUMNS = tuple(name for name in RECORD_SCHEMA.names if name != "dt")
"""Every field of the record, what we derive, and the original record."""
ROWS_A_SLICE = 40_000
ROWS_A_WIDE_SLICE = 12_000
_WIDE = 40
_SECONDS_A_SLICE = 120.0

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Without it spreadsheets read UTF-8 as something else."""


@dataclass
class CallExport:
    """One export of a resolved filter. ``rows`` and ``complete`` tell, at any time, how far it came.

    ``zone`` adds the start in that time zone beside the one in UTC. Raises ``InvalidInputError`` for an unknown
    column or zone.
    """

    table: CallTable
    filter: CallFilter
    format: Format = "csv"
    columns: Sequence[str] = READABLE_COLUMNS
    zone: str = ""
    language: Language = DEFAULT_LANGUAGE
    rows: int = 0
    complete: bool = False
    _files: list[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        unknown = [name for name in self.columns if name not in ALL_COLUMNS]
        if unknown or not self.columns:
            raise InvalidFilterError("columns", "column", column=(unknown or [""])[0][:60])
        if self.zone:
            _check_zone(self.zone)
        self._files = self.table.files(*self.filter.days())

    def estimate(self) -> int:
        """How many legs the export will hold."""
        with reading() as reader:
            return int(reader.rows("SELECT count(*) FROM legs", Legs(self._files, *self.filter.condition()))[0][0])

    def chunks(self) -> Generator[bytes]:
        """The file, piece by piece.

        When reading fails on the way, a last line says so before the error is raised: a cut export never looks whole.
        """
        try:
            if self.format == "csv":
                yield BYTE_ORDER_MARK + _csv_line([title for title, _ in self._spelling()])
            for found in self._read_ahead():
                for batch in found.to_batches(max_chunksize=ROWS_A_WIDE_SLICE):
                    yield _csv_rows(batch) if self.format == "csv" else _json_rows(batch)
                    self.rows += batch.num_rows
            self.complete = True
        except Exception:
            yield self._incomplete()
            raise

    def _read_ahead(self) -> Iterator[pa.Table]:
        """Each slice, read while the one before is being written."""
        slices = self._slices()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="export") as reader:
            coming = reader.submit(self._read_next, slices)
            while (found := coming.result()) is not None:
                coming = reader.submit(self._read_next, slices)
                yield found

    def _read_next(self, slices: Iterator[Legs]) -> pa.Table | None:
        legs = next(slices, None)
        if legs is None:
            return None
        sql, parameters = self._sql()
        with reading(_SECONDS_A_SLICE) as reader:
            return reader.table(sql, legs, parameters)

    def _sql(self) -> tuple[str, list[str]]:
        spelling = self._spelling()
        zones = [self.zone] if self.zone and "start_time" in self.columns else []
        if self.format == "csv":
            shown = ", ".join(f'{sql} AS "{title}"' for title, sql in spelling)
        else:
            shown = "json_object(" + ", ".join(f"'{title}', {sql}" for title, sql in spelling) + ")::VARCHAR"
        return f"SELECT {shown} FROM legs ORDER BY legs.start_time DESC, legs.report_id DESC", zones

    def _spelling(self) -> list[tuple[str, str]]:
        """Title and SQL of each column of the file."""
        spelling: list[tuple[str, str]] = []
        for name in self.columns:
            spelling.append((title_of(name), _spelt(name)))
            if name == "start_time" and self.zone:
                local = "strftime(timezone(?, timezone('UTC', legs.start_time)), '%Y-%m-%d %H:%M:%S')"
                spelling.append((f"{title_of(name)} ({self.zone})", local))
        return spelling

    def _slices(self) -> Iterator[Legs]:
        """The legs in stretches of time of bounded size, newest first."""
        most = ROWS_A_WIDE_SLICE if len(self.columns) > _WIDE else ROWS_A_SLICE
        condition, parameters = self.filter.condition()
        waiting: list[str] = []
        waiting_rows = 0
        for day, files, rows in self._days():
            if waiting and waiting_rows + rows > most:
                yield Legs(waiting, condition, parameters)
                waiting, waiting_rows = [], 0
            if rows <= most:
                waiting, waiting_rows = waiting + files, waiting_rows + rows
                continue
            for begin, end in _stretches(day, -(-rows // most)):
                yield Legs(files, f"{condition} AND start_time >= ? AND start_time < ?", [*parameters, begin, end])
        if waiting:
            yield Legs(waiting, condition, parameters)

    def _days(self) -> Iterator[tuple[date, list[str], int]]:
        if not self._files:
            return
        with reading() as reader:
            sizes = dict(
                reader.rows("SELECT file_name, num_rows FROM parquet_file_metadata(?)", Legs([]), [self._files])
            )
        for day, files in files_by_day(self._files).items():
            yield day, files, sum(sizes[path] for path in files)

    def _incomplete(self) -> bytes:
        text = translate("calls_export.incomplete", self.language, rows=self.rows)
        return _csv_line([text]) if self.format == "csv" else orjson.dumps({"incomplete": text}) + b"\n"


def title_of(column: str) -> str:
    """What heads a column of an export: Webex's own key, or for what we derive the column's name in words."""
    known = FIELD_BY_COLUMN.get(column)
    return known.key if known else column.replace("_", " ").capitalize()


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidFilterError("zone", "zone_name", zone=zone[:60]) from error


def _spelt(name: str) -> str:
    column = f'legs."{name}"'
    if pa.types.is_timestamp(RECORD_SCHEMA.field(name).type):
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%gZ')"
    return column


def _stretches(day: date, number: int) -> Iterator[tuple[datetime, datetime]]:
    """Equal stretches of a UTC day, newest first, as naive instants."""
    midnight = datetime.combine(day, datetime.min.time(), UTC).replace(tzinfo=None)
    marks = [midnight + timedelta(days=1) * position / number for position in range(number + 1)]
    yield from zip(marks[-2::-1], marks[:0:-1], strict=True)


def _csv_line(cells: Sequence[str]) -> bytes:
    return (",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n").encode()


def _csv_rows(batch: pa.RecordBatch) -> bytes:
    buffer = io.BytesIO()
    columns = [harmless(column) if pa.types.is_string(column.type) else column for column in batch.columns]
    batch = pa.record_batch(columns, names=batch.schema.names)
    pyarrow.csv.write_csv(batch, buffer, pyarrow.csv.WriteOptions(include_header=False))
    return buffer.getvalue()


def _json_rows(batch: pa.RecordBatch) -> bytes:
    return ("\n".join(batch.column(0).to_pylist()) + "\n").encode()
