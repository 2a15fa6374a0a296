"""Legs of whole calls at any size: the golden calls of every kind over and over, each copy with its own ids."""

from datetime import datetime

import duckdb
import pyarrow as pa

from core.calls.fields import RECORD_SCHEMA
from core.calls.normalise import normalise_records
from tests.journeys.golden import GOLDEN
from tests.journeys.sequences import NINE, STORED
from tests.journeys.tenant import distinct_calls

_IDS = (
    "report_id",
    "correlation_id",
    "interaction_id",
    "local_call_id",
    "remote_call_id",
    "related_call_id",
    "transfer_related_call_id",
    "network_call_id",
)
_TIMES = ("start_time", "answer_time", "release_time", "report_time", "call_transfer_time")


def tiled(legs: int, newest: datetime, seconds_apart: float = 30.0, label: str = "") -> pa.Table:
    """``legs`` rows of ``RECORD_SCHEMA`` (the last call may be cut), the newest about ``newest`` (aware UTC).

    Tables of different ``label`` have no id in common.
    """
    records = [record for golden in distinct_calls(GOLDEN) for record in golden.records]
    one = normalise_records(records, source="import", stored_at=STORED).table
    columns = ", ".join(map(_column, RECORD_SCHEMA.names))
    with duckdb.connect() as engine:
        engine.register("one", one)
        return (
            engine.sql(
                f"SELECT {columns} FROM range($copies) t(copy), one ORDER BY copy LIMIT $legs",
                params={
                    "copies": legs // one.num_rows + 1,
                    "legs": legs,
                    "label": label,
                    "shift": (newest - NINE).total_seconds(),
                    "apart": seconds_apart,
                },
            )
            .to_arrow_table()
            .cast(RECORD_SCHEMA)
        )


def _column(name: str) -> str:
    moved = "to_microseconds((($shift - copy * $apart) * 1000000)::BIGINT)"
    if name in _IDS:
        return f"$label || copy || '-' || {name} AS {name}"
    if name in _TIMES:
        return f"{name} + {moved} AS {name}"
    if name == "dt":
        return f"strftime(start_time + {moved}, '%Y-%m-%d') AS dt"
    return f'"{name}"'
