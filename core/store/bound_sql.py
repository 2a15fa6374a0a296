"""Conditions written as SQL with question marks, as SQLAlchemy binds them on either database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, text

from core.store.models.base import Instant


def bound(sql: str, values: Sequence[Any]) -> ColumnElement[bool]:
    """The condition with its values bound in order; ``sql`` holds only text of ours and a ``?`` for each value."""
    first, *rest = sql.split("?")
    names = [f"asked_{number}" for number in range(len(rest))]
    named = first + "".join(f":{name}{part}" for name, part in zip(names, rest, strict=True))
    binds = [
        bindparam(name, value, type_=Instant() if isinstance(value, datetime) else None, unique=True)
        for name, value in zip(names, values, strict=True)
    ]
    return and_(text(f"({named})").bindparams(*binds))
