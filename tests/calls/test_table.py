import errno
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calls.compaction import FILES_TOO_MANY
from core.calls.errors import StorageFullError
from core.calls.table import NO_VERSION, AppendCounts, CallTable
from core.clock import SteppedClock, SystemClock
from tests.calls.records import START, leg, uuid_of, wire_time
from tests.calls.rows import STORED_AT, stored, typed

LATER = wire_time(START + timedelta(hours=2))


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(STORED_AT)


@pytest.fixture
def table(tmp_path: Path, clock: SteppedClock) -> CallTable:
    return CallTable(tmp_path / "calls", clock)


def test_a_table_nobody_wrote_to_is_empty(table: CallTable) -> None:
    assert (table.files(), table.days(), table.version(), table.compact()) == ([], [], NO_VERSION, [])
    assert table.append(typed().slice(0, 0)) == AppendCounts()
    assert not table.path.exists()


def test_a_page_is_stored_once_however_often_it_comes(table: CallTable) -> None:
    page = typed(leg(1), leg(2), leg(2))
    assert table.append(page, transaction=("feed", 1)) == AppendCounts(new=2, duplicate=1)
    version = table.version()
    assert table.append(page, transaction=("feed", 1)) == AppendCounts(duplicate=3)
    assert table.version() == version
    assert CallTable(table.path).append(page) == AppendCounts(duplicate=3)


def test_a_repeated_transaction_that_grew_loses_nothing(table: CallTable) -> None:
    table.append(typed(leg(1)), transaction=("feed", 1))
    assert table.append(typed(leg(1), leg(2)), transaction=("feed", 1)) == AppendCounts(new=1, duplicate=1)


def test_a_later_copy_takes_the_place_and_an_older_one_does_not(table: CallTable) -> None:
    table.append(typed(leg(1), leg(2)))
    assert table.append(typed(leg(1, Report_time=LATER, Called_number="+5355512345"))) == AppendCounts(replaced=1)
    assert table.append(typed(leg(1))) == AppendCounts(duplicate=1)
    assert stored(table) == {uuid_of("report 1"): "+5355512345", uuid_of("report 2"): "+573165550188"}


def test_a_later_copy_that_starts_on_the_day_before_leaves_no_double(table: CallTable) -> None:
    table.append(typed(leg(1)))
    moved = leg(1, start=START - timedelta(days=1), Report_time=LATER)
    assert table.append(typed(moved)) == AppendCounts(replaced=1)
    assert table.days() == [date(2026, 11, 19)]
    assert len(stored(table)) == 1


def test_a_record_without_report_time_gives_way_to_one_with_it(table: CallTable) -> None:
    table.append(typed(leg(1, Report_time="")))
    assert table.append(typed(leg(1))) == AppendCounts(replaced=1)


_COPIES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 2), st.integers(0, 2), st.sampled_from([-1, 0])),
    min_size=1,
    max_size=14,
)


def _copy(number: int, report: int, variant: int, day: int) -> dict[str, Any]:
    return leg(
        number,
        start=START + timedelta(days=day),
        Report_time=wire_time(START + timedelta(hours=report)),
        Called_number=f"+5731655501{variant:02d}",
    )


