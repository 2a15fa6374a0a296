"""Attacks on the Watson door: bodies, names, floods, races and texts that would do harm if anything believed them."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance
from sqlalchemy import select

from core.store.models.outbox import OutboxMessage
from core.store.models.tickets import TicketRow
from core.store.models.visits import VisitRow
from core.store.models.watson import WatsonRequestRow, WatsonSessionRow
from core.watson.vocabulary import LARGEST_BODY
from tests.visits.operators import add_client, add_operator
from tests.watson.test_door import ALL, KEY, SECRET, WEBHOOK, count, say, signed, watson
from tests.web.conftest import OpenDesk
from tests.web.operations import Case, operations_of
from tests.web.serving import Desk

FLOOD = 24
"""So many messages at once: enough to cross each other, few enough for a busy machine."""


@pytest.fixture
def attacked(open_desk: OpenDesk) -> Desk:
    """A door with a generous rate, an operator and a client."""
    desk = open_desk(
        watson_api_key=KEY, watson_signing_secret=SECRET, watson_scopes=" ".join(ALL), watson_per_minute=600
    )
    add_operator(desk.services.database, "Luisa Fernández", "luisa@example.com", "es")
    add_client(desk.services.database, "Hotel Costa", "hotel@example.com")
    return desk


def test_bodies_names_and_headers_that_nothing_honest_sends(attacked: Desk) -> None:
    client = watson(attacked)
    deep = b'{"text": "hello", "more": ' + b"[" * 8000 + b"]" * 8000 + b"}"
    for body in (
        deep,
        b'{"text": "a\xff"}',
        b'{"text": "\\ud800"}',
        b'{"text": "\\u202e\\u200b\\u0007"}',
        b'{"text": "x", "id": "a\\r\\nX-Evil: 1"}',
        *(json.dumps({"text": "x", "session_id": name}).encode() for name in ("a\n", "a\r\nSet-Cookie: x=1", "é", "")),
    ):
        answer = client.post(WEBHOOK, content=body)
        assert (answer.status_code, body[:40]) == (422, body[:40])
        assert "x-evil" not in answer.headers
    endless = client.post(WEBHOOK, content=(b" " * 4096 for _ in range(4 * LARGEST_BODY // 4096)))
    assert endless.status_code == 413
    told = say(client, "hello", session_id="../../etc/passwd?x=<b>")
    assert told["session_id"] == "../../etc/passwd?x=<b>"


def test_what_was_signed_for_one_caller_is_no_pass_for_another(attacked: Desk) -> None:
    body = json.dumps({"text": "Create a ticket: no tone", "session_id": "s"}).encode()
    headers = signed(attacked, body)
    assert attacked.browser().post(WEBHOOK, content=body, headers=headers).status_code == 401
    narrow = attacked.program("admin", "watson.use", "visits.work")
    refused = narrow.post(WEBHOOK, content=body, headers=headers).json()
    assert (refused["state"], refused["error"]["code"]) == ("refused", "not_allowed")
    assert watson(attacked).post(WEBHOOK, content=body, headers=headers).json()["state"] == "done"
    moved = {**headers, "webhook-id": "m-2"}
    assert watson(attacked).post(WEBHOOK, content=body, headers=moved).status_code == 401
    late = signed(attacked, body, age=timedelta(minutes=4, seconds=59), name="m-3")
    many = {**late, "webhook-signature": " ".join(["v1,bad"] * 10) + " " + late["webhook-signature"].split()[-1]}
    assert watson(attacked).post(WEBHOOK, content=body, headers=many).status_code == 401
    assert count(attacked.services.database, TicketRow) == 1


def test_a_flood_is_answered_message_by_message(attacked: Desk) -> None:
    client = watson(attacked)

    def one(number: int) -> Any:
        return client.post(
            WEBHOOK, json={"text": f"Create a ticket: line {number} is dead", "session_id": f"s{number}"}
        )

    with ThreadPoolExecutor(FLOOD) as pool:
        answers = list(pool.map(one, range(FLOOD)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["result"]["id"] for answer in answers}) == FLOOD
    database = attacked.services.database
    assert count(database, TicketRow) == count(database, WatsonSessionRow) == count(database, WatsonRequestRow) == FLOOD


def test_of_bodies_racing_under_one_id_one_wins_and_the_others_are_refused(attacked: Desk) -> None:
    client = watson(attacked)

    def one(number: int) -> Any:
        return client.post(WEBHOOK, json={"text": f"Create a ticket: line {number} is dead", "id": "same"})

    with ThreadPoolExecutor(12) as pool:
        codes = [answer.status_code for answer in pool.map(one, range(12))]
    assert sorted(codes) == [200] + [409] * 11
    assert count(attacked.services.database, TicketRow) == 1


def test_every_scope_that_is_taken_away_takes_its_thing_away(attacked: Desk) -> None:
    texts = {
        "tickets.work": "Create a ticket: no tone",
        "visits.work": "Schedule a visit to Hotel Costa tomorrow at 10:00 with Luisa Fernández",
        "notifications.send": "Notify Luisa Fernández that the trunk is blocked",
        "reports.manage": "Generate a report of tickets for today",
        "tickets.view": "Generate a report of tickets for today",
    }
    for missing, text in texts.items():
        client = attacked.program("admin", *(scope for scope in ALL if scope != missing))
        refused = say(client, text)
        assert (refused["state"], refused["error"]["code"]) == ("refused", "not_allowed"), missing
    database = attacked.services.database
    assert count(database, TicketRow) == count(database, VisitRow) == count(database, OutboxMessage) == 0


def test_texts_stay_texts_and_turn_nothing_round(attacked: Desk) -> None:
    nasty = '=HYPERLINK("http://evil.example") <img src=x onerror=alert(1)> \u202egpj.exe\u200b'
    told = say(watson(attacked), f"Create a ticket: {nasty}")
    assert "\u202e" not in json.dumps(told, ensure_ascii=False)
    with attacked.services.database.read() as session:
        row = session.scalars(select(TicketRow)).one()
        assert row.title == '=HYPERLINK("http://evil.example") <img src=x onerror=alert(1)> gpj.exe'
        assert "\u202e" not in row.description


def test_the_description_is_valid_and_answers_keep_to_it(attacked: Desk) -> None:
    client = watson(attacked)
    described = client.get("/api/v1/watson/openapi.json").json()
    schemathesis.openapi.from_dict(described).validate()
    operations = operations_of(described)
    assert len(operations) == 3
    for operation in operations:

        @settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def holds(case: Case) -> None:
            answer = case.call(base_url=f"{attacked.address}/api/v1", headers={"Authorization": f"Bearer {KEY}"})
            case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

        holds()
