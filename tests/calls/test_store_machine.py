"""The table of calls against a plain dictionary, under any sequence of what can happen to it."""

import shutil
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.calls.rollup import HourlyCalls, roll_up
from core.calls.table import CallTable
from core.clock import SteppedClock
from tests.calls.records import START, leg, wire_time
from tests.calls.rows import STORED_AT, stored, typed

_COPY = st.tuples(st.integers(1, 6), st.integers(0, 3), st.integers(0, 1))
_PAGE = st.lists(_COPY, min_size=1, max_size=5)
_RETENTION_DAYS = 3
_Kept = tuple[datetime, int, str, str]
"""What the model keeps of a record: Report time, rank of the copy, called number, UTC day."""


class CallTableMachine(RuleBasedStateMachine):
    """Each copy is (number of the leg, hours until its Report time, day before or not)."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="calls-machine-"))
        self.clock = SteppedClock(STORED_AT)
        self.table = CallTable(self.folder / "calls", self.clock)
        self.hourly = HourlyCalls(self.folder / "hourly", self.clock)
        self.model: dict[str, _Kept] = {}
        self.pages: list[list[Any]] = []

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def _record(self, number: int, hours: int, earlier: int) -> dict[str, Any]:
        return leg(
            number,
            start=START - timedelta(days=earlier),
            Report_time=wire_time(START + timedelta(hours=hours)),
            Called_number=f"+573165550{hours}{earlier}0",
        )

    def _send(self, page: list[Any], table: CallTable) -> None:
        rows = typed(*(self._record(*copy) for copy in page))
        new = replaced = 0
        before = dict(self.model)
        for row in rows.to_pylist():
            copy: _Kept = (row["report_time"], row["copy_rank"], row["called_number"], row["dt"])
            self.model[row["report_id"]] = max(self.model.get(row["report_id"], copy), copy)
        for report_id, copy in self.model.items():
            new += report_id not in before
            replaced += report_id in before and before[report_id] != copy
        counts = table.append(rows, transaction=("feed", len(self.pages)))
        assert (counts.new, counts.replaced) == (new, replaced)
        assert counts.duplicate == len(page) - new - replaced

    @rule(page=_PAGE)
    def page_arrives(self, page: list[Any]) -> None:
        self.pages.append(page)
        self._send(page, self.table)

    @precondition(lambda self: self.pages)
    @rule(which=st.integers(0, 50))
    def killed_after_the_commit_and_repeated_by_a_new_process(self, which: int) -> None:
        self.table = CallTable(self.table.path, self.clock)
        self._send(self.pages[which % len(self.pages)], self.table)

    @precondition(lambda self: self.pages)
    @rule(page=_PAGE)
    def another_process_stores_at_the_same_time(self, page: list[Any]) -> None:
        self.pages.append(page)
        self._send(page, CallTable(self.table.path, self.clock))

    @rule(hours=st.integers(-3, 60))
    def the_clock_steps(self, hours: int) -> None:
        self.clock.step(hours * 3600)

    @rule()
    def compaction_runs(self) -> None:
        self.table.compact()

    @precondition(lambda self: self.pages)
    @rule()
    def vacuum_runs(self) -> None:
        self.table.vacuum(older_than_hours=0)

    @rule()
    def rollup_runs(self) -> None:
        roll_up(self.table, self.hourly)
        assert sum(stored_hours(self.hourly)) == len(self.model)

    @precondition(lambda self: self.pages)
    @rule(day=st.sampled_from([date(2026, 11, 19), date(2026, 11, 20)]))
    def retention_runs(self, day: date) -> None:
        gone = [report_id for report_id, copy in self.model.items() if copy[3] < day.isoformat()]
        assert self.table.delete_before(day) == len(gone)
        for report_id in gone:
            del self.model[report_id]

    @invariant()
    def the_table_is_the_model(self) -> None:
        assert stored(self.table) == {report_id: copy[2] for report_id, copy in self.model.items()}


def stored_hours(hourly: HourlyCalls) -> list[int]:
    """The legs counted in each row of the rollup."""
    return [legs for path in hourly.files() for legs in pq.read_table(path, partitioning=None)["legs"].to_pylist()]


TestCallTable = CallTableMachine.TestCase
TestCallTable.settings = settings(max_examples=12, stateful_step_count=14, deadline=None)
