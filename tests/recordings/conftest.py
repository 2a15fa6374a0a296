"""What the pipeline's tests share: a pretend cloud with recordings, and a product that lists and processes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.calls.table import CallTable
from core.clock import SteppedClock
from core.recordings.pipeline import steps_of
from core.sandbox.connect import connect_sandbox
from core.sandbox.tenant import TenantOptions
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from core.store.models.recordings import RecordingRow, RecordingStepRow
from core.webex.directory_sync import sync_directory
from jobs.process_recordings import process_recordings
from jobs.registry import JobContext
from tests.conftest import NOON
from tests.sandbox.conftest import RunningCloud


@dataclass
class Recorder:
    """A product connected to a pretend cloud that shares its clock."""

    services: Services
    cloud: RunningCloud
    clock: SteppedClock

    def run(self, **arguments: Any) -> Mapping[str, Any]:
        """One run of the job."""
        return process_recordings(JobContext(self.services, arguments=arguments))

    def connect(self, kind: Any = "compliance") -> None:
        """Connect one of the two, as the consent page does; a moment passes."""
        self.clock.step(1)
        connect_sandbox(self.services, kind=kind)

    def rows(self) -> list[RecordingRow]:
        """The recordings, newest first."""
        with self.services.database.read() as session:
            return list(session.scalars(select(RecordingRow).order_by(RecordingRow.recorded_at.desc())))

    def row(self, webex_id: str) -> RecordingRow:
        """The recording that the cloud calls so."""
        return next(row for row in self.rows() if row.webex_id_as_given == webex_id)

    def steps(self, row: RecordingRow) -> dict[str, RecordingStepRow]:
        """The steps of a recording by name."""
        with self.services.database.read() as session:
            return {step.step: step for step in steps_of(session, row.id)}

    def kept(self) -> list[dict[str, Any]]:
        """What the cloud holds, newest first."""
        items: list[dict[str, Any]] = self.cloud.http.get("/_sandbox/recordings").json()["items"]
        return items

    def trouble(self, webex_id: str, trouble: str) -> None:
        """Let something be wrong with a recording."""
        self.cloud.control("recordings", id=webex_id, trouble=trouble)

    def audio(self, row: RecordingRow) -> Path:
        """Where the audio of a recording lies."""
        return self.services.settings.data_dir / row.audio_path


def recorder_for(database: Database, cloud: RunningCloud, folder: Path, **settings: Any) -> Recorder:
    """A product whose administrator is connected and whose directory is read."""
    loaded = load_settings({"data_dir": folder / "product", "sandbox_port": cloud.port, **settings})
    services = Services(loaded, cloud.clock, database, CallTable(loaded.calls_path))
    connect_sandbox(services)
    sync_directory(services, lambda _done, _total, _doing: None, lambda: False)
    return Recorder(services, cloud, cloud.clock)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RunningCloud]:
    """A cloud of two dozen people with four recordings of the last day and one that is older."""
    options = TenantOptions(tmp_path / "cloud", people=24, history_days=3, live_incidents=False)
    running = RunningCloud(options, SteppedClock(NOON))
    yield running
    running.stop()


@pytest.fixture
def recorder(sqlite_database: Database, cloud: RunningCloud, tmp_path: Path) -> Recorder:
    """A product with both connections."""
    made = recorder_for(sqlite_database, cloud, tmp_path)
    made.connect()
    return made


@pytest.fixture
def unheard(sqlite_database: Database, cloud: RunningCloud, tmp_path: Path) -> Recorder:
    """A product without a compliance officer."""
    return recorder_for(sqlite_database, cloud, tmp_path)
