"""kill -9 between any two steps of the outbox, in real processes: never lost, at most doubled, with the same id."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.services import Services
from core.store.crash_points import KILLED
from core.store.engine import Database
from tests.conftest import PythonRunner
from tests.notify.conftest import add_channel, add_rule, messages, services_over, tell
from tests.notify.receivers import Mailman
from tests.waiting import until

pytestmark = pytest.mark.faults
STEPS = ("outbox.claimed", "outbox.handed_over", "outbox.noted")


def on_the_machines_clock(database: Database, folder: Path, mailman: Mailman) -> Services:
    """Services as the killed processes have them."""
    return services_over(
        database, SystemClock(), folder, smtp_host="127.0.0.1", smtp_port=mailman.port, smtp_security="none"
    )


@pytest.fixture
def on_sqlite(sqlite_database: Database, tmp_path: Path, mailman: Mailman) -> Services:
    """Services where the kind of database does not matter."""
    return on_the_machines_clock(sqlite_database, tmp_path, mailman)


def run(services: Services, mailman: Mailman, work: str, crash_at: str = "") -> tuple[int, str]:
    """One run of the other process, killed at that step."""
    arguments = ("-m", "tests.notify.sender_process", services.database.url)
    environment = {"TOLLWATCH_CRASH_AT": crash_at} if crash_at else {}
    folder = str(services.settings.data_dir.parent)
    return PythonRunner(*arguments, folder, str(mailman.port), work, **environment).finish()


@pytest.mark.parametrize("step", STEPS)
def test_a_message_survives_the_death_of_its_sender(on_sqlite: Services, mailman: Mailman, step: str) -> None:
    survives(on_sqlite, mailman, step)


def test_it_survives_on_postgresql_too(postgres_database: Database, tmp_path: Path, mailman: Mailman) -> None:
    survives(on_the_machines_clock(postgres_database, tmp_path, mailman), mailman, "outbox.handed_over")


def survives(real_time: Services, mailman: Mailman, step: str) -> None:
    """Kill a sender at ``step``, then let others send: the message is there, at most twice, under one id."""
    add_rule(real_time, add_channel(real_time))
    tell(real_time)
    code, output = run(real_time, mailman, "send", step)
    assert code == KILLED, output

    def is_sent() -> bool:
        ended, told = run(real_time, mailman, "send")
        assert ended == 0, told
        return messages(real_time)[0].state == "sent"

    until(is_sent, 60)
    (row,) = messages(real_time)
    copies = mailman.mails()
    assert len(copies) == (2 if step == "outbox.handed_over" else 1)
    assert {mail["Message-ID"] for mail in copies} == {f"<{row.message_id}@desk.example.com>"}


def test_a_digest_survives_too_and_tells_each_item_once(on_sqlite: Services, mailman: Mailman) -> None:
    add_rule(on_sqlite, add_channel(on_sqlite), delivery="hourly")
    for number in range(3):
        tell(on_sqlite, number, at=SystemClock().now() - timedelta(days=365))
    code, output = run(on_sqlite, mailman, "send", "outbox.collected")
    assert code == KILLED, output
    assert {row.state for row in messages(on_sqlite)} == {"collecting"}, "nothing of it was committed"
    assert run(on_sqlite, mailman, "send")[0] == 0
    assert [row.state for row in messages(on_sqlite)] == ["collected"] * 3 + ["sent"]
    assert len(mailman.taken) == 1


def test_what_dies_with_its_change_is_not_told(on_sqlite: Services, mailman: Mailman) -> None:
    add_rule(on_sqlite, add_channel(on_sqlite))
    code, output = run(on_sqlite, mailman, "announce", "outbox.written")
    assert code == KILLED, output
    assert messages(on_sqlite) == []
    assert run(on_sqlite, mailman, "announce")[0] == 0
    assert [row.state for row in messages(on_sqlite)] == ["queued"]
