"""Operators and clients are kept once, changed from the version read, audited, and taken in from files."""

from datetime import timedelta

import pytest

from core.clock import SteppedClock
from core.errors import InvalidInputError, NotFoundError
from core.operators import clients, csv_file, load, presence, roster, skills
from core.operators.clients import ClientForm
from core.operators.errors import ClientExistsError, PersonTakenError, RosterChangedError, RosterFileError
from core.operators.presence import Absence
from core.operators.roster import OperatorForm
from core.sandbox.desk import found_desk
from core.services import Services
from core.store import audit
from core.store.audit import AuditFilter
from core.store.engine import Database, StoreBusyError
from core.tickets import assigning, work
from core.tickets.changing import Actor, Target
from core.tickets.create import NewTicket
from tests.conftest import NOON
from tests.operators.desk import give, hire
from tests.store.crossing import cross_once


def test_an_operator_is_kept_changed_and_audited(database: Database) -> None:
    number = hire(database, "Ana  R", person="Ana@Example.com", skills=("Fraud", "fraud "), sites=("Bogotá",))
    with database.write() as session:
        row = roster.one(session, number)
        assert (row.name, row.person, row.skills) == ("Ana R", "ana@example.com", ["fraud"])
        assert roster.reached_at(row) == "ana@example.com"
        assert skills.known(session) == ["fraud"]
        form = roster.form_of(row)
        changed = OperatorForm(**{**vars(form), "capacity": 3})
        roster.save(session, changed, actor="lea", at=NOON, operator_id=number, version=1)
    with pytest.raises(RosterChangedError), database.write() as session:
        roster.save(session, changed, actor="lea", at=NOON, operator_id=number, version=1)
    with pytest.raises(PersonTakenError), database.write() as session:
        roster.save(session, OperatorForm("Bea", person="ANA@example.com"), actor="lea", at=NOON)
    with database.read() as session:
        actions = [entry.action for entry in audit.entries(session, AuditFilter(action="operator")).entries]
    assert actions[::-1] == ["operator.added", "operator.shifts", "operator.changed"]


def test_a_client_is_known_by_name(database: Database) -> None:
    with database.write() as session:
        number = clients.save(session, ClientForm("Banco", priority_class="key"), actor="lea", at=NOON)
        assert clients.names(session) == {number: "Banco"}
    with pytest.raises(ClientExistsError), database.write() as session:
        clients.save(session, ClientForm(" Banco "), actor="lea", at=NOON)
    with pytest.raises(NotFoundError), database.write() as session:
        clients.save(session, ClientForm("Other"), actor="lea", at=NOON, client_id=99)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"email": "no address"},
        {"phone": "<script>"},
        {"language": "fr"},
        {"capacity": -1},
        {"skills": tuple(f"s{n}" for n in range(30))},
    ],
)
def test_what_is_no_operator_is_refused(sqlite_database: Database, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError), sqlite_database.write() as session:
        roster.save(session, OperatorForm(**{"name": "Ana", **wrong}), actor="lea", at=NOON)  # type: ignore[arg-type]


def test_the_load_picture_shows_the_most_loaded_first(sqlite_database: Database) -> None:
    ana, bea = hire(sqlite_database, "Ana", capacity=2), hire(sqlite_database, "Bea")
    give(sqlite_database, ana)
    give(sqlite_database, ana, waiting=True)
    done = give(sqlite_database, bea)
    with sqlite_database.write() as session:
        work.change_state(session, Target(done), Actor("bea", NOON), to="resolved", resolution="ok")
        presence.add_absence(session, bea, Absence(NOON, NOON + timedelta(days=1), "sick"), actor="lea", at=NOON)
        first, second = load.picture(session, NOON)
    assert (first.operator.name, first.load.active, first.load.waiting, first.is_full) == ("Ana", 1, 1, True)
    assert (second.operator.name, second.resolved, second.presence.state) == ("Bea", 1, "absent")


def test_a_file_adds_and_changes_or_does_nothing(sqlite_database: Database) -> None:
    hire(sqlite_database, "Ana", email="ana@example.com", phone="12")
    body = "\ufeffName,Email,Skills,Capacity\nAna R,ana@example.com,fraud;webex,5\nBea,,,\n".encode()
    with sqlite_database.write() as session:
        assert csv_file.read(session, "operators", body, actor="lea", at=NOON) == csv_file.Read(1, 1)
        found = {row.name: row for row in roster.everybody(session)}
    assert (found["Ana R"].skills, found["Ana R"].capacity, found["Ana R"].phone) == (["fraud", "webex"], 5, "12")
    for body, line in ((b"name,email\nCid,cid@example.com\nDan,nothing\n", 3), (b"name,wage\nX,1\n", 1), (b"\xff", 0)):
        with pytest.raises(RosterFileError) as problem, sqlite_database.write() as session:
            csv_file.read(session, "operators", body, actor="lea", at=NOON)
        assert problem.value.facts["line"] == line
    with sqlite_database.write() as session:
        assert len(roster.everybody(session)) == 2
        clients_file = b"name;priority_class\nBanco;key\n"
        assert csv_file.read(session, "clients", clients_file, actor="lea", at=NOON).added == 1


def test_a_database_that_is_busy_is_no_fault_of_the_file(postgres_database: Database) -> None:
    cross_once(postgres_database, "operator", "INSERT")
    body = b"name\nBea\n"
    with pytest.raises(StoreBusyError), postgres_database.write() as session:
        csv_file.read(session, "operators", body, actor="lea", at=NOON)
    with postgres_database.write() as session:
        assert csv_file.read(session, "operators", body, actor="lea", at=NOON).added == 1


def test_the_sandbox_begins_with_a_desk_that_takes_tickets_at_any_hour(
    desk_services: Services, clock: SteppedClock
) -> None:
    assert found_desk(desk_services)
    assert not found_desk(desk_services)
    with desk_services.database.write() as session:
        assert len(clients.everybody(session)) == 5
        for hour in range(24):
            at = NOON + timedelta(hours=hour)
            number = work.create(session, NewTicket(f"Work {hour}", skills=("fraude",)), actor="lea", at=at)
            assert assigning.give(session, Target(number), Actor("lea", at)).operator_id is not None
