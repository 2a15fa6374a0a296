"""From records as Webex sends them to rows of our table.

Spelling of keys, ways to write nothing, and shapes of times differ between the live feed, its documentation and
Control Hub's CSV of several years; all give the same row. A record that cannot be typed is handed back with a
reason and never costs the rest of its page.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from core.calls import cells
from core.calls.countries import countries_of, is_foreign
from core.calls.fields import FIELD_BY_KEY, FIELDS, RECORD_SCHEMA, normalised_key
from core.calls.outcomes import OUTCOMES, outcomes_of

__all__ = ["OUTCOMES", "Normalised", "Rejected", "Source", "normalise_records"]

Source = Literal["import", "feed", "stream"]

LONGEST_CELL = 64 * 1024
LONGEST_RECORD = 256 * 1024
EARLIEST_START = datetime(2000, 1, 1)  # noqa: DTZ001 - compared with naive UTC columns
FUTURE_TOLERANCE = timedelta(days=2)
ON_NET_CALL_TYPES = ("SIP_ENTERPRISE", "SIP_MEETING")

_ROWS_AT_A_TIME = 5000
_MOST_SHAPES = 8
_LARGEST_COLUMN = 2**31 - 1
_KEY_NAMESPACE = uuid.UUID("5b0a5bb1-3c8e-5f3e-9a39-6d1f6f0c9e11")
_KEY_PARTS = ("correlation_id", "local_call_id", "user_uuid", "direction", "start_time")
_MICROSECONDS_A_DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Columns = dict[str, pa.Array]


@dataclass(frozen=True)
class Rejected:
    """A record that could not be typed: its JSON (or whatever it was, as text), a stable reason, and the cell."""

    raw: str
    reason_code: str
    detail: str


@dataclass
class Normalised:
    """The rows of ``RECORD_SCHEMA`` and the records that gave none."""

    table: pa.Table
    rejected: list[Rejected] = field(default_factory=list)


def normalise_records(
    raw: Iterable[Any], *, source: Source, stored_at: datetime, texts: Sequence[bytes | None] = ()
) -> Normalised:
    """Type ``raw`` records; rows come in no particular order, ``stored_at`` (aware) is noted on each.

    ``texts`` are the JSON that the records were read from, one each, where the caller has it: it is kept as it is.
    Never raises for what a record holds. Reason codes: ``not_an_object``, ``record_too_large``,
    ``cell_too_large``, ``start_time_missing``, ``start_time_absurd`` (before 2000 or more than two days after
    ``stored_at``), ``time_unreadable``, ``duration_unreadable``, ``identity_missing``.
    """
    stored_at = stored_at.astimezone(UTC).replace(tzinfo=None)
    result = Normalised(table=RECORD_SCHEMA.empty_table())
    tables = [
        table
        for records, written in _objects(raw, texts, result.rejected)
        for shape in _shapes(records, written)
        if (table := _rows(shape, source, stored_at, result.rejected)).num_rows
    ]
    if tables:
        result.table = pa.concat_tables(tables)
    return result


def _objects(
    raw: Iterable[Any], texts: Sequence[bytes | None], rejected: list[Rejected]
) -> Iterator[tuple[list[Mapping[str, Any]], Sequence[bytes | None]]]:
    """The records in lists of bounded length, with their texts where all have one; others than objects are rejected."""
    remaining, first = iter(raw), 0
    while chunk := list(islice(remaining, _ROWS_AT_A_TIME)):
        written = texts[first : first + len(chunk)]
        first += len(chunk)
        odd = [record for record in chunk if not isinstance(record, Mapping)]
        if odd:
            rejected += [Rejected(_json(record), "not_an_object", type(record).__name__) for record in odd]
            chunk, written = [record for record in chunk if isinstance(record, Mapping)], ()
        if chunk:
            yield chunk, written if None not in written else ()


@dataclass(frozen=True)
class _Shape:
    """Records to be typed together; ``uniform`` when all have exactly these keys in this order.

    ``texts`` are their JSON, or nothing where it has to be written.
    """

    keys: tuple[str, ...]
    rows: list[Mapping[str, Any]]
    uniform: bool
    texts: Sequence[bytes | None] = ()


def _shapes(records: list[Mapping[str, Any]], texts: Sequence[bytes | None]) -> Iterator[_Shape]:
    """Records grouped by their keys, so that columns come from transposing; nearly always one group."""
    first = [*records[0]]
    if all([*record] == first for record in records):
        yield _Shape(tuple(first), records, uniform=True, texts=texts)
        return
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for record in records:
        groups.setdefault(tuple(record), []).append(record)
    if len(groups) <= _MOST_SHAPES:
        yield from (_Shape(keys, rows, uniform=True) for keys, rows in groups.items())
        return
    keys = tuple({key: None for group in groups for key in group if normalised_key(str(key)) in FIELD_BY_KEY})
    yield _Shape(keys, records, uniform=False, texts=texts)


@lru_cache(maxsize=256)
def _columns_of_keys(keys: tuple[str, ...]) -> tuple[str | None, ...]:
    fields = (FIELD_BY_KEY.get(normalised_key(str(key).lstrip("\ufeff"))) for key in keys)
    return tuple(field.column if field else None for field in fields)


def _cells_by_column(shape: _Shape) -> dict[str, Sequence[Any]]:
    if shape.uniform:
        transposed: Iterable[Sequence[Any]] = zip(*(row.values() for row in shape.rows), strict=True)
    else:
        transposed = ([row.get(key) for row in shape.rows] for key in shape.keys)
    found: dict[str, Sequence[Any]] = {}
    for column, values in zip(_columns_of_keys(shape.keys), transposed, strict=True):
        if column is None:
            continue
        earlier = found.get(column)
        found[column] = values if earlier is None else [a or b for a, b in zip(earlier, values, strict=True)]
    return found


class _Rejects:
    """The first reason against each row of a group."""

    def __init__(self, count: int) -> None:
        self._keep = np.ones(count, bool)
        self._reasons: dict[int, tuple[str, str]] = {}

    def add(self, positions: Iterable[int], code: str, detail: str) -> None:
        for position in positions:
            self._keep[position] = False
            self._reasons.setdefault(int(position), (code, detail))

    def listed(self, raw: pa.Array) -> list[Rejected]:
        return [Rejected(raw[row].as_py(), *reason) for row, reason in sorted(self._reasons.items())]

    def kept(self, table: pa.Table) -> pa.Table:
        return table if not self._reasons else table.filter(pa.array(self._keep))


def _rows(shape: _Shape, source: Source, stored_at: datetime, rejected: list[Rejected]) -> pa.Table:
    rows = shape.rows
    rejects = _Rejects(len(rows))
    raw = _raw_column(rows, shape.texts)
    rejects.add(cells.too_long(raw, LONGEST_RECORD), "record_too_large", f"> {LONGEST_RECORD} bytes")
    columns = _typed(shape, rejects)
    _check_start(columns["start_time"], stored_at, rejects)
    columns["copy_rank"] = _copy_rank(columns)
    columns["report_id"] = _report_ids(columns, rejects)
    _derive(columns)
    columns["source"] = pa.repeat(source, len(rows))
    columns["stored_at"] = pa.repeat(pa.scalar(stored_at, pa.timestamp("us")), len(rows))
    columns["raw"] = raw
    rejected += rejects.listed(raw)
    return rejects.kept(pa.Table.from_arrays([columns[name] for name in RECORD_SCHEMA.names], schema=RECORD_SCHEMA))


def _typed(shape: _Shape, rejects: _Rejects) -> Columns:
    found = _cells_by_column(shape)
    columns: Columns = {}
    for known in FIELDS:
        values = found.get(known.column)
        if values is None:
            columns[known.column] = pa.nulls(len(shape.rows), RECORD_SCHEMA.field(known.column).type)
        elif known.kind == "instant":
            columns[known.column], lost = cells.instants(values)
            rejects.add(lost, "time_unreadable", known.key)
        elif known.kind == "seconds":
            columns[known.column], lost = cells.seconds(values)
            rejects.add(lost, "duration_unreadable", known.key)
        elif known.kind == "flag":
            columns[known.column] = cells.flags(values)
        else:
            columns[known.column] = cells.texts(values)
            rejects.add(cells.too_long(columns[known.column], LONGEST_CELL), "cell_too_large", known.key)
    return columns


def _check_start(start: pa.Array, stored_at: datetime, rejects: _Rejects) -> None:
    if start.null_count:
        rejects.add(np.flatnonzero(start.is_null().to_numpy(zero_copy_only=False)), "start_time_missing", "Start time")
    absurd = pc.or_(
        pc.less(start, pa.scalar(EARLIEST_START, start.type)),
        pc.greater(start, pa.scalar(stored_at + FUTURE_TOLERANCE, start.type)),
    )
    positions = np.flatnonzero(pc.fill_null(absurd, False).to_numpy(zero_copy_only=False))
    rejects.add(positions, "start_time_absurd", "Start time")


def _raw_column(rows: list[Mapping[str, Any]], texts: Sequence[bytes | None]) -> pa.Array:
    try:
        return _joined([text for text in texts if text is not None] or [orjson.dumps(row) for row in rows])
    except (TypeError, ValueError):
        return pa.array([_json(row) for row in rows], pa.string())


def _joined(texts: list[bytes]) -> pa.Array:
    """Texts that the JSON parser or writer found to be UTF-8, as one column without another look at each."""
    ends = np.cumsum([0, *map(len, texts)])
    if ends[-1] > _LARGEST_COLUMN:
        return pa.array(texts, pa.string())
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends.astype("<i4")), pa.py_buffer(b"".join(texts)))


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, ValueError, RecursionError):
        return orjson.dumps(str(value).encode("utf-8", "replace").decode()).decode()


def _report_ids(columns: Columns, rejects: _Rejects) -> pa.Array:
    """``Report ID``; where it is missing, the same made-up one for each copy of the leg (docs/call-records.md)."""
    given = columns["report_id"]
    if not given.null_count:
        return given
    parts = [columns[name].cast(pa.string()) for name in _KEY_PARTS]
    joined = pc.binary_join_element_wise(*parts, "|", null_handling="replace", null_replacement="").to_pylist()
    told = np.zeros(len(given), bool)
    for name in ("correlation_id", "local_call_id", "user_uuid"):
        told |= columns[name].is_valid().to_numpy(zero_copy_only=False)
    missing = given.is_null().to_numpy(zero_copy_only=False)
    rejects.add(np.flatnonzero(missing & ~told), "identity_missing", "Report ID")
    made = [
        str(uuid.uuid5(_KEY_NAMESPACE, text)) if absent else None for text, absent in zip(joined, missing, strict=True)
    ]
    return pc.coalesce(given, pa.array(made, pa.string()))


def _copy_rank(columns: Columns) -> pa.Array:
    """A number that orders copies with equal Report time the same way whatever their order of arrival.

    High 16 bits: how many fields are filled, so that a full feed record wins over an older CSV's columns. Low
    48 bits: a hash of the typed content, so that equal copies have equal ranks.
    """
    filled = np.zeros(len(columns["report_id"]), np.int64)
    parts = [pa.repeat("", len(columns["report_id"]))]
    for known in FIELDS:
        column = columns[known.column]
        if column.null_count < len(column):
            filled += column.is_valid().to_numpy(zero_copy_only=False)
        parts.append(_comparable(column))
    joined = pc.binary_join_element_wise(*parts, "\x1f", null_handling="replace", null_replacement="")
    blake2b = hashlib.blake2b
    digests = b"".join(
        [blake2b(text, digest_size=6).digest() + b"\0\0" for text in joined.cast(pa.binary()).to_pylist()]
    )
    return pa.array((filled << 48) | np.frombuffer(digests, "<i8").astype(np.int64))


def _comparable(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return column
    return (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).cast(pa.string())


def _derive(columns: Columns) -> None:
    direction = columns["direction"]
    far = pc.case_when(
        pc.make_struct(
            pc.fill_null(pc.equal(direction, "ORIGINATING"), False),
            pc.fill_null(pc.equal(direction, "TERMINATING"), False),
        ),
        columns["called_number"],
        columns["calling_number"],
    )
    home = pc.coalesce(countries_of(columns["site_main_number"]), countries_of(columns["user_number"]))
    country = pc.coalesce(countries_of(far, home), _told_country(columns))
    call_type = columns["call_type"]
    on_net = pc.or_(
        pc.or_(pc.is_null(call_type), pc.is_in(call_type, value_set=pa.array(ON_NET_CALL_TYPES))),
        pc.and_(pc.fill_null(pc.equal(call_type, "UNKNOWN"), False), pc.is_null(country)),
    )
    columns["far_number"] = far
    columns["far_country"] = country
    columns["off_net"] = pc.invert(on_net)
    columns["international"] = pc.and_(
        columns["off_net"],
        pc.or_(_foreign(country, home), pc.fill_null(pc.equal(call_type, "SIP_INTERNATIONAL"), False)),
    )
    columns["outcome"] = outcomes_of(columns)
    columns["dt"] = _days(columns["start_time"])


def _told_country(columns: Columns) -> pa.Array:
    """``International country`` of a dialled number, where Webex sent an alpha-2 code."""
    told = columns["international_country"]
    usable = pc.and_(pc.match_substring_regex(told, "^[A-Z]{2}$"), pc.equal(columns["direction"], "ORIGINATING"))
    return pc.if_else(pc.fill_null(usable, False), told, pa.scalar(None, pa.string()))


def _foreign(country: pa.Array, home: pa.Array) -> pa.Array:
    pairs = pc.binary_join_element_wise(home, country, "|").dictionary_encode()
    verdicts = [is_foreign(*reversed(pair.split("|"))) for pair in pairs.dictionary.to_pylist()]
    return pc.fill_null(pa.array(verdicts, pa.bool_()).take(pairs.indices), False)


def _days(start: pa.Array) -> pa.Array:
    days = pc.fill_null(start.cast(pa.int64()), 0).to_numpy() // _MICROSECONDS_A_DAY
    distinct, positions = np.unique(days, return_inverse=True)
    names = pa.array([(_EPOCH + timedelta(days=int(day))).date().isoformat() for day in distinct], pa.string())
    return names.take(pa.array(positions))
