"""Long lists by key: a page begins where the last one ended, so that the hundredth costs what the first does.

A mark is opaque to callers: base64 of a short JSON list with the name of the order, the direction to read in, and the
keys of a row.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, SmallInteger, and_, or_
from sqlalchemy.orm import Session

from core.errors import InvalidInputError

LONGEST_PAGE = 1000
_LONGEST_MARK = 1024
_LARGEST_NUMBER = 2**63 - 1
_LARGEST_OF_COLUMN = ((SmallInteger, 2**15 - 1), (BigInteger, _LARGEST_NUMBER), (Integer, 2**31 - 1))
"""PostgreSQL refuses to compare a column with what its type cannot hold."""

Row = TypeVar("Row")
Kind = Literal["instant", "number", "fraction"]


@dataclass(frozen=True)
class SortKey(Generic[Row]):
    """One key of an order: its column, what kind of value it has, how a row tells it, and whether it ascends."""

    column: Any
    kind: Kind
    of: Callable[[Row], Any]
    ascends: bool = False


@dataclass(frozen=True)
class Order(Generic[Row]):
    """A total order by keys; the last key tells rows apart."""

    name: str
    keys: Sequence[SortKey[Row]]

    def columns(self, *, backwards: bool = False) -> list[Any]:
        """What a statement is ordered by."""
        return [key.column.asc() if key.ascends is not backwards else key.column.desc() for key in self.keys]


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """One page of rows and the marks of its neighbours (``None`` where there is none)."""

    rows: list[Row]
    next: str | None
    previous: str | None


def read_page(
    session: Session, query: Select[Row], order: Order[Row], *, cursor: str | None, limit: int, skip: int = 0
) -> KeysetPage[Row]:
    """The rows of ``query`` beyond ``cursor`` in ``order``, at most ``limit`` of them.

    ``skip`` passes over so many first, for programs that count pages; the cost grows with it. Raises
    ``InvalidInputError`` for a cursor not of ours.
    """
    mark, backwards = _read(cursor, order) if cursor else (None, False)
    limit = max(1, min(limit, LONGEST_PAGE))
    if mark is not None:
        query = query.where(_beyond(order.keys, mark, backwards=backwards))
    rows = list(session.scalars(query.order_by(*order.columns(backwards=backwards)).limit(limit + 1).offset(skip)))
    more = len(rows) > limit
    rows = rows[:limit][::-1] if backwards else rows[:limit]
    has_next = mark is not None if backwards else more
    has_previous = more if backwards else mark is not None or skip > 0
    return KeysetPage(
        rows=rows,
        next=_written(order, rows[-1], backwards=False) if rows and has_next else None,
        previous=_written(order, rows[0], backwards=True) if rows and has_previous else None,
    )


def _beyond(keys: Sequence[SortKey[Any]], mark: Sequence[Any], *, backwards: bool) -> ColumnElement[bool]:
    """After the mark in the order of the keys, or before it; the first key alone lets an index be used."""
    upwards = [key.ascends is not backwards for key in keys]
    alternatives = []
    for position, key in enumerate(keys):
        same = [keys[before].column == mark[before] for before in range(position)]
        farther = key.column > mark[position] if upwards[position] else key.column < mark[position]
        alternatives.append(and_(*same, farther))
    first = keys[0].column >= mark[0] if upwards[0] else keys[0].column <= mark[0]
    return and_(first, or_(*alternatives))


def _written(order: Order[Row], row: Row, *, backwards: bool) -> str:
    keys = [key.of(row) for key in order.keys]
    told = [key.isoformat() if isinstance(key, datetime) else key for key in keys]
    return base64.urlsafe_b64encode(json.dumps([order.name, backwards, *told]).encode()).decode().rstrip("=")


def _read(cursor: str, order: Order[Row]) -> tuple[list[Any], bool]:
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor[:_LONGEST_MARK] + "=" * (-len(cursor) % 4)))
        name, backwards, *keys = told
        if name != order.name or not isinstance(backwards, bool) or len(keys) != len(order.keys):
            raise ValueError
        return [_made(key, known) for key, known in zip(keys, order.keys, strict=True)], backwards
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidInputError(field="cursor", problem="unreadable") from error


def _made(told: Any, key: SortKey[Any]) -> datetime | int | float:
    if key.kind == "instant":
        return datetime.fromisoformat(told).astimezone(UTC)
    if isinstance(told, bool) or not isinstance(told, int if key.kind == "number" else (int, float)):
        raise ValueError(key.kind)
    if not isfinite(told) or abs(told) > _largest(key):
        raise ValueError(key.kind)
    return told if isinstance(told, int) else float(told)


def _largest(key: SortKey[Any]) -> int:
    kind = getattr(key.column, "type", None)
    return next((largest for known, largest in _LARGEST_OF_COLUMN if isinstance(kind, known)), _LARGEST_NUMBER)
