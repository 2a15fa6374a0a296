"""kill -9 between any two steps of telling of a visit: never lost, at most doubled, with the same id."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.store.crash_points import KILLED
from core.store.engine import Database
from core.visits import timeline, work
from tests.conftest import PythonRunner
from tests.notify.receivers import Mailman
from tests.tickets.desk import make, seen
from tests.visits.desk import grace, invitations, luisa, new_visit
from tests.waiting import until

pytestmark = pytest.mark.faults

PEOPLE = ("gerencia@nandu.example", "luisa@example.com")
TOLD = {"remind": ("reminded", "REQUEST", 0), "move": ("moved", "REQUEST", 1), "cancel": ("cancelled", "CANCEL", 1)}
"""What the timeline calls each deed, and how calendars learn of it: method and sequence."""

KILLS = [
    ("remind", "outbox.written:1"),
    ("remind", "outbox.written:2"),
    ("remind", "visits.reminded"),
    ("remind", "visits.reminder_committed"),
    ("remind", "outbox.handed_over:1"),
    ("remind", "outbox.handed_over:2"),
    ("move", "visits.noted"),
    ("move", "outbox.claimed"),
    ("cancel", "outbox.written:1"),
]
"""Where a process is killed: the outbox's own steps are killed one by one in its tests."""


def survives(database: Database, folder: Path, mailman: Mailman, deed: str, point: str) -> None:
    """Kill a process at ``point``, let another go on: the deed was done once, everybody has its mail, under one id."""
    now = SystemClock().now()
    ticket, operator = make(database), luisa(database)
    with database.write() as session:
        new = new_visit(operator, starts_at=now + timedelta(hours=20), ticket_id=ticket)
        visit = work.schedule(session, new, grace(now - timedelta(days=3)))
    told, method, sequence = TOLD[deed]

    def run(**environment: str) -> tuple[int, str]:
        arguments = ("-m", "tests.visits.telling_process", database.url, str(folder), str(mailman.port), deed)
        return PythonRunner(*arguments, str(visit.id), **environment).finish()

    code, output = run(TOLLWATCH_CRASH_AT=point)
    assert code == KILLED, output

    def is_told() -> bool:
        ended, output = run()
        assert ended == 0, output
        return all(invitations(mailman, person) for person in PEOPLE)

    until(is_told, 60)
    with database.read() as session:
        actions = [entry.action for entry in timeline.entries(session, visit.id)]
    assert actions == [told, "scheduled"]
    of_ticket = [row.action for row in seen(database, ticket).timeline if row.action.startswith("visit_")]
    assert of_ticket == ([] if deed == "remind" else [f"visit_{told}"]) + ["visit_scheduled"]
    for person in PEOPLE:
        copies = [mail for mail in mailman.mails() if mail["To"] == person]
        assert len(copies) <= 2
        assert len({mail["Message-ID"] for mail in copies}) == 1
        for how, event in invitations(mailman, person):
            assert (how, event["UID"], event["SEQUENCE"]) == (method, visit.uid, sequence)


@pytest.mark.parametrize(("deed", "point"), KILLS)
def test_what_is_told_of_a_visit_survives_the_death_of_who_tells_it(
    sqlite_database: Database, tmp_path: Path, mailman: Mailman, deed: str, point: str
) -> None:
    survives(sqlite_database, tmp_path, mailman, deed, point)


def test_it_survives_on_postgresql_too(postgres_database: Database, tmp_path: Path, mailman: Mailman) -> None:
    survives(postgres_database, tmp_path, mailman, "remind", "visits.reminded")
