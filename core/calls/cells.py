"""Typing columns of cells that come as anything: strings, numbers, blanks, garbage.

Each function takes the cells of one column and gives an Arrow array in which a cell that is empty is null, and
the positions of the cells that could not be typed. The quick way handles a whole column at once; only a column
with an unusual cell is walked cell by cell.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

Positions = npt.NDArray[np.intp]

LONGEST_SECONDS: Final = 31 * 24 * 3600
"""A leg longer than a month is garbage: Webex itself ends a call after at most a few days."""

_EMPTY = pa.array(["", "NA", "na"])
_LONGEST_EMPTY = 2
_NOWHERE: Positions = np.empty(0, np.intp)
_TRUE = pa.array(["true", "yes", "1", "t", "y"])
_FALSE = pa.array(["false", "no", "0", "f", "n"])


def texts(cells: Sequence[Any]) -> pa.Array:
    """The cells as trimmed strings; ``""``, ``NA`` and ``na`` are null."""
    return _without_empty(_strings(cells))


def _strings(cells: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(cells, pa.string())
    except (pa.ArrowException, UnicodeError, TypeError, ValueError):
        return pa.array([_as_text(cell) for cell in cells], pa.string())


def _as_text(cell: Any) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, float) and math.isnan(cell):
        return None
    if isinstance(cell, str | int | float):
        return str(cell).encode("utf-8", "replace").decode()
    try:
        return orjson.dumps(cell, default=str).decode()
    except (TypeError, ValueError):
        return str(cell).encode("utf-8", "replace").decode()


def _without_empty(column: pa.Array) -> pa.Array:
    extent = pc.min_max(pc.binary_length(column))
    if not extent["max"].as_py():
        return pa.nulls(len(column), pa.string())
    column = pc.ascii_trim_whitespace(column)
    if pc.min(pc.binary_length(column)).as_py() > _LONGEST_EMPTY:
        return column
    return pc.if_else(pc.is_in(column, value_set=_EMPTY), pa.scalar(None, pa.string()), column)


def too_long(column: pa.Array, limit: int) -> Positions:
    """Positions of the strings of more than ``limit`` bytes."""
    lengths = pc.binary_length(column)
    longest = pc.max(lengths).as_py()
    return _NOWHERE if not longest or longest <= limit else _positions(pc.greater(lengths, limit))


def instants(cells: Sequence[Any]) -> tuple[pa.Array, Positions]:
    """Naive UTC timestamps from ISO 8601 with ``T`` or a blank, with ``Z``, an offset, or neither (= UTC)."""
    column = texts(cells)
    if column.null_count == len(column):
        return column.cast(pa.timestamp("us")), _NOWHERE
    try:
        return pc.utf8_rtrim(column, characters="Zz").cast(pa.timestamp("us")), _NOWHERE
    except pa.ArrowInvalid:
        typed = [_instant(cell) for cell in column.to_pylist()]
        array = pa.array(typed, pa.timestamp("us"))
        return array, _lost(column, array)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text.upper())
        return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def seconds(cells: Sequence[Any]) -> tuple[pa.Array, Positions]:
    """Whole seconds from integers or their text; negative and absurd ones count as not typed."""
    column, typed = _whole_numbers(cells)
    sane = pc.and_(pc.greater_equal(typed, 0), pc.less_equal(typed, LONGEST_SECONDS))
    typed = pc.if_else(sane, typed, pa.scalar(None, pa.int64())).cast(pa.int32())
    return typed, _lost(column, typed)


def _whole_numbers(cells: Sequence[Any]) -> tuple[pa.Array, pa.Array]:
    """The cells as they came, empty ones null, and as integers."""
    try:
        typed = pa.array(cells, pa.int64())
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        column = texts(cells)
    else:
        return typed, typed
    try:
        return column, column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column, pa.array([_whole_number(cell) for cell in column.to_pylist()], pa.int64())


def _whole_number(text: str | None) -> int | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return int(value) if value.is_integer() and abs(value) <= LONGEST_SECONDS else None


def flags(cells: Sequence[Any]) -> pa.Array:
    """True, false, or null for anything else."""
    column = pc.ascii_lower(texts(cells))
    is_true = pc.is_in(column, value_set=_TRUE)
    known = pc.or_(is_true, pc.is_in(column, value_set=_FALSE))
    return pc.if_else(known, is_true, pa.scalar(None, pa.bool_()))


def _lost(before: pa.Array, after: pa.Array) -> Positions:
    if before.null_count == after.null_count:
        return _NOWHERE
    return _positions(pc.and_(pc.is_valid(before), pc.is_null(after)))


def _positions(mask: pa.Array) -> Positions:
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))
