"""``python -m jobs backtest`` and ``evaluate`` from file to figures, as a person runs them."""

import json
from datetime import timedelta
from pathlib import Path

from tests.conftest import PythonRunner
from tests.detection.fixtures import BEGIN, record, routine

KEYS = {"detector", "severity", "entity", "kind", "emitted_at", "evidence"}


def test_from_a_history_to_its_figures(tmp_path: Path, run_python: type[PythonRunner]) -> None:
    night = BEGIN + timedelta(days=20, hours=22)
    abuse = [record(7_000_000 + n, "ana", night + timedelta(minutes=9 * n), f"+5351234{n:04d}", 800) for n in range(8)]
    cdrs, alerts, labels, directory = (tmp_path / name for name in ("c.jsonl", "a.jsonl", "l.jsonl", "d.json"))
    cdrs.write_text("\n".join(json.dumps(each) for each in [*routine(20, ""), *abuse]))
    began = (night + timedelta(seconds=806)).timestamp()
    records = [each["Report ID"] for each in abuse]
    labels.write_text(json.dumps({"id": "1", "kind": "irsf", "began": began, "records": records}))
    directory.write_text(json.dumps({"org": "o", "locations": [], "users": [], "campaigns": []}))

    code, output = run_python(
        "-m", "jobs", "backtest", "--cdrs", str(cdrs), "--directory", str(directory), "--alerts-out", str(alerts)
    ).finish()
    assert code == 0, output
    lines = [json.loads(line) for line in alerts.read_text().splitlines()]
    assert lines
    assert all(set(line) == KEYS for line in lines)
    assert all(isinstance(line["emitted_at"], int) for line in lines)
    assert {record_id for line in lines for record_id in line["evidence"]} <= set(records)

    code, output = run_python(
        "-m", "jobs", "evaluate", "--alerts", str(alerts), "--labels", str(labels), "--cdrs", str(cdrs)
    ).finish()
    assert code == 0, output
    figures = output.splitlines()[1].split()
    assert figures[:3] == ["tollwatch", "1.000", "1.000"]
    assert "isolation forest" in output


def test_a_broken_directory_is_refused_with_a_remedy(tmp_path: Path, run_python: type[PythonRunner]) -> None:
    (tmp_path / "c.jsonl").write_text(json.dumps(record(1, "ana", BEGIN, "+573101234567", 60)))
    (tmp_path / "d.json").write_text("[1")
    code, output = run_python(
        "-m", "jobs", "backtest", "--cdrs", str(tmp_path / "c.jsonl"), "--directory", str(tmp_path / "d.json"),
        "--alerts-out", str(tmp_path / "a.jsonl"),
    ).finish()  # fmt: skip
    assert code == 1
    assert "--directory" in output
