"""The keeper killed at the moments that matter: no call is made twice, none is left open."""

import pytest

from core.store.crash_points import KILLED
from core.store.engine import Database
from tests.conftest import PythonRunner
from tests.dialer.keeping import Asterisk, call, dial, ended, hang_up, has_status, keeper
from tests.waiting import until

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("moment", ["dialer.taken", "dialer.sent", "dialer.heard", "dialer.stored:2"])
def test_a_killed_keeper_leaves_nothing_twice_and_nothing_open(
    moment: str, sqlite_database: Database, exchange: Asterisk
) -> None:
    database = sqlite_database
    call_id = dial(database, "+576015550133", ring_seconds=60)
    program = ("-m", "tests.dialer.keeper_process", database.url, str(exchange.port))
    killed = PythonRunner(*program, TOLLWATCH_CRASH_AT=moment)
    assert killed.finish()[0] == KILLED, killed.shown()
    with keeper(database, exchange.address()):
        if moment != "dialer.taken":
            has_status(database, call_id, "answered")
            hang_up(database, call_id)
        row = ended(database, call_id)
    assert exchange.exchange.originated == ([] if moment == "dialer.taken" else [row.channel_id])
    assert (row.status, row.detail) == (
        ("failed", "unobserved") if moment == "dialer.taken" else ("completed", "")
    )  # fmt: skip


def test_a_call_outlives_kill_9_of_its_keeper(sqlite_database: Database, exchange: Asterisk) -> None:
    call_id = dial(sqlite_database, "+576015550133")
    running = PythonRunner("-m", "tests.dialer.keeper_process", sqlite_database.url, str(exchange.port))
    has_status(sqlite_database, call_id, "answered")
    running.process.kill()
    running.finish()
    hang_up(sqlite_database, call_id)
    assert call(sqlite_database, call_id).is_open
    with keeper(sqlite_database, exchange.address()):
        assert ended(sqlite_database, call_id).status == "completed"
        until(lambda: not exchange.exchange.channels)
