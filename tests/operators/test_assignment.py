"""Who gets a ticket: fits, is there, has room, has least to do; ties stay stable; two at once see each other."""

import threading
from datetime import timedelta

import pytest

from core.language import LANGUAGES
from core.operators import assignment, presence
from core.operators.assignment import Choice, Needs
from core.operators.hours import Shift
from core.operators.presence import Absence
from core.store.engine import Database
from core.store.models.tickets import TicketRow
from core.tickets import assigning, query, wording, work
from core.tickets.changing import Actor, Target
from core.tickets.create import NewTicket
from tests.conftest import NOON
from tests.operators.desk import ALL_WEEK, client, give, hire

MORNING = Shift(ALL_WEEK, 0, 12 * 60 - 1, "UTC")


def choose(database: Database, other_than: int | None = None, **needs: object) -> Choice:
    with database.write() as session:
        return assignment.choose(session, Needs(**needs), at=NOON, other_than=other_than)  # type: ignore[arg-type]


def test_the_least_loaded_who_fits_and_is_there_gets_it(database: Database) -> None:
    assert choose(database).reason == "no_operators"
    ana = hire(database, "Ana", skills=("Fraud",), sites=("Bogotá",))
    bea = hire(database, "Bea", skills=("fraud", "billing"))
    cid = hire(database, "Cid", MORNING, skills=("fraud",))
    give(database, ana)
    give(database, ana)
    give(database, bea)
    chosen = choose(database, skills=("FRAUD",), site="Bogotá")
    assert (chosen.operator_id, chosen.reason) == (bea, "least_loaded")
    assert chosen.facts["others"] == [{"operator": "Ana", "load": 2}]
    assert choose(database, site="Denver", other_than=bea).reason == "nobody_on_shift"
    assert choose(database, skills=("billing",)).reason == "only_one"
    assert choose(database, skills=("law",)).reason == "nobody_fits"
    assert choose(database, other_than=bea).operator_id == ana
    assert cid not in {choose(database).operator_id}
    for language in LANGUAGES:
        assert "Bea" in assignment.words(chosen.reason, chosen.facts, language)
        assert "law" in assignment.words("nobody_fits", choose(database, skills=("law",)).facts, language)


def test_who_is_absent_or_full_gets_none(database: Database) -> None:
    ana, bea = hire(database, "Ana", capacity=1), hire(database, "Bea")
    give(database, ana)
    with database.write() as session:
        away = presence.add_absence(
            session, bea, Absence(NOON - timedelta(hours=1), NOON + timedelta(hours=1)), actor="lea", at=NOON
        )
    assert choose(database).reason == "all_full"
    assert choose(database, priority="critical").operator_id == ana
    with database.write() as session:
        presence.remove_absence(session, away, actor="lea", at=NOON)
    assert choose(database).operator_id == bea


def test_ties_go_by_waiting_work_language_and_turn(sqlite_database: Database) -> None:
    database = sqlite_database
    ana, bea = hire(database, "Ana", language="en"), hire(database, "Bea", language="es")
    assert choose(database).operator_id == ana
    banco = client(database, "Banco", language="es")
    assert choose(database, client_id=banco).operator_id == bea
    give(database, ana, waiting=True)
    assert (choose(database).operator_id, choose(database).reason) == (bea, "least_loaded")
    give(database, bea, at=NOON + timedelta(minutes=1), waiting=True)
    assert (choose(database).operator_id, choose(database).reason) == (ana, "tie")


def test_two_tickets_at_once_do_not_go_by_the_same_load(database: Database) -> None:
    hire(database, "Ana")
    hire(database, "Bea")
    with database.write() as session:
        numbers = [work.create(session, NewTicket(f"Work {n}"), actor="lea", at=NOON) for n in range(8)]
    gate = threading.Barrier(4)

    def place(mine: list[int]) -> None:
        gate.wait()
        for number in mine:
            with database.write() as session:
                assigning.give(session, Target(number), Actor("lea", NOON))

    threads = [threading.Thread(target=place, args=(numbers[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        given = [query.one(session, number).operator_id for number in numbers]
    assert sorted(given.count(one) for one in set(given)) == [4, 4]


def test_the_reason_stands_in_the_timeline(sqlite_database: Database) -> None:
    hire(sqlite_database, "Ana")
    with sqlite_database.write() as session:
        number = work.create(session, NewTicket("Work"), actor="lea", at=NOON)
        assigning.give(session, Target(number), Actor("lea", NOON))
        newest = query.whole(session, number).timeline[0]
    assert (newest.action, newest.reason) == ("assigned", "only_one")
    assert newest.detail[wording.CHOICE]["operator"] == "Ana"


def test_open_work_without_an_operator_is_placed_by_the_gravest_first(sqlite_database: Database) -> None:
    database = sqlite_database
    ana = hire(database, "Ana", capacity=1)
    with database.write() as session:
        low = work.create(session, NewTicket("Later", priority="low"), actor="lea", at=NOON)
        high = work.create(session, NewTicket("Now", priority="high"), actor="lea", at=NOON)
    assert assigning.place_waiting(database, NOON, fence=lambda session: None) == 1
    with database.read() as session:
        assert session.get_one(TicketRow, high).operator_id == ana
        assert session.get_one(TicketRow, low).operator_id is None


@pytest.mark.parametrize("hours_away", [0, 2])
def test_what_speaks_against_an_hour_is_told(sqlite_database: Database, hours_away: int) -> None:
    ana = hire(sqlite_database, "Ana", Shift(ALL_WEEK, 8 * 60, 16 * 60, "UTC"))
    begin = NOON.replace(hour=9)
    with sqlite_database.write() as session:
        if hours_away:
            absence = Absence(begin + timedelta(minutes=30), begin + timedelta(hours=hours_away))
            presence.add_absence(session, ana, absence, actor="lea", at=NOON)
        told = presence.concerns(session, ana, begin, begin + timedelta(hours=1))
        late = presence.concerns(session, ana, begin.replace(hour=15), begin.replace(hour=17))
    assert told == (["absent"] if hours_away else [])
    assert late == ["outside_shift"]
