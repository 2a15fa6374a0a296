"""What tickets are tied to is looked up when it is tied, whoever ties it, however much it is."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from core.alerts.receive import receive_drafts
from core.calls.ingest import store_records
from core.errors import InvalidInputError, NotFoundError
from core.services import Services
from core.store.engine import Database
from core.store.models.alerts import AlertRow
from core.tickets import tied_calls, work
from core.tickets.links import Link
from core.tickets.work import NewTicket
from tests.alerts.drafts import draft
from tests.calls.records import START, leg, uuid_of
from tests.conftest import NOON
from tests.tickets.desk import ana, make, seen


def test_links_lead_to_things_there_are(database: Database) -> None:
    number, other = make(database), make(database)
    with database.write() as session:
        (received,) = receive_drafts(session, [draft()], at=NOON)
        named = session.get_one(AlertRow, received.alert_id).public_id
        assert work.link(session, number, ana(), Link("ticket", f"t-{other}"))
        assert not work.link(session, number, ana(), Link("ticket", str(other))), "the same one"
        assert work.link(session, number, ana(), Link("alert", named.lower()))
        assert not work.link(session, number, ana(), Link("alert", str(received.alert_id))), "the same one"
        for kind in ("alert", "case", "recording", "visit", "ticket"):
            for reference in ("999", "9" * 40, "A-NOTHING", "²"):
                with pytest.raises(NotFoundError):
                    work.link(session, number, ana(), Link(kind, reference))
                wrong = NewTicket("x", links=(Link("alert", named), Link(kind, reference)))
                with pytest.raises(NotFoundError):
                    work.create(session, wrong, actor="ana", at=NOON)
        gone = session.get_one(AlertRow, received.alert_id)
        gone.deleted_at = NOON
        with pytest.raises(NotFoundError):
            work.link(session, other, ana(), Link("alert", named))
    assert [(one.kind, one.reference) for one in seen(database, number).links] == [
        ("ticket", str(other)),
        ("alert", str(received.alert_id)),
    ]


def test_things_of_a_kind_are_looked_up_together(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        alerts = [one.alert_id for one in receive_drafts(session, [draft(who=str(one)) for one in range(40)], at=NOON)]
    asked: list[str] = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    make(sqlite_database, links=[Link("alert", str(one)) for one in alerts])
    many = len(asked)
    asked.clear()
    make(sqlite_database, links=[Link("alert", str(alerts[0]))])
    assert many == len(asked)


def test_calls_are_looked_for_when_they_are_tied(services: Services) -> None:
    store_records(services, [leg(1), leg(2, start=START - timedelta(days=40))], source="import", origin="one")
    recent, old = leg(1), leg(2)
    calls = [Link("call", recent["Report ID"]), Link("call", old["Report ID"]), Link("journey", old["Correlation ID"])]
    assert tied_calls.found(services, calls) == calls
    assert tied_calls.found(services, []) == []
    number = make(services.database, links=calls)
    assert [one.reference for one in seen(services.database, number).links] == [one.reference for one in calls]
    for kind, reference in (("call", old["Correlation ID"]), ("call", uuid_of("no such leg")), ("journey", "c7")):
        with pytest.raises(NotFoundError):
            tied_calls.found(services, [*calls, Link(kind, reference)])
    with pytest.raises(InvalidInputError):
        tied_calls.found(services, [Link("call", "N/A")])
