"""What people are told of an alert: calls and cost only where there are any, and what to do while it is open."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from core.alerts import query, work
from core.alerts.announcing import facts
from core.alerts.receive import receive_drafts
from core.alerts.work import Actor, Target
from core.store.engine import Database
from core.store.models.alerts import AlertRow
from core.store.models.outbox import NotificationChannel, NotificationRule, OutboxMessage
from tests.alerts.drafts import draft, legs
from tests.conftest import NOON

OF_CALLS = {"calls", "cost", "first_seen", "last_seen"}
SETTING = {"destinations": [{"country": "CU"}], "change": {"target": "+5352345678", "kind": "always"}}
MISSED = {"number_test": {"id": 1, "name": "Main line", "reason": "busy", "facts": {}}}


def raised(database: Database, **fields: Any) -> AlertRow:
    made = draft(**fields)
    with database.write() as session:
        number = receive_drafts(session, [made], at=NOON, legs=legs(*made.evidence))[0].alert_id
        return query.one(session, number)


@pytest.mark.parametrize("explanation", [SETTING, MISSED])
def test_what_is_not_of_calls_counts_none(sqlite_database: Database, explanation: dict[str, Any]) -> None:
    of_calls = facts(raised(sqlite_database), ZoneInfo("UTC"))
    other = facts(raised(sqlite_database, key="2", who="eva", explanation=explanation), ZoneInfo("UTC"))
    assert set(of_calls) >= OF_CALLS
    assert not set(other) & OF_CALLS


def test_a_number_that_calls_are_sent_to_is_said_to_be_somewhere(sqlite_database: Database) -> None:
    told = facts(raised(sqlite_database, explanation=SETTING), ZoneInfo("UTC"))["summary"]
    assert told["en"].endswith("That number is in Cuba.")
    assert told["es"].endswith("Ese número es de Cuba.")


def test_calls_that_came_in_led_nowhere(sqlite_database: Database) -> None:
    told = facts(raised(sqlite_database, detector="inbound_flood", entity_kind="number"), ZoneInfo("UTC"))
    assert told["origin"] == {"en": "Cuba", "es": "Cuba"}
    assert "destination" not in told
    assert "They came from Cuba." in told["summary"]["en"]


def test_no_cost_is_told_where_there_is_none(sqlite_database: Database) -> None:
    assert facts(raised(sqlite_database, cost=0.0), ZoneInfo("UTC"))["cost"] is None


def test_what_to_do_is_told_while_somebody_has_to(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        channel = NotificationChannel(
            name="desk", kind="email", language="es", settings={"recipients": ["desk@example.com"]}, per_minute=60,
            is_paused=False, created_at=NOON, created_by="ana", changed_at=NOON,
        )  # fmt: skip
        session.add(channel)
        session.flush()
        rule = {"severities": [], "subjects": [], "events": [], "sites": [], "hours": {}, "delivery": "now"}
        session.add(
            NotificationRule(
                **rule,
                channel_id=channel.id,
                repeat_hours=0,
                is_paused=False,
                created_at=NOON,
                created_by="ana",
                changed_at=NOON,
            )
        )
    alert = raised(sqlite_database)
    with sqlite_database.write() as session:
        work.close(session, Target(alert.id), Actor("ana", NOON), verdict="benign")
    with sqlite_database.read() as session:
        opened, resolved = session.scalars(select(OutboxMessage.content).order_by(OutboxMessage.id))
    assert opened["action"]["es"].startswith("Qué hacer: Pregunte al usuario")
    assert opened["action"]["en"].startswith("What to do: Ask the user")
    assert "action" not in resolved
