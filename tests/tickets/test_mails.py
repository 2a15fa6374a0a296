"""What mails about a ticket say: to whom it went, from whom, and which deadline has passed."""

from datetime import timedelta

from sqlalchemy import select

from core.store.engine import Database
from core.store.models.outbox import OutboxMessage
from core.tickets import announcing, query, work
from core.tickets.announcing import News
from core.tickets.changing import Target
from core.tickets.recipients import Contact
from tests.conftest import NOON
from tests.tickets.desk import after, ana, mails, make, promise
from tests.visits.operators import add_operator


def leads(database: Database) -> list[str]:
    with database.read() as session:
        kept = session.scalars(select(OutboxMessage.content).order_by(OutboxMessage.id))
        return [str(content["letter"]["lead"]) for content in kept if "letter" in content]


def test_whoever_loses_a_ticket_is_told_once_and_need_do_nothing(sqlite_database: Database) -> None:
    luisa = add_operator(sqlite_database, "Luisa", "luisa@example.com", "es")
    bob = add_operator(sqlite_database, "Bob", "bob@example.com")
    number = make(sqlite_database)
    for minutes, operator in ((1, luisa), (2, bob), (3, bob), (4, None)):
        with sqlite_database.write() as session:
            work.assign(session, Target(number), ana(minutes), operator_id=operator)
    assert mails(sqlite_database) == [
        ("assigned", "luisa@example.com"),
        ("assigned", "bob@example.com"),
        ("given_away", "luisa@example.com"),
        ("assigned", "bob@example.com"),
        ("taken_back", "bob@example.com"),
    ]
    assert "ana@example.com asignó T-1 a Bob. Usted ya no tiene que ocuparse de él." in leads(sqlite_database)


def test_a_mail_marks_the_deadline_that_has_passed_and_names_the_priority(sqlite_database: Database) -> None:
    promise(sqlite_database, "high", 30, 600)
    promise(sqlite_database, "critical", 30, 600)
    number = make(sqlite_database, priority="high")
    with sqlite_database.write() as session:
        work.prioritise(session, Target(number), ana(40), priority="critical")
        ticket = query.one(session, number)
        parcels = announcing.mails(
            session, ticket, News("prioritised", after(41), "ana@example.com"), [Contact("l", "l@example.com", "es")]
        )
    letter = parcels[0].content["letter"]
    assert letter["lead"].endswith(": ahora es crítica.")
    facts = dict(letter["facts"])
    assert facts["Tomar antes de"] == f"{NOON + timedelta(minutes=30):%Y-%m-%d %H:%M} (UTC), vencido"
    assert facts["Resolver antes de"].endswith("(UTC)")


def test_those_of_a_merged_ticket_hear_where_it_went(sqlite_database: Database) -> None:
    bob = add_operator(sqlite_database, "Bob", "bob@example.com")
    kept = make(sqlite_database)
    gone = make(sqlite_database, watchers=("lea@example.com",))
    with sqlite_database.write() as session:
        work.assign(session, Target(gone), ana(), operator_id=bob)
    before = len(mails(sqlite_database))
    with sqlite_database.write() as session:
        work.merge(session, Target(gone), ana(1), into=kept)
    assert mails(sqlite_database)[before:] == [("merged", "bob@example.com"), ("merged", "lea@example.com")]
    assert leads(sqlite_database)[-1] == "ana@example.com merged T-2 into T-1: it is worked there from now on."