@given(copies=_COPIES, cuts=st.sets(st.integers(0, 14), max_size=4), data=st.data())
@settings(max_examples=12, deadline=None)
def test_any_split_and_order_of_the_same_copies_gives_the_same_table(
    tmp_path_factory: pytest.TempPathFactory, copies: list[Any], cuts: set[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("order")
    whole, split = CallTable(folder / "whole"), CallTable(folder / "split")
    whole.append(typed(*(_copy(*copy) for copy in copies)))
    shuffled = data.draw(st.permutations(copies))
    bounds = [0, *sorted(cut for cut in cuts if cut < len(copies)), len(copies)]
    for start, end in pairwise(bounds):
        if start < end:
            split.append(typed(*(_copy(*copy) for copy in shuffled[start:end])))
    for column in ("called_number", "report_time", "start_time", "copy_rank"):
        assert stored(whole, column) == stored(split, column)


def test_files_are_of_the_days_asked_for_and_sorted_inside(table: CallTable) -> None:
    legs = [leg(number, start=START - timedelta(hours=9 * number)) for number in range(8)]
    table.append(typed(*legs))
    assert table.days() == [date(2026, 11, day) for day in (20, 19, 18, 17)]
    days = [path.split("dt=")[1][:10] for path in table.files(date(2026, 11, 18), date(2026, 11, 19))]
    assert days == ["2026-11-18", "2026-11-19"]
    for path in table.files():
        starts = pq.read_table(path, partitioning=None)["start_time"].to_pylist()
        assert starts == sorted(starts)


def test_a_reader_sees_what_another_process_wrote(table: CallTable) -> None:
    table.append(typed(leg(1)))
    reader = CallTable(table.path)
    assert len(reader.files()) == 1
    table.append(typed(leg(2, start=START - timedelta(days=3))))
    assert len(reader.files()) == 2


def test_compaction_changes_files_and_no_record(table: CallTable, clock: SteppedClock) -> None:
    for number in range(FILES_TOO_MANY):
        assert table.compact() == []
        table.append(typed(leg(number, start=START - timedelta(seconds=number))))
    before = stored(table)
    assert table.compact() == [date(2026, 11, 20)]
    assert (len(table.files()), stored(table)) == (1, before)
    assert table.append(typed(leg(0), leg(100))) == AppendCounts(new=1, duplicate=1)
    assert table.compact() == []
    clock.step(timedelta(hours=49).total_seconds())
    assert table.compact() == [date(2026, 11, 20)]
    assert table.compact() == []
    assert len(stored(table)) == FILES_TOO_MANY + 1


def test_vacuum_leaves_what_readers_may_still_have_open(tmp_path: Path) -> None:
    # The engine counts the hours by the machine's clock, so what was taken out has to be noted by it too.
    table = CallTable(tmp_path / "calls", SystemClock())
    table.append(typed(leg(1)))
    old = table.files()
    table.append(typed(leg(1, Report_time=LATER)))
    assert table.vacuum() == 0
    assert Path(old[0]).exists()
    assert table.vacuum(older_than_hours=0) == 1
    assert not Path(old[0]).exists()
    assert len(stored(table)) == 1


def test_retention_takes_whole_days(table: CallTable) -> None:
    table.append(typed(*(leg(number, start=START - timedelta(days=number)) for number in range(4))))
    assert table.delete_before(date(2026, 11, 19)) == 2
    assert table.days() == [date(2026, 11, 20), date(2026, 11, 19)]
    assert table.delete_before(date(2026, 11, 19)) == 0


WRITER = """
import sys
from pathlib import Path
from core.calls.table import CallTable
from tests.calls.records import leg
from tests.calls.rows import typed
table = CallTable(Path(sys.argv[1]))
counts = [table.append(typed(*(leg(page * 20 + n) for n in range(30)))) for page in range(12)]
print(sum(c.new for c in counts), sum(c.duplicate for c in counts))
"""


@pytest.mark.faults
def test_two_processes_that_store_the_same_records_double_none(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "calls")]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [writer.communicate(timeout=90)[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    table = CallTable(tmp_path / "calls")
    assert len(stored(table)) == 12 * 20 + 10
    assert sum(int(new) for new, _ in told) == 12 * 20 + 10
    assert sum(int(new) + int(duplicate) for new, duplicate in told) == 2 * 12 * 30


FULL = """
import resource, sys
from pathlib import Path
from core.calls.table import CallTable
from core.calls.errors import StorageFullError
from tests.calls.records import leg
from tests.calls.rows import typed
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
page = typed(*(leg(n) for n in range(100, 400)))
resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))
try:
    CallTable(Path(sys.argv[1])).append(page)
except StorageFullError as error:
    print(error.code)
"""


def test_a_file_that_cannot_be_written_leaves_the_table_as_it_was(table: CallTable) -> None:
    table.append(typed(leg(1)))
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(table.path)], capture_output=True, text=True, timeout=170, check=True
    )
    assert done.stdout.strip() == "calls_storage_full"
    assert list(stored(table)) == [uuid_of("report 1")]
    assert len(list(table.path.glob("dt=*/*.parquet"))) == 1
    assert table.append(typed(leg(2))) == AppendCounts(new=1)


def test_a_full_disk_is_told_with_its_remedy(table: CallTable) -> None:
    with pytest.raises(StorageFullError) as told, table.writing():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(table.path) in told.value.message("es")
    assert "DATA_DIR" in told.value.remedy("en")


def test_instants_of_the_log_are_of_the_clock(table: CallTable) -> None:
    table.append(typed(leg(1)))
    with table.writing() as delta:
        (file,) = table.live_files(delta)
    assert datetime.fromtimestamp(file.written_ms / 1000, UTC) == STORED_AT
