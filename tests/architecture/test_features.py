"""docs/features.csv keeps the state of every row that was asked for."""

import ast
import csv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TABLE = ROOT / "docs" / "features.csv"
ROWS_PER_SOURCE = {"S0": 39, "S1": 31, "S2": 38, "S3": 26, "S4": 48}
STATES = {"done", "partial", "planned", "declined"}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_stands_exactly_once() -> None:
    wanted = [f"{source}-{n:02d}" for source, count in ROWS_PER_SOURCE.items() for n in range(1, count + 1)]
    assert [row["id"] for row in rows()] == wanted


def test_states_are_known_and_reasons_given() -> None:
    wrong = [row["id"] for row in rows() if row["status"] not in STATES]
    silent = [row["id"] for row in rows() if row["status"] in {"done", "partial", "declined"} and not row["where"]]
    assert (wrong, silent) == ([], [])


@pytest.mark.parametrize("row", [row for row in rows() if row["status"] == "done"], ids=lambda row: row["id"])
def test_what_is_called_done_has_its_test(row: dict[str, str]) -> None:
    assert row["test"], "a row called done names its test"
    for named in row["test"].split(" "):
        path, _, function = named.partition("::")
        assert (ROOT / path).is_file(), f"{path} does not exist"
        if function:
            defined = {
                node.name
                for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            }
            assert function in defined, f"{path} defines no {function}"
