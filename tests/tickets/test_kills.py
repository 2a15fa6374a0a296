"""kill -9 between any two steps of escalation and of what it tells: never lost, at most doubled, with the same id."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.store.crash_points import KILLED
from core.store.engine import Database
from core.tickets import work
from core.tickets.create import NewTicket
from core.tickets.policies import Step
from tests.conftest import PythonRunner
from tests.notify.receivers import Mailman
from tests.tickets.desk import actions, follows, mails, person, promise
from tests.waiting import until

pytestmark = pytest.mark.faults
POINTS = ("tickets.step_told", "tickets.step_committed", "outbox.handed_over")


def run(database: Database, folder: Path, mailman: Mailman, crash_at: str = "") -> tuple[int, str]:
    arguments = ("-m", "tests.tickets.escalation_process", database.url, str(folder), str(mailman.port))
    return PythonRunner(*arguments, **({"TOLLWATCH_CRASH_AT": crash_at} if crash_at else {})).finish()


def survives(database: Database, folder: Path, mailman: Mailman, point: str) -> None:
    """Kill a process at ``point``, let another go on: the step was taken once, its mail is there, under one id."""
    person(database, "lea@example.com")
    promise(database, "medium", 1, 60, Step("own", 0, "notify_lead"))
    with database.write() as session:
        number = work.create(session, NewTicket("x"), actor="ana", at=SystemClock().now() - timedelta(minutes=5))
    code, output = run(database, folder, mailman, point)
    assert code == KILLED, output

    def is_told() -> bool:
        ended, told = run(database, folder, mailman)
        assert ended == 0, told
        return bool(mailman.mails())

    until(is_told, 60)
    assert actions(database, number) == ["created", "escalated"]
    assert mails(database) == [("lead_told", "lea@example.com")]
    copies = mailman.mails()
    assert len(copies) <= 2
    assert len({mail["Message-ID"] for mail in copies}) == 1
    assert follows(database, number)


@pytest.mark.parametrize("point", POINTS)
def test_a_step_survives_the_death_of_who_took_it(
    sqlite_database: Database, tmp_path: Path, mailman: Mailman, point: str
) -> None:
    survives(sqlite_database, tmp_path, mailman, point)


def test_it_survives_on_postgresql_too(postgres_database: Database, tmp_path: Path, mailman: Mailman) -> None:
    survives(postgres_database, tmp_path, mailman, "tickets.step_taken")
