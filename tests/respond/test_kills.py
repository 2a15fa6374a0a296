"""kill -9 between every two steps of an answer, in real processes, on both databases: nothing lost, nothing twice."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.alerts import timeline
from core.clock import SteppedClock, SystemClock
from core.respond.applying import apply, undo
from core.sandbox.tenant import TenantOptions
from core.store.crash_points import KILLED
from core.store.engine import Database
from core.store.models.alerts import AlertRow
from core.store.models.responses import ResponseChange, ResponseRow, SettingChange
from core.webex.call_settings_shape import same
from tests.conftest import PythonRunner
from tests.respond.alerts import raise_alert
from tests.respond.conftest import WRITING, Desk, desk_for
from tests.sandbox.conftest import RunningCloud

APPLY = ("respond.saved", "respond.sent", "respond.read_back", "respond.closed", "respond.finished")
UNDO = ("respond.sent", "respond.closed")
RUN = (
    "from core.services import open_services; from jobs.respond import respond; from jobs.poll_settings import poll;"
    " from jobs.registry import JobContext; import sys;"
    " print((respond if sys.argv[1] == 'respond' else poll)(JobContext(open_services())))"
)

pytestmark = pytest.mark.faults


@pytest.fixture
def present_cloud(tmp_path: Path) -> Iterator[RunningCloud]:
    """A pretend cloud at the present time, which the killed processes live in."""
    options = TenantOptions(tmp_path / "cloud", people=24, history_days=1, live_incidents=False)
    running = RunningCloud(options, SteppedClock(SystemClock().now()))
    yield running
    running.stop()


@pytest.fixture
def desk(database: Database, present_cloud: RunningCloud, tmp_path: Path) -> Desk:
    return desk_for(database, present_cloud, tmp_path, WRITING)


@pytest.fixture
def small_desk(sqlite_database: Database, present_cloud: RunningCloud, tmp_path: Path) -> Desk:
    return desk_for(sqlite_database, present_cloud, tmp_path, WRITING)


def run(desk: Desk, job: str, crash_at: str = "") -> int:
    settings = desk.services.settings
    environment = {
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": desk.services.database.url,
        "SANDBOX_PORT": str(settings.sandbox_port),
    }
    code, output = PythonRunner("-c", RUN, job, TOLLWATCH_CRASH_AT=crash_at, **environment).finish()
    assert code in (0, KILLED), output
    return code


def test_an_answer_survives_kills_and_is_undone_to_what_was_first_saved(desk: Desk) -> None:
    person = desk.somebody().uuid
    before = desk.setting(person, "outgoingPermission")
    alert = raise_alert(desk, person)
    keys = [f"block_calls:{person}", f"intercept:{person}"]
    number = apply(desk.services, alert, keys, actor="Ana", consent=True)
    for step in APPLY[:4]:
        assert run(desk, "respond", step) == KILLED, step
    assert run(desk, "respond") == 0
    with desk.services.database.read() as session:
        changes = session.scalars(select(ResponseChange).where(ResponseChange.response_id == number)).all()
        assert {change.state for change in changes} == {"applied"}
        assert changes[0].before == before
    assert desk.setting(person, "intercept")["enabled"]
    undo(desk.services, number, actor="Ana", consent=True)
    for step in UNDO:
        run(desk, "respond", step)
    assert run(desk, "respond") == 0
    assert same("outgoing_permission", desk.setting(person, "outgoingPermission"), before)
    assert not desk.setting(person, "intercept")["enabled"]
    with desk.services.database.read() as session:
        told = Counter(row.action for row in timeline.entries(session, alert))
        assert session.get_one(ResponseRow, number).state == "undone"
    assert told["response_applied"] == told["response_undone"] == 1


def test_a_change_found_by_the_poll_is_told_once_whenever_it_is_killed(small_desk: Desk) -> None:
    desk = small_desk
    person = desk.somebody().uuid
    run(desk, "poll")
    held = desk.setting(person, "callForwarding")["callForwarding"]["always"]
    body = {"callForwarding": {"always": {**held, "enabled": True, "destination": "+881651234567"}}}
    desk.change(person, "callForwarding", body)
    for step in ("settings.read:9", "settings.written:5"):
        run(desk, "poll", step)
    assert run(desk, "poll") == 0
    with desk.services.database.read() as session:
        assert len(session.scalars(select(SettingChange)).all()) == 1
        assert len(session.scalars(select(AlertRow)).all()) == 1
