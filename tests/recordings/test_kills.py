"""kill -9 at every point of every step, in real processes: the next one goes on, nothing is lost, nothing twice."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.clock import SteppedClock
from core.recordings import steps, work
from core.recordings.retention import retain
from core.sandbox.tenant import TenantOptions
from core.store.crash_points import KILLED
from core.store.engine import Database
from core.store.models.recordings import RecordingCueRow, RecordingSummaryRow, RecordingWordRow
from tests.conftest import NOON, PythonRunner
from tests.recordings.conftest import Recorder, recorder_for
from tests.sandbox.conftest import RunningCloud

POINTS = ("began", "got", "stored")
RUN = (
    "import json, sys; from datetime import datetime; from core.clock import SteppedClock;"
    " from core.services import open_services; from jobs import process_recordings as file;"
    " from jobs.registry import JobContext; clock = SteppedClock(datetime.fromisoformat(sys.argv[2]));"
    " print(file.process_recordings(JobContext(open_services(clock=clock), arguments=json.loads(sys.argv[1]))))"
)
BETWEEN_RUNS = 5.0
"""Seconds on the tests' clock from one process to the next."""

pytestmark = pytest.mark.faults


@pytest.fixture
def present(tmp_path: Path, sqlite_database: Database) -> Iterator[Recorder]:
    """A pretend cloud whose time the killed processes are told."""
    options = TenantOptions(tmp_path / "cloud", people=60, history_days=4, live_incidents=False)
    cloud = RunningCloud(options, SteppedClock(NOON))
    recorder = recorder_for(sqlite_database, cloud, tmp_path)
    recorder.connect()
    for kept in recorder.kept():
        recorder.trouble(kept["id"], "none")
    yield recorder
    cloud.stop()


def run(recorder: Recorder, crash_at: str = "", **arguments: Any) -> int:
    settings = recorder.services.settings
    recorder.clock.step(BETWEEN_RUNS)
    at = recorder.clock.now().isoformat()
    environment = {
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": recorder.services.database.url,
        "SANDBOX_PORT": str(settings.sandbox_port),
    }
    code, output = PythonRunner(
        "-c", RUN, json.dumps(arguments), at, TOLLWATCH_CRASH_AT=crash_at, **environment
    ).finish()
    assert code in (0, KILLED), output
    return code


def count(recorder: Recorder, table: type) -> int:
    with recorder.services.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_every_step_survives_a_kill_at_every_point(present: Recorder) -> None:
    assert run(present, "recordings.page_stored", hours=100, limit=1) == KILLED
    (first,) = present.rows()
    for step in steps.RUN:
        for point in POINTS:
            crash_at = f"recordings.{step}.{point}"
            assert run(present, crash_at, ids=[first.id], limit=1) == KILLED, crash_at
    assert run(present, limit=1) == 0
    first = present.row(first.webex_id_as_given)
    assert first.state == "completed"
    assert [step.attempts for step in present.steps(first).values()] == [3] * 6
    assert present.audio(first).stat().st_size == first.promised_bytes
    with present.services.database.read() as session:
        mine = select(RecordingSummaryRow).where(RecordingSummaryRow.recording_id == first.id)
        assert len(session.scalars(mine).all()) == 1
        cues = steps.stored_cues(session, first.id)
    assert len(cues) == first.cue_count > 0
    incoming = present.services.settings.data_dir / "recordings" / "incoming"
    assert list(incoming.iterdir()) == []


def test_a_step_that_kills_its_process_again_and_again_is_left_alone(present: Recorder) -> None:
    assert run(present, "recordings.page_stored", hours=100, limit=1) == KILLED
    (row,) = present.rows()
    for _ in range(3):
        assert run(present, "recordings.download_audio.began", ids=[row.id], limit=1) == KILLED
    assert run(present, ids=[row.id], limit=1) == 0
    row = present.row(row.webex_id_as_given)
    step = present.steps(row)["download_audio"]
    assert (step.state, step.error_code, step.next_at) == ("failed", "recording_step_died", None)
    assert row.state == "partial"
    assert present.steps(row)["transcript"].state == "done", "what can be done is done"


def test_a_deleted_one_is_emptied_after_its_grace_and_all_go_after_their_retention(
    present: Recorder,
) -> None:
    services, clock = present.services, present.clock
    assert run(present, hours=100, limit=2) == 0
    first, second = present.rows()[:2]
    with services.database.write() as session:
        work.delete(session, first.id, reason="Private", actor="ana", at=clock.now())
    assert present.audio(first).exists()
    clock.step(31 * 86_400)
    retained = retain(services, lambda: False, lambda _session: None)
    assert (retained.emptied, retained.removed) == (1, 0)
    assert not present.audio(first).exists()
    assert present.audio(second).exists()
    emptied = present.row(first.webex_id_as_given)
    assert (emptied.is_emptied, emptied.caller_number, emptied.waveform) == (True, "", None)
    clock.step(400 * 86_400)
    assert retain(services, lambda: False, lambda _session: None).removed == 2
    assert present.rows() == []
    assert count(present, RecordingCueRow) == count(present, RecordingWordRow) == 0
    kept = services.settings.data_dir / "recordings"
    assert not list(kept.rglob("*.mp3"))
