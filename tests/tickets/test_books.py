"""Rules, promises and calendars as people keep them: what is refused and why, what they say, what they would do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core.alerts.receive import receive_drafts
from core.errors import InvalidInputError, NotFoundError
from core.operators import clients, roster
from core.operators.clients import ClientForm
from core.operators.roster import OperatorForm
from core.services import Services
from core.store import audit
from core.store.engine import Database
from core.tickets import book_words, escalation, opening, policy_book, rule_book, work
from core.tickets.calendars import MINUTES_A_DAY, Calendar, office_hours
from core.tickets.changing import Target
from core.tickets.deadlines import POLICY, Happening, foreseen, standing
from core.tickets.errors import BookChangedError
from core.tickets.opening import Opening
from core.tickets.policies import LONGEST_MINUTES, Policy, Step, founding
from core.tickets.policy_book import PolicyForm
from core.tickets.rule_book import RuleForm
from core.tickets.vocabulary import PRIORITIES
from tests.alerts.drafts import draft
from tests.conftest import NOON
from tests.tickets.desk import ana, change, make, promise, seen

OFFICE = Calendar("Office", "America/Bogota", "CO", hours=office_hours(480, 1080))
HARDLY = Calendar("Hardly", hours=(((600, 601),), (), (), (), (), (), ()))


def kept_calendar(session: Session, calendar: Calendar, number: int | None = None) -> int:
    return policy_book.save_calendar(session, calendar, actor="lea", at=NOON, calendar_id=number)


def test_a_rule_is_checked_and_who_is_slower_is_told(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        form = RuleForm(" All\u202eof\x00 them\n", skills=("SIP",))
        number = rule_book.save_rule(session, form, actor="lea", at=NOON, version=None)
        row = rule_book.kept_rules(session)[0]
        assert (row.name, rule_book.form_of(row).skills) == ("All of them", ("sip",))
        rule_book.save_rule(session, form, actor="bob", at=NOON, rule_id=number, version=1)
        with pytest.raises(BookChangedError) as told:
            rule_book.save_rule(session, form, actor="lea", at=NOON, rule_id=number, version=1)
        assert told.value.facts["who"] == "bob"
        for wrong in (RuleForm("\u202e"), RuleForm("x", priority="huge"), RuleForm("x", least_severity="none")):
            with pytest.raises(InvalidInputError):
                rule_book.save_rule(session, wrong, actor="lea", at=NOON)
        with pytest.raises(NotFoundError):
            rule_book.save_rule(session, RuleForm("x", client_id=99), actor="lea", at=NOON)


def test_a_rule_is_tried_on_the_alerts_there_were_in_its_place(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        receive_drafts(session, [draft()], at=NOON)
        every = RuleForm("Every", least_severity="low", per="alert")
        assert rule_book.tried(session, every, at=NOON) == rule_book.Tried(1, 1, 1, 1)
        nowhere = replace(every, sites=("Atlantis",))
        assert rule_book.tried(session, nowhere, at=NOON).fitting == 0
        first = rule_book.save_rule(session, every, actor="lea", at=NOON)
        assert rule_book.tried(session, every, at=NOON) == rule_book.Tried(1, 1, 0, 0), "the first rule decides"
        assert rule_book.tried(session, every, at=NOON, rule_id=first).tickets == 1
        rule_book.save_rule(session, replace(every, is_paused=True), actor="lea", at=NOON, rule_id=first)
        assert rule_book.tried(session, every, at=NOON).tickets == 1, "a paused one decides nothing"
        assert rule_book.tried(session, every, at=NOON + timedelta(days=40)).alerts == 0


def test_what_a_rule_does_is_one_sentence_in_each_language() -> None:
    rule = RuleForm("x", "high", sites=("Bogotá",), priority="high", skills=("fraud",))
    assert book_words.rule_sentence(rule, "en", client="Banco", own={"high": 15}) == (
        "Alerts of high severity or above at Bogotá become tickets of priority high, one for all alerts of a case,"
        " for Banco. Each goes to the least loaded operator on shift who knows fraud, to be taken within 15 min."
    )
    several = replace(rule, least_severity="low", priority="", sites=tuple("abcdef"), per="alert")
    said = book_words.rule_sentence(several, "es", own={"low": 90, "high": 120})
    assert "Todas las alertas en a, b, c, d y 2 más" in said
    assert "1 h 30 min (baja), 2 h (alta)" in said
    assert book_words.name_of("Around the clock", "es") == "Todo el día, todos los días"
    assert book_words.name_of("Desk", "es") == "Desk"


def test_a_promise_that_can_never_be_kept_or_missed_is_refused(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        office, hardly = kept_calendar(session, OFFICE), kept_calendar(session, HARDLY)
        form = PolicyForm("high", office, 60, 600, (Step("own", -10, "notify_operator"),))
        wrong = (
            replace(form, own_minutes=0),
            replace(form, resolve_minutes=LONGEST_MINUTES + 1),
            replace(form, own_minutes=601),
            replace(form, own_minutes=None),
            replace(form, calendar_id=hardly),
            replace(form, steps=(Step("start", -1, "reassign"),)),
        )
        for one in wrong:
            with pytest.raises(InvalidInputError):
                policy_book.save_policy(session, one, actor="lea", at=NOON)
        for missing in (replace(form, calendar_id=99), replace(form, client_id=99)):
            with pytest.raises(NotFoundError):
                policy_book.save_policy(session, missing, actor="lea", at=NOON)
        policy_book.save_policy(session, form, actor="lea", at=NOON, version=0)
        with pytest.raises(BookChangedError):
            policy_book.save_policy(session, form, actor="bob", at=NOON, version=0)
        with pytest.raises(InvalidInputError) as told:
            kept_calendar(session, replace(HARDLY, name="Office"), office)
        assert told.value.facts["field"] == "hours"
        closed = replace(OFFICE, hours=((),) * 7)
        for calendar in (closed, replace(OFFICE, country="ZZ"), replace(OFFICE, time_zone="Mars/Base"), HARDLY):
            with pytest.raises(InvalidInputError):
                kept_calendar(session, calendar)
        assert {one.action for one in audit.entries(session).entries} == {
            "ticket_calendar.saved",
            "ticket_policy.saved",
        }


def test_a_removed_promise_stays_with_the_tickets_that_have_it(sqlite_database: Database) -> None:
    promise(sqlite_database, "medium", 30, 60)
    with sqlite_database.write() as session:
        banco = clients.save(session, ClientForm("Banco"), actor="lea", at=NOON)
        (calendar,) = policy_book.kept_calendars(session)
        own = policy_book.save_policy(session, PolicyForm("medium", calendar.id, 5, 10, (), banco), actor="x", at=NOON)
    number = make(sqlite_database, client_id=banco)
    with sqlite_database.write() as session:
        policy_book.remove_policy(session, own, actor="lea", at=NOON)
    assert seen(sqlite_database, number).ticket.own_due_at == NOON + timedelta(minutes=5)
    later = make(sqlite_database, client_id=banco)
    assert seen(sqlite_database, later).ticket.own_due_at == NOON + timedelta(minutes=30)


@pytest.mark.parametrize("priority", PRIORITIES)
def test_what_is_foreseen_is_what_a_ticket_gets(priority: str) -> None:
    policy: Policy = founding(priority, OFFICE)
    due = foreseen(policy, NOON)
    stands = standing([Happening(NOON, "created", "new", "new", {POLICY: policy.to_json()})])
    assert (due.own, due.resolve) == (stands.own_due_at, stands.resolve_due_at)
    assert min(at for at in due.steps if at) == stands.next_at


def test_hours_over_a_change_of_the_clock_are_as_long_as_they_are() -> None:
    night = opening.hours_of([Opening((5,), 22 * 60, 6 * 60)])
    calendar = Calendar("Night", "Europe/Madrid", hours=night)
    saturday = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert calendar.between(saturday, saturday + timedelta(days=1)) == timedelta(hours=7)
    assert book_words.hours_words(calendar, "en") == "Sat 22:00–24:00; Sun 00:00–06:00"


SPANS = st.builds(
    Opening,
    st.lists(st.integers(0, 6), min_size=1, max_size=4).map(tuple),
    st.integers(0, MINUTES_A_DAY - 1),
    st.integers(0, MINUTES_A_DAY),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SPANS, max_size=6))
def test_written_hours_are_kept_and_written_again_alike(openings: list[Opening]) -> None:
    hours = opening.hours_of(openings)
    for spans in hours:
        ends = [minute for span in spans for minute in span]
        assert ends == sorted(set(ends)), "a calendar takes them"
    assert opening.hours_of(opening.openings_of(hours)) == hours


def test_tickets_of_who_is_no_operator_any_more_go_to_somebody_else(services: Services) -> None:
    database = services.database
    with database.write() as session:
        gone, there = (roster.save(session, OperatorForm(name), actor="x", at=NOON) for name in ("Ana", "Bea"))
    number, waiting = make(database), make(database)
    with database.write() as session:
        for one in (number, waiting):
            work.take(session, Target(one), ana(), operator_id=gone)
        roster.save(session, OperatorForm("Ana", is_active=False), actor="x", at=NOON, operator_id=gone)
    change(database, waiting, 1, "resolved", resolution="done")
    assert escalation.tick(services).assigned == 1
    assert [seen(database, one).ticket.operator_id for one in (number, waiting)] == [there, gone]
