"""The labelled history that ``python -m core.sandbox export`` writes."""

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.__main__ import main


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("history")
    paths = {name: folder / file for name, file in (("c", "c.jsonl.gz"), ("d", "d.json"), ("l", "l.json"))}
    arguments = ["export", "--days", "6", "--seed", "3", "--people", "20", "--incidents", "9", "--until", "2026-11-20"]
    options = ["--cdrs", str(paths["c"]), "--directory", str(paths["d"]), "--labels", str(paths["l"])]
    assert main([*arguments, *options]) == 0
    return paths


def records(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_every_labelled_record_is_in_the_history(files: dict[str, Path]) -> None:
    written = {record["Report ID"] for record in records(files["c"])}
    labels = json.loads(files["l"].read_text())
    assert len(labels) == 9
    for label in labels:
        found = set(label["report_ids"]) & written
        assert found == set(label["report_ids"]) or label["kind"] == "slow_drip"
        assert found


def test_the_first_part_is_quiet_and_both_strengths_occur(files: dict[str, Path]) -> None:
    labels = json.loads(files["l"].read_text())
    assert {label["strength"] for label in labels} == {1.0, 0.5}
    first = min(record["Start time"] for record in records(files["c"]))
    assert min(label["started"] for label in labels) > _epoch(first) + 2 * 86_400


def test_the_directory_knows_everybody_in_the_records(files: dict[str, Path]) -> None:
    directory = json.loads(files["d"].read_text())
    assert directory.keys() == {"org", "locations", "users", "campaigns"}
    locations = {location["uuid"] for location in directory["locations"]}
    users = {user["uuid"]: user for user in directory["users"]}
    for record in records(files["c"]):
        assert users[record["User UUID"]]["location"] == record["Site UUID"]
        assert record["Site UUID"] in locations
    assert all(set(campaign["users"]) <= users.keys() for campaign in directory["campaigns"])


def test_the_same_command_writes_the_same_records(files: dict[str, Path], tmp_path: Path) -> None:
    again = tmp_path / "again.jsonl.gz"
    arguments = ["export", "--days", "6", "--seed", "3", "--people", "20", "--incidents", "9", "--until", "2026-11-20"]
    main([*arguments, "--cdrs", str(again)])
    assert records(again) == records(files["c"])


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
