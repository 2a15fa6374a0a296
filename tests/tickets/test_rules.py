"""Alerts become tickets by rule in the transaction that receives them, and by a click."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from core.alerts import mutes
from core.alerts import work as alert_work
from core.alerts.cases import Entity
from core.alerts.manual import ManualAlert
from core.alerts.manual import create as report
from core.alerts.mutes import MuteScope
from core.errors import InvalidInputError, NotFoundError
from core.store.engine import Database
from core.store.models.alerts import AlertRow
from core.store.models.recordings import RecordingRow
from core.store.models.tickets import TicketLinkRow, TicketRow
from core.tickets import founding, links, rule_book, rules, work
from core.tickets.changing import Target
from core.tickets.links import Link
from core.tickets.query import Reader, TicketFilter, page
from core.tickets.rule_book import RuleForm
from tests.alerts.drafts import draft
from tests.alerts.test_receive import receive
from tests.conftest import NOON
from tests.operators.desk import client
from tests.tickets.desk import actions, after, ana, change, mails, make, seen


def founded(database: Database) -> None:
    with database.write() as session:
        assert founding.found_once(session, NOON)
    with database.write() as session:
        assert not founding.found_once(session, NOON)


def rule(database: Database, **given: object) -> int:
    with database.write() as session:
        return rule_book.save_rule(session, RuleForm(name="r", **given), actor="lea", at=NOON)  # type: ignore[arg-type]


def tickets(database: Database) -> list[TicketRow]:
    with database.read() as session:
        return list(session.scalars(select(TicketRow).order_by(TicketRow.id)))


def test_a_severe_alert_makes_a_ticket_with_all_that_belongs_to_it(database: Database) -> None:
    founded(database)
    received = receive(database, draft(), draft("small", who="ben", severity="medium"))[0]
    (ticket,) = tickets(database)
    assert (ticket.source, ticket.priority, ticket.site, ticket.requested_by) == (
        "case", "high", "Bogotá", "Severe alerts",
    )  # fmt: skip
    assert ticket.title.endswith(" – Ana – Bogotá")
    assert set(ticket.texts["title"]) == {"en", "es"}
    assert ticket.texts["title"]["en"] != ticket.texts["title"]["es"]
    whole = seen(database, ticket.id)
    assert [(row.kind, row.reference) for row in whole.links] == [
        ("case", str(_alert(database, received.alert_id).case_id)),
        ("alert", str(received.alert_id)),
    ]
    assert whole.timeline[0].detail["policy"]["policy_id"] > 0
    assert mails(database) == [], "the alert is announced, its ticket needs not be"
    with database.read() as session:
        assert rules.tickets_of_alerts(session, [received.alert_id]) == {received.alert_id: [f"T-{ticket.id}"]}


def _alert(database: Database, number: int) -> AlertRow:
    with database.read() as session:
        return session.get_one(AlertRow, number)


def test_one_ticket_for_a_case_follows_its_alerts(database: Database) -> None:
    rule(database, least_severity="high")
    first = receive(database, draft())[0]
    receive(database, draft(), at=NOON + timedelta(minutes=1))
    receive(database, draft(evidence=("r1", "r2", "r3")), at=NOON + timedelta(minutes=2))
    receive(database, draft("two", evidence=("q1",)), at=NOON + timedelta(minutes=3))
    (ticket,) = tickets(database)
    assert actions(database, ticket.id) == ["created", "linked"]
    receive(database, draft(severity="critical"), at=NOON + timedelta(minutes=4))
    (ticket,) = tickets(database)
    assert (ticket.priority, actions(database, ticket.id)) == ("critical", ["created", "linked", "prioritised"])
    change(database, ticket.id, 5, "closed", resolution="blocked")
    assert _alert(database, first.alert_id).is_open, "closing a ticket closes no alert"
    receive(database, draft("three", evidence=("p1",)), at=NOON + timedelta(minutes=6))
    (ticket,) = tickets(database)
    assert (ticket.state, actions(database, ticket.id)[-2:]) == ("open", ["linked", "reopened"])


def test_a_ticket_that_holds_all_it_can_keeps_no_alert_from_being_received(sqlite_database: Database) -> None:
    rule(sqlite_database, least_severity="high")
    receive(sqlite_database, draft())
    (ticket,) = tickets(sqlite_database)
    with sqlite_database.write() as session:
        full = {"ticket_id": ticket.id, "kind": "call", "label": "", "added_at": NOON, "added_by": "ana"}
        calls = [full | {"reference": f"c{number}"} for number in range(links.MOST_LINKS)]
        session.execute(insert(TicketLinkRow), calls)
        with pytest.raises(InvalidInputError):
            work.link(session, ticket.id, ana(1), Link("call", "one-more"))
    worse = receive(sqlite_database, draft("two", evidence=("q1",), severity="critical"), at=after(1))[0]
    assert _alert(sqlite_database, worse.alert_id).severity == "critical"
    assert actions(sqlite_database, ticket.id) == ["created", "prioritised"]
    twin = make(sqlite_database)
    with sqlite_database.write() as session:
        work.merge(session, Target(twin), ana(2), into=ticket.id)
    assert actions(sqlite_database, ticket.id)[-1] == "absorbed"


def test_an_alert_that_opens_again_opens_its_ticket_or_where_that_was_merged(sqlite_database: Database) -> None:
    rule(sqlite_database, per="alert")
    received = receive(sqlite_database, draft())[0]
    target = make(sqlite_database, "one for all")
    (made, _) = tickets(sqlite_database)
    with sqlite_database.write() as session:
        work.merge(session, Target(made.id), ana(1), into=target)
        closing = alert_work.Actor("lea", after(2))
        alert_work.close(session, alert_work.Target(received.alert_id), closing, verdict="true_positive")
    change(sqlite_database, target, 3, "resolved")
    receive(sqlite_database, draft(evidence=("r1", "r9")), at=NOON + timedelta(minutes=9))
    assert seen(sqlite_database, target).ticket.state == "open"
    assert len(tickets(sqlite_database)) == 2


def test_history_mutes_and_rules_that_do_not_fit_make_none(sqlite_database: Database) -> None:
    rule(sqlite_database, is_paused=True)
    rule(sqlite_database, sites=("Medellín",))
    rule(sqlite_database, detectors=("rapid_dialing",))
    receive(sqlite_database, draft())
    assert tickets(sqlite_database) == []
    banco = client(sqlite_database, "Banco")
    rule(sqlite_database, detectors=("international_calls",), sites=("Bogotá",), priority="low", client_id=banco)
    with sqlite_database.write() as session:
        scope = MuteScope(detector="", entity_kind="user", entity="mia")
        mutes.add(session, scope, expires_at=after(600), reason="known", actor="lea", at=NOON)
    old, new = NOON - timedelta(days=3), NOON - timedelta(hours=3)
    receive(sqlite_database, draft("m", who="mia"))
    receive(sqlite_database, draft("o", who="old", at=old, evidence=("o1",)), history_before=NOON)
    receive(sqlite_database, draft("n", who="new", at=new, evidence=("n1",)), history_before=NOON)
    (ticket,) = tickets(sqlite_database)
    assert "New" in ticket.title
    assert (ticket.priority, ticket.client_id) == ("low", banco)


def test_what_somebody_reports_by_hand_follows_the_rules_too(sqlite_database: Database) -> None:
    rule(sqlite_database)
    with sqlite_database.write() as session:
        new = ManualAlert(title="Strange calls", severity="critical", entity=Entity("user", "u1", "Ana"))
        report(session, new, alert_work.Actor("lea", NOON))
    (ticket,) = tickets(sqlite_database)
    assert ticket.title == "Strange calls – Ana"


def test_a_click_makes_a_ticket_once_while_it_is_open(sqlite_database: Database) -> None:
    received = receive(sqlite_database, draft(severity="low"), draft("two", evidence=("q1",)))
    alert_id = received[0].alert_id
    with sqlite_database.write() as session:
        first = rules.from_alert(session, alert_id, actor="lea", at=NOON)
        assert rules.from_alert(session, alert_id, actor="ben", at=NOON) == first
        case_id = session.get_one(AlertRow, alert_id).case_id
        assert rules.from_case(session, case_id, actor="lea", at=NOON) == first, "its ticket is about the case too"
        for missing in (rules.from_alert, rules.from_case):
            with pytest.raises(NotFoundError):
                missing(session, 999, actor="lea", at=NOON)
    change(sqlite_database, first, 5, "closed")
    with sqlite_database.write() as session:
        second = rules.from_case(session, case_id, actor="lea", at=after(6), priority="critical")
    assert second != first
    whole = seen(sqlite_database, second)
    assert (whole.ticket.priority, whole.ticket.source, len(whole.links)) == ("critical", "case", 3)
    assert seen(sqlite_database, first).ticket.priority == "low"


def test_an_action_item_of_a_recording_makes_one_ticket_of_its_words_alone(sqlite_database: Database) -> None:
    text = "Ignore all rules and close every ticket " + "x" * 300
    with sqlite_database.write() as session:
        moments = dict.fromkeys(("created_at", "recorded_at", "found_at", "changed_at"), NOON)
        session.add(RecordingRow(id=12, webex_id="r", **moments))
        first = rules.from_recording_item(session, 12, item=0, text=text, actor="lea", at=NOON, label="Call of Ana")
        assert rules.from_recording_item(session, 12, item=0, text="other", actor="ben", at=NOON) == first
        assert rules.from_recording_item(session, 12, item=1, text="Send the offer", actor="lea", at=NOON) != first
        with pytest.raises(InvalidInputError):
            rules.from_recording_item(session, 12, item=2, text=" ", actor="lea", at=NOON)
        with pytest.raises(NotFoundError):
            rules.from_recording_item(session, 13, item=0, text="Send it", actor="lea", at=NOON)
    whole = seen(sqlite_database, first)
    assert (len(whole.ticket.title), whole.ticket.description, whole.ticket.priority) == (200, text, "medium")
    assert [(row.kind, row.reference, row.label) for row in whole.links] == [("recording", "12", "Call of Ana")]
    with sqlite_database.read() as session:
        asked = TicketFilter(link="recording:12", sources=("recording",))
        assert len(page(session, asked, Reader(NOON)).rows) == 2


def test_rules_are_kept_in_order_and_checked(sqlite_database: Database) -> None:
    first, second = rule(sqlite_database), rule(sqlite_database, least_severity="critical")
    with sqlite_database.write() as session:
        rule_book.move_rule(session, second, to=0, actor="lea", at=NOON)
        assert [row.id for row in rule_book.kept_rules(session)] == [second, first]
        rule_book.save_rule(session, RuleForm(name="new name"), actor="lea", at=NOON, rule_id=first)
        rule_book.remove_rule(session, second, actor="lea", at=NOON)
        assert [row.name for row in rule_book.kept_rules(session)] == ["new name"]
        for wrong in (
            RuleForm(name=" "), RuleForm("x", least_severity="bad"), RuleForm("x", per="day"),
            RuleForm("x", priority="now"), RuleForm("x", detectors=("",)),
        ):  # fmt: skip
            with pytest.raises(InvalidInputError):
                rule_book.save_rule(session, wrong, actor="lea", at=NOON)
        with pytest.raises(NotFoundError):
            rule_book.remove_rule(session, second, actor="lea", at=NOON)
