from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from core.calls import layout
from core.calls.day_table import DayTable
from core.calls.rollup import HOURLY_SCHEMA, HourlyCalls, RollUpResult, roll_up
from core.calls.table import CallTable
from core.store.crash_points import KILLED
from tests.calls.records import START, leg
from tests.calls.rows import typed
from tests.conftest import PythonRunner

DAY, BEFORE = START.date(), START.date() - timedelta(days=1)


@pytest.fixture
def tables(tmp_path: Path) -> tuple[CallTable, HourlyCalls]:
    return CallTable(tmp_path / "calls"), HourlyCalls(tmp_path / "hourly")


def rows(hourly: HourlyCalls) -> list[dict[str, Any]]:
    found = pa.concat_tables(pq.read_table(path, partitioning=None) for path in hourly.files())
    return list(found.sort_by("hour").to_pylist())


def test_an_hour_has_its_legs_answers_and_talk(tables: tuple[CallTable, HourlyCalls]) -> None:
    calls, hourly = tables
    queue = leg(3, User_type="CallCenterPremium", Direction="TERMINATING", Call_type="SIP_INBOUND", seconds=900)
    calls.append(typed(leg(1), leg(2, seconds=5), queue, leg(4, start=START + timedelta(hours=1))))
    assert roll_up(calls, hourly) == RollUpResult(rebuilt=[DAY], removed=[])
    found = {
        (row["hour"].hour, row["outcome"]): (row["legs"], row["answered"], row["talk_seconds"]) for row in rows(hourly)
    }
    assert found == {(14, "answered"): (2, 2, 100), (14, "service"): (1, 0, 0), (15, "answered"): (1, 1, 95)}


def test_a_rollup_of_an_older_edition_is_made_anew(tables: tuple[CallTable, HourlyCalls]) -> None:
    calls, hourly = tables
    calls.append(typed(leg(1)))
    older = pa.schema([field for field in HOURLY_SCHEMA if field.name != "calls"])
    path = hourly.path / f"dt={DAY}" / "hours-0123456789.parquet"
    write_deltalake(hourly.path, older.empty_table(), partition_by=["dt"])
    with DayTable(hourly.path, older).writing() as delta:
        written = layout.write_file(hourly.path, DAY.isoformat(), _hour(older), 0, name=path.name, time_column="hour")
        DayTable(hourly.path, older).commit(delta, [written.action(data_change=True)], [], data_change=True)
    assert path.is_file()
    assert hourly.files() == []
    assert roll_up(calls, hourly).rebuilt == [DAY]
    assert [row["calls"] for row in rows(hourly)] == [1]
    assert hourly.every_file() == hourly.files()
    assert roll_up(calls, hourly) == RollUpResult(rebuilt=[], removed=[])


def _hour(schema: pa.Schema) -> pa.Table:
    start = START.replace(tzinfo=None)
    return pa.Table.from_pylist([{"hour": start, "dt": DAY.isoformat(), "legs": 9}], schema=schema)


def test_only_days_that_changed_are_made_anew(tables: tuple[CallTable, HourlyCalls]) -> None:
    calls, hourly = tables
    calls.append(typed(leg(1), leg(2, start=START - timedelta(days=1))))
    assert roll_up(calls, hourly).rebuilt == [DAY, BEFORE]
    assert roll_up(calls, hourly) == RollUpResult(rebuilt=[], removed=[])
    calls.append(typed(leg(3)))
    assert roll_up(calls, hourly).rebuilt == [DAY]
    assert [row["legs"] for row in rows(hourly)] == [1, 2]
    calls.delete_before(DAY)
    assert roll_up(calls, hourly) == RollUpResult(rebuilt=[], removed=[BEFORE])
    assert hourly.days() == [DAY]


ROLL_UP = """
import sys
from pathlib import Path
from core.calls.rollup import HourlyCalls, roll_up
from core.calls.table import CallTable
roll_up(CallTable(Path(sys.argv[1])), HourlyCalls(Path(sys.argv[2])))
"""


@pytest.mark.faults
def test_a_kill_before_the_commit_is_made_good_by_the_next_run(tables: tuple[CallTable, HourlyCalls]) -> None:
    calls, hourly = tables
    calls.append(typed(leg(1)))
    killed = PythonRunner("-c", ROLL_UP, str(calls.path), str(hourly.path), TOLLWATCH_CRASH_AT="calls.hours_written")
    assert killed.finish()[0] == KILLED
    assert hourly.files() == []
    assert roll_up(calls, hourly).rebuilt == [DAY]
    assert [row["legs"] for row in rows(hourly)] == [1]
