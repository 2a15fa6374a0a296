"""``python -m jobs journeys``: a file rebuilt aside, and the store brought up to date."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PythonRunner
from tests.journeys.golden import GOLDEN
from tests.journeys.tenant import distinct_calls

HISTORY = distinct_calls(GOLDEN)
ASKED_KEYS = {
    "journey_id", "correlation_ids", "report_ids", "started", "direction", "caller", "called", "route", "stages",
    "t_aa", "t_queue_1", "t_agent", "talk_seconds", "hold_seconds", "final_party", "result", "released_by",
}  # fmt: skip
STAGE_KEYS = {"kind", "name", "entered", "left", "seconds"}


def _records() -> list[dict[str, Any]]:
    return [record for golden in HISTORY for record in golden.records]


def _write_jsonl(path: Path) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in _records()), encoding="utf-8")


def _write_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(_records()[0]))
        writer.writeheader()
        writer.writerows(
            {key: value if value != "" else "NA" for key, value in record.items()} for record in _records()
        )


@pytest.mark.parametrize(("name", "write"), [("legs.jsonl", _write_jsonl), ("legs.csv", _write_csv)])
def test_a_file_is_rebuilt_to_one_line_a_call(
    tmp_path: Path, run_python: type[PythonRunner], name: str, write: Any
) -> None:
    write(tmp_path / name)
    out = tmp_path / "out.jsonl"
    code, output = run_python(
        "-m", "jobs", "journeys", "--quiet", "--cdrs", str(tmp_path / name), "--out", str(out), DATA_DIR=str(tmp_path)
    ).finish()
    assert code == 0, output
    calls = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(calls) == len(HISTORY)
    assert all(call.keys() >= ASKED_KEYS for call in calls)
    assert all(stage.keys() >= STAGE_KEYS for call in calls for stage in call["stages"])
    found = {frozenset(call["report_ids"]): call for call in calls}
    for golden in HISTORY:
        call = found[frozenset(record["Report ID"] for record in golden.records)]
        told = {key: value for key, value in golden.expected.items() if key in call and key != "rings"}
        assert {key: call[key] for key in told if key != "gaps"} == {
            key: value for key, value in told.items() if key != "gaps"
        }


def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, run_python: type[PythonRunner]) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html><body>Sign in</body></html>", encoding="utf-8")
    out = tmp_path / "out.jsonl"
    code, output = run_python(
        "-m", "jobs", "journeys", "--quiet", "--cdrs", str(path), "--out", str(out), DATA_DIR=str(tmp_path)
    ).finish()
    assert code == 1
    assert "page.html" in output
    assert "Traceback" not in output
    assert not out.exists()


def test_the_store_is_brought_up_to_date(tmp_path: Path, run_python: type[PythonRunner]) -> None:
    _write_jsonl(tmp_path / "legs.jsonl")
    code, output = run_python(
        "-m", "jobs", "import", "--quiet", str(tmp_path / "legs.jsonl"), DATA_DIR=str(tmp_path)
    ).finish()
    assert code == 0, output
    code, output = run_python("-m", "jobs", "journeys", DATA_DIR=str(tmp_path)).finish()
    assert code == 0, output
    assert f"calls rebuilt {len(HISTORY)}" in output
    code, output = run_python("-m", "jobs", "journeys", DATA_DIR=str(tmp_path)).finish()
    assert "calls rebuilt 0" in output
