"""A table of calls whose log is damaged says so, to readers and writers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.calls.day_table import CallsDamagedError
from core.calls.normalise import normalise_records
from core.calls.table import CallTable
from tests.calls.records import leg
from tests.conftest import NOON


def commit(log: Path, number: int) -> Path:
    return log / f"{number:020}.json"


def append(table: CallTable, number: int) -> None:
    table.append(normalise_records([leg(number)], source="import", stored_at=NOON).table)


@pytest.mark.parametrize(
    "damage",
    [
        lambda log: commit(log, 1).unlink(),
        lambda log: commit(log, 0).unlink(),
        lambda log: commit(log, 1).write_text("no json"),
    ],
    ids=["gap", "no beginning", "unreadable"],
)
def test_a_damaged_log_is_called_so(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    for number in range(1, 4):
        append(CallTable(tmp_path / "calls"), number)
    damage(tmp_path / "calls" / "_delta_log")
    table = CallTable(tmp_path / "calls")
    with pytest.raises(CallsDamagedError) as damaged:
        table.version()
    with pytest.raises(CallsDamagedError):
        append(table, 4)
    assert damaged.value.facts == {"file": "calls"}
    assert "import" in damaged.value.remedy()
