"""Seconds between two instants in SQL, which the two databases count each in their own way."""

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class seconds_between(GenericFunction[float]):  # noqa: N801 - SQLAlchemy names functions as SQL does
    """``seconds_between(begin, end)``: null where either is."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    begin, end = (compiler.process(clause, **more) for clause in element.clauses)
    return f"((julianday({end}) - julianday({begin})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    begin, end = (compiler.process(clause, **more) for clause in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end} - {begin}))"
