"""The sidecar's Webex jobs: what they do when connected, when not, and with arguments."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.errors import InvalidInputError
from core.services import Services
from core.store.engine import Database
from core.webex import cursors
from core.webex.errors import NeedsAuthorisationError
from jobs.ingest import ingest, instant
from jobs.refresh_tokens import refresh_tokens
from jobs.registry import JobContext
from jobs.rescan import rescan
from jobs.schedule import JOBS
from jobs.sync_directory import sync_directory
from tests.conftest import PythonRunner
from tests.webex.conftest import connect, services_for
from tests.webex.feeding import end_call, stored
from tests.webex.scripted_cloud import RunningCloud, ScriptedCloud


@pytest.fixture
def cloud(clock: SteppedClock) -> Iterator[ScriptedCloud]:
    with RunningCloud(ScriptedCloud(clock=clock)) as running:
        yield running


@pytest.fixture
def services(cloud: ScriptedCloud, sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    return services_for(cloud, sqlite_database, clock, tmp_path, webex_feed_history_days=2)


def test_all_four_are_scheduled() -> None:
    assert {"ingest", "sync_directory", "refresh_tokens", "rescan"} <= {job.name for job in JOBS}


def test_without_a_connection_nothing_is_asked_and_nothing_fails(services: Services, cloud: ScriptedCloud) -> None:
    for job in (ingest, rescan, sync_directory):
        assert job(JobContext(services)) == {"state": "not_connected"}
    assert refresh_tokens(JobContext(services)) == {"admin": "disconnected", "compliance": "disconnected"}
    assert cloud.seen == []


def test_ingest_counts_what_it_stored_and_takes_a_stretch(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    now = services.clock.now()
    identity = end_call(cloud, 1, now - timedelta(hours=20))
    assert ingest(JobContext(services))["new"] == 1
    arguments = {"since": (now - timedelta(hours=21)).isoformat(), "until": (now - timedelta(hours=19)).isoformat()}
    assert ingest(JobContext(services, arguments=arguments))["duplicate"] == 1
    assert stored(services) == [identity]


def test_rescan_leaves_a_gap_that_survives_a_kill(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    ingest(JobContext(services))
    outcome = rescan(JobContext(services))
    with services.database.read() as session:
        gaps = cursors.read_calls(session).gaps
    assert [gap.since.isoformat() for gap in gaps] == [outcome["since"]]


def test_tokens_are_renewed_when_due_or_when_asked(
    services: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    connect(services, cloud)
    assert refresh_tokens(JobContext(services))["admin"] == "fresh"
    assert refresh_tokens(JobContext(services, arguments={"kind": "admin", "force": True})) == {"admin": "renewed"}
    clock.step(cloud.access_lifetime - 3600)
    assert refresh_tokens(JobContext(services))["admin"] == "renewed"
    cloud.refresh_tokens.clear()
    with pytest.raises(NeedsAuthorisationError):
        refresh_tokens(JobContext(services, arguments={"kind": "admin", "force": True}))
    assert refresh_tokens(JobContext(services))["admin"] == "needs_authorisation"


def test_a_time_that_is_none_is_told() -> None:
    with pytest.raises(InvalidInputError):
        instant("yesterday", "since")


def test_the_command_needs_no_secret_key_and_names_a_rejected_token(
    run_python: type[PythonRunner], tmp_path: Path
) -> None:
    with RunningCloud(ScriptedCloud()) as cloud:
        cloud.tokens.clear()
        code, output = run_python(
            "-m", "jobs", "ingest", SANDBOX="0", DATA_DIR=str(tmp_path), WEBEX_ACCESS_TOKEN="any",
            WEBEX_API_URL=cloud.url, WEBEX_ANALYTICS_URL=cloud.url, ALLOW_INSECURE_ENDPOINTS="1",
        ).finish()  # fmt: skip
    assert code == 1
    assert "WEBEX_ACCESS_TOKEN" in output
    assert "Traceback" not in output
