"""Copies of the table of calls: of one version, proven, and found out when they are not whole."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.calls import backup
from core.calls.errors import CallsTargetError
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.store.backup import BackupBrokenError
from tests.calls.records import leg
from tests.calls.rows import STORED_AT, stored, typed


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(STORED_AT)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of enough commits that its log has a checkpoint."""
    path = tmp_path_factory.mktemp("filled") / "calls"
    table = CallTable(path, SteppedClock(STORED_AT))
    for number in range(60):
        table.append(typed(leg(number)))
    return path


@pytest.fixture
def table(filled: Path, tmp_path: Path, clock: SteppedClock) -> CallTable:
    return CallTable(shutil.copytree(filled, tmp_path / "calls"), clock)


@pytest.fixture
def another_file_system(tmp_path: Path) -> Iterator[Path]:
    """A folder to which no hard link can lead from ``tmp_path``: that of shared memory."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        assert Path(folder).stat().st_dev != tmp_path.stat().st_dev
        yield Path(folder)


def made(table: CallTable, folder: Path, clock: SteppedClock, keep: int = 3) -> backup.CallsChecked:
    checked = backup.back_up(table, folder, clock, keep)
    assert checked is not None
    return checked


def test_a_table_nobody_wrote_to_has_no_copy(tmp_path: Path, clock: SteppedClock) -> None:
    assert backup.back_up(CallTable(tmp_path / "none", clock), tmp_path / "b", clock, 3) is None
    assert not (tmp_path / "b").exists()


def test_a_copy_is_one_version_and_outlives_what_the_table_drops(
    table: CallTable, tmp_path: Path, clock: SteppedClock
) -> None:
    checked = made(table, tmp_path / "b", clock)
    assert (checked.records, checked.version) == (60, table.version())
    before = stored(table)
    table.append(typed(leg(60)))
    table.compact()
    clock.step(2 * 86400)
    table.vacuum(older_than_hours=0)
    assert backup.check(checked.path) == checked
    assert backup.restore(checked.path, tmp_path / "restored") == 60
    restored = CallTable(tmp_path / "restored", clock)
    assert (stored(restored), restored.version()) == (before, checked.version)
    assert restored.append(typed(leg(60))).new == 1
    assert backup.check(checked.path) == checked, "the restored table writes beside the copy, never into it"
    with pytest.raises(CallsTargetError):
        backup.restore(checked.path, tmp_path / "restored")


def test_only_the_newest_are_kept_and_nothing_half_made_stays(
    table: CallTable, tmp_path: Path, clock: SteppedClock
) -> None:
    (tmp_path / "b" / ".calls-killed.part" / "dt=2026-01-01").mkdir(parents=True)
    paths = []
    for _ in range(3):
        paths.append(made(table, tmp_path / "b", clock, keep=2).path)
        clock.step(3600)
    assert backup.copies(tmp_path / "b") == [paths[2], paths[1]]
    assert len(list((tmp_path / "b").iterdir())) == 4


def test_files_are_shared_on_one_file_system_and_copied_to_another(
    table: CallTable, tmp_path: Path, clock: SteppedClock, another_file_system: Path
) -> None:
    here, there = (made(table, folder, clock) for folder in (tmp_path / "b", another_file_system / "b"))
    assert (here.records, there.records) == (60, 60)
    assert (backup.shares_files(here.path), backup.shares_files(there.path)) == (True, False)


@pytest.mark.parametrize("harm", ["missing", "cut", "log", "count", "manifest"])
def test_a_copy_that_is_not_whole_is_found(table: CallTable, tmp_path: Path, clock: SteppedClock, harm: str) -> None:
    path = made(table, tmp_path / "b", clock).path
    manifest = path.with_name(f"{path.name}.manifest.json")
    parquet = next(path.rglob("part-*.parquet"))
    if harm == "missing":
        parquet.unlink()
    elif harm == "cut":
        content = parquet.read_bytes()
        parquet.unlink()
        parquet.write_bytes(content[:-100])
    elif harm == "log":
        sorted((path / "_delta_log").glob("*.json"))[-1].unlink()
    elif harm == "count":
        told = json.loads(manifest.read_text())
        manifest.write_text(json.dumps(told | {"records": 61}))
    else:
        manifest.unlink()
    with pytest.raises(BackupBrokenError) as broken:
        backup.check(path)
    assert str(tmp_path / "b") not in str(broken.value.facts["file"])
    with pytest.raises(BackupBrokenError):
        backup.restore(path, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_a_damaged_table_makes_no_copy_and_costs_none(table: CallTable, tmp_path: Path, clock: SteppedClock) -> None:
    good = made(table, tmp_path / "b", clock)
    clock.step(3600)
    Path(table.files()[0]).unlink()
    with pytest.raises(BackupBrokenError):
        made(table, tmp_path / "b", clock, keep=1)
    assert backup.copies(tmp_path / "b") == [good.path]
    assert len(list((tmp_path / "b").iterdir())) == 2
