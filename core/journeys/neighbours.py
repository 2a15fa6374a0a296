"""The stored legs that belong to the same calls as some new ones, found by their keys on the days around.

Only the files of those days are read, first the key columns alone; so the cost follows the new legs and how busy
the days around them were, not how long the history is.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from core.calls.engine import connection
from core.journeys.grouping import JOIN_WINDOW_US, KEY_COLUMNS, MOST_CALLS_OF_AN_INTERACTION
from core.journeys.legs import LEG_COLUMNS, usable_id

Files = Callable[[str, str], list[str]]
"""Gives the files of the UTC days from the first to the last."""

WINDOW = timedelta(microseconds=JOIN_WINDOW_US)

_MOST_ROUNDS = 50
_KEYS = ", ".join(f'"{name}"' for name in KEY_COLUMNS)
_FULL = ", ".join(f'"{name}"' for name in LEG_COLUMNS)
_FIND = f"""
SELECT {_KEYS} FROM read_parquet(?, hive_partitioning = false)
WHERE start_time BETWEEN ? AND ?
  AND (correlation_id IN (SELECT id FROM correlations)
    OR interaction_id IN (SELECT id FROM interactions)
    OR local_call_id IN (SELECT id FROM pointed)
    OR transfer_related_call_id IN (SELECT id FROM locals)
    OR (correlation_id IS NULL AND (remote_call_id IN (SELECT id FROM locals)
                                 OR related_call_id IN (SELECT id FROM locals))))
"""  # noqa: S608 - our own columns
_FETCH = f"""
SELECT {_FULL} FROM read_parquet(?, hive_partitioning = false)
WHERE start_time BETWEEN ? AND ? AND report_id IN (SELECT id FROM reports)
"""  # noqa: S608 - our own columns


@dataclass
class _Keys:
    """Ids by which legs are joined; ``pointed`` are Local call IDs that other legs name."""

    correlations: set[str] = field(default_factory=set)
    interactions: set[str] = field(default_factory=set)
    locals: set[str] = field(default_factory=set)
    pointed: set[str] = field(default_factory=set)

    def add(self, legs: pa.Table) -> "_Keys":
        """Take in the keys of legs; gives those that are new."""
        alone = legs.filter(pc.is_null(legs["correlation_id"]))
        found = _Keys(
            correlations=_ids(legs, "correlation_id"),
            interactions=_ids(legs, "interaction_id"),
            locals=_ids(legs, "local_call_id"),
            pointed=_ids(legs, "transfer_related_call_id").union(
                _ids(alone, "remote_call_id"), _ids(alone, "related_call_id")
            ),
        )
        fresh = _Keys()
        for name in ("correlations", "interactions", "locals", "pointed"):
            known: set[str] = getattr(self, name)
            setattr(fresh, name, getattr(found, name) - known)
            known |= getattr(found, name)
        return fresh

    def __bool__(self) -> bool:
        return bool(self.correlations or self.interactions or self.locals or self.pointed)


def with_neighbours(new: pa.Table, files: Files) -> pa.Table:
    """The new legs and every stored leg of their calls, one row a Report ID; ``new`` has ``LEG_COLUMNS``."""
    if not new.num_rows:
        return new
    extent = pc.min_max(new["start_time"])
    first, last = extent["min"].as_py() - WINDOW, extent["max"].as_py() + WINDOW
    paths = files(first.date().isoformat(), last.date().isoformat())
    if not paths:
        return new
    with connection().cursor() as cursor:
        found = _closure(cursor, new.select(list(KEY_COLUMNS)), paths, (first, last))
        if not found.num_rows:
            return new
        reports = found["report_id"].combine_chunks()
        bounds = pc.min_max(found["start_time"])
        _register(cursor, "reports", reports)
        fetched = cursor.sql(_FETCH, params=[paths, bounds["min"].as_py(), bounds["max"].as_py()]).to_arrow_table()
    return pa.concat_tables([new, fetched.cast(new.schema)])


def _closure(
    cursor: duckdb.DuckDBPyConnection, new: pa.Table, paths: list[str], window: tuple[object, object]
) -> pa.Table:
    """Keys of the stored legs that hang together with ``new``, without those themselves."""
    keys = _Keys()
    fresh = keys.add(new)
    known = new["report_id"].combine_chunks()
    parts = [new.slice(0, 0)]
    hubs = _hubs(new)
    for _ in range(_MOST_ROUNDS):
        fresh.interactions -= hubs
        if not fresh:
            break
        for name in ("correlations", "interactions", "locals", "pointed"):
            _register(cursor, name, pa.array(sorted(getattr(fresh, name)), pa.string()))
        found = cursor.sql(_FIND, params=[paths, *window]).to_arrow_table().cast(new.schema)
        found = found.filter(pc.invert(pc.is_in(found["report_id"], value_set=known)))
        if not found.num_rows:
            break
        hubs |= _hubs(found)
        parts.append(found)
        known = pa.concat_arrays([known, found["report_id"].combine_chunks()])
        fresh = keys.add(found)
    return pa.concat_tables(parts)


def _hubs(legs: pa.Table) -> set[str]:
    """Interaction IDs that so many calls carry that they join nothing."""
    pairs = (
        legs.select(["interaction_id", "correlation_id"]).group_by(["interaction_id", "correlation_id"]).aggregate([])
    )
    counts = Counter(pairs["interaction_id"].to_pylist())
    return {name for name, count in counts.items() if name and count > MOST_CALLS_OF_AN_INTERACTION}


def _ids(legs: pa.Table, name: str) -> set[str]:
    return {value for value in pc.unique(legs[name]).to_pylist() if value and usable_id(value)}


def _register(cursor: duckdb.DuckDBPyConnection, name: str, ids: pa.Array) -> None:
    cursor.register(name, pa.table({"id": ids}))
