from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from core.calls import import_marks, imports
from core.calls.ingest import IngestCounts
from core.calls.sources import read_batches
from core.errors import InvalidInputError, TollwatchError
from core.services import Services, open_services
from core.settings import Settings
from core.store.crash_points import KILLED
from jobs.export_calls import export_calls, moment
from jobs.import_calls import run_import
from tests.calls.records import START, leg
from tests.conftest import PythonRunner

LEGS = [leg(number) for number in range(30)]


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    opened = open_services(settings)
    yield opened
    opened.database.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(b"\n".join([*map(orjson.dumps, LEGS), b"oops"]))
    return path


def silent(_done: int, _total: int | None, _doing: str) -> None:
    """No progress bar."""


def test_importing_twice_adds_nothing_and_the_last_line_says_so(tmp_path: Path, file: Path) -> None:
    folder = str(tmp_path / "var")
    first = PythonRunner("-m", "jobs", "import", str(file), DATA_DIR=folder).finish()
    again = PythonRunner("-m", "jobs", "import", str(file), DATA_DIR=folder).finish()
    assert (first[0], again[0]) == (0, 0)
    assert first[1].splitlines()[-1] == "read 31 · new 30 · duplicate 0 · replaced 0 · quarantined 1"
    assert again[1].splitlines()[-1] == "read 31 · new 0 · duplicate 30 · replaced 0 · quarantined 1"
    assert "calls.jsonl" in first[1]


def test_a_bad_file_does_not_cost_the_next_one(services: Services, tmp_path: Path, file: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(orjson.dumps({"items": [leg(99), leg(98)]})[:-40])
    failed: list[tuple[Path, TollwatchError]] = []
    counts = run_import(
        services, [bad, file], progress=silent, failed=lambda path, error: failed.append((path, error)), by="ana"
    )
    assert counts == IngestCounts(read=32, new=31, quarantined=1)
    assert [path for path, _ in failed] == [bad]
    with services.database.read() as session:
        told = {batch.origin: (batch.state, batch.new, batch.started_by) for batch in imports.listed(session)}
    assert told == {"bad.json": ("failed", 1, "ana"), "calls.jsonl": ("done", 30, "ana")}


@pytest.mark.faults
def test_a_killed_import_is_known_as_such_and_closed_by_the_next(services: Services, file: Path) -> None:
    folder = str(services.settings.data_dir)
    killed = PythonRunner("-m", "jobs", "import", str(file), DATA_DIR=folder, TOLLWATCH_CRASH_AT="calls.committed")
    assert killed.finish()[0] == KILLED
    with services.database.read() as session:
        (left,) = imports.running(session)
    assert not import_marks.is_alive(services.settings, left.id)

    with import_marks.under_way(services, origin="next.csv", by="ana") as going:
        assert import_marks.is_alive(services.settings, going)
        assert import_marks.settle(services) == 0
        with services.database.read() as session:
            told = {batch.id: (batch.state, imports.problem_of(batch)) for batch in imports.listed(session)}
    assert told == {going: ("running", None), left.id: ("failed", {"code": "import_interrupted", "facts": {}})}

    assert import_marks.settle(services) == 1
    assert run_import(services, [file], progress=silent) == IngestCounts(read=31, duplicate=30, quarantined=1)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_an_export_has_the_original_keys_and_imports_as_nothing_new(
    services: Services, tmp_path: Path, file: Path, suffix: str
) -> None:
    run_import(services, [file], progress=silent)
    out = tmp_path / f"out.{suffix}"
    assert export_calls(services.calls, out) == 30
    found: list[dict[str, Any]] = [record for batch in read_batches(out) for record in batch.records]
    assert {record["Report ID"] for record in found} == {record["Report ID"] for record in LEGS}
    assert list(found[0]) == list(LEGS[0])
    assert run_import(services, [out], progress=silent) == IngestCounts(read=30, duplicate=30)
    assert not list(tmp_path.glob(".*partial"))


def test_an_export_keeps_to_its_period_and_to_its_formats(services: Services, tmp_path: Path, file: Path) -> None:
    run_import(services, [file], progress=silent)
    out = tmp_path / "out.parquet"
    start = START.replace(tzinfo=None)
    assert export_calls(services.calls, out, since=start) == 30
    assert export_calls(services.calls, out, until=start) == 0
    assert pq.read_table(out).num_rows == 0
    assert moment("2026-11-20", "until", end_of_day=True) == moment("2026-11-21T00:00Z", "until", end_of_day=True)
    for attempt in (
        lambda: export_calls(services.calls, tmp_path / "out.doc"),
        lambda: moment("x", "since", end_of_day=False),
    ):
        with pytest.raises(InvalidInputError):
            attempt()
