"""Dialling for programs: token, call, status, policy, and the shape that programs of the earlier dialler speak."""

import csv
import io

import httpx
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from core.access.api_keys import PREFIX
from core.clock import SteppedClock
from core.dialer import connection, policy_book
from core.store import audit
from tests.web.operations import Case, operations_of
from tests.web.serving import Desk

NUMBER = "+576015550133"
PASSWORD = "a long enough one 7"
SHAPE = {
    "call_id", "status", "phone_number", "created_at", "dialed_at", "answered_at", "duration", "context", "extension",
    "caller_id", "message",
}  # fmt: skip


def ready(desk: Desk, **changes: object) -> None:
    at = desk.clock.now()
    with desk.services.database.write() as session:
        connection.publish(session, connection.CONNECTED, at)
        wanted = policy_book.rules_from({"country": "CO", "zone": "America/Bogota", **changes})
        policy_book.change(session, wanted, version=0, actor="admin", at=at)


def test_a_program_takes_a_token_dials_once_and_follows_the_call(desk: Desk) -> None:
    ready(desk)
    desk.person("operator", "dial@example.com", PASSWORD)
    stranger = httpx.Client(base_url=desk.address, timeout=30)
    given = {"username": "dial@example.com", "password": PASSWORD}
    token = stranger.post("/api/v2/token", json=given).json()
    assert token["token_type"] == "bearer"
    assert token["access_token"].startswith(PREFIX)
    assert stranger.post("/api/v2/token", data=given).status_code == 200
    program = httpx.Client(base_url=desk.address, headers={"Authorization": f"Bearer {token['access_token']}"})
    key = {"Idempotency-Key": "once"}
    made = program.post("/api/v2/calls", json={"phone_number": NUMBER}, headers=key)
    assert made.status_code == 201
    assert made.json().keys() >= SHAPE
    assert (made.json()["status"], made.json()["phone_number"]) == ("pending", NUMBER)
    assert program.post("/api/v2/calls", json={"phone_number": NUMBER}, headers=key).json() == made.json()
    call_id = made.json()["call_id"]
    for path in (f"/api/v2/calls/{call_id}", f"/api/v2/status/{call_id}"):
        assert program.get(path).json() == made.json()
    rung = program.post(f"/api/v2/interaction/{NUMBER}", json={"context": "ivr", "extension": "100"}).json()
    assert (rung["context"], rung["extension"], rung["caller_id"]) == ("ivr", "100", None)
    assert program.post(f"/api/v2/interaction/{NUMBER}").status_code == 201
    assert [item["call_id"] for item in program.get("/api/v2/calls?by=me").json()["items"]][-1] == call_id
    ended = program.delete(f"/api/v2/calls/{call_id}").json()
    assert (ended["status"], "dial@example.com" in ended["message"]) == ("failed", True)
    assert program.get("/api/v2/calls/none").status_code == 404
    foreign = rung["call_id"]
    other = desk.program("operator", "dialer.dial", "dialer.view")
    assert other.delete(f"/api/v2/calls/{foreign}").json()["error"]["facts"] == {"permission": "dialer.override"}
    assert other.get(f"/api/v2/calls/{foreign}").json()["status"] == "pending"
    assert desk.program("supervisor").delete(f"/api/v2/calls/{foreign}").json()["status"] == "failed"
    with desk.services.database.read() as session:
        assert audit.entries(session, audit.AuditFilter(action="dialer.hung_up")).entries[0].subject == foreign
    assert program.get("/api/v1/users").status_code == 403
    rows = list(csv.DictReader(io.StringIO(program.get("/api/v2/calls.csv?status=failed").content.decode("utf-8-sig"))))
    assert [(row["call_id"], row["number"]) for row in rows] == [(foreign, NUMBER), (call_id, NUMBER)]


def test_the_policy_holds_for_programs_and_says_why(desk: Desk) -> None:
    ready(desk)
    program = desk.program("supervisor", "dialer.dial", "dialer.view")
    for number, rule in (
        ("112", "emergency"),
        ("+19005551234", "premium"),
        ("+13055550100", "country"),
        ("x", "not_a_number"),
    ):
        answer = program.post(f"/api/v2/interaction/{number}", headers={"Accept-Language": "es"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "dialer_refused")
        assert answer.json()["error"]["facts"]["rules"] == rule
    with desk.services.database.read() as session:
        kept = audit.entries(session, audit.AuditFilter(action="dialer.refused")).entries
    assert [(entry.subject, entry.detail["refused_by"]) for entry in reversed(kept)] == [
        ("112", ["emergency"]), ("+19005551234", ["premium"]), ("+13055550100", ["country"]), ("x", ["not_a_number"])
    ]  # fmt: skip
    assert {(entry.actor, entry.detail["source"]) for entry in kept} == {("supervisor@example.com", "api")}
    refused = program.post("/api/v2/calls", json={"phone_number": NUMBER, "caller_id": "+10000000000"})
    assert refused.json()["error"]["facts"]["rules"] == "caller_id"
    assert isinstance(desk.clock, SteppedClock)
    desk.clock.step(60)
    silent = program.post("/api/v2/calls", json={"phone_number": NUMBER})
    assert (silent.status_code, silent.json()["error"]["code"]) == (503, "dialer_not_connected")
    reader = desk.program("supervisor", "dialer.view")
    assert reader.post("/api/v2/calls", json={"phone_number": NUMBER}).status_code == 403


def test_tokens_are_for_who_may_dial_ten_tries_a_minute(desk: Desk) -> None:
    desk.person("analyst", "reads@example.com", PASSWORD)
    stranger = httpx.Client(base_url=desk.address, timeout=30)
    given = {"username": "reads@example.com", "password": PASSWORD}
    assert stranger.post("/api/v2/token", json=given).json()["error"]["code"] == "not_allowed"
    answer = stranger.post("/api/v2/token", content=b'{"username": "x", "password": 7}')
    assert (answer.status_code, "7" in answer.json()["error"]["message"]) == (422, False)
    codes = [stranger.post("/api/v2/token", json=given | {"username": "nobody"}).status_code for _ in range(9)]
    assert codes == [401] * 8 + [429]


def test_the_description_is_whole_and_holds_for_generated_requests(desk: Desk) -> None:
    ready(desk)
    stranger = desk.browser()
    described = stranger.get("/api/v2/openapi.json").json()
    assert described["servers"] == [{"url": "/api/v2"}]
    assert set(described["paths"]) == {
        "/token", "/interaction/{number}", "/status/{call_id}", "/calls", "/calls.csv", "/calls/{call_id}",
        "/calls/{call_id}/recording",
    }  # fmt: skip
    assert described["paths"]["/token"]["post"]["security"] == []
    page = stranger.get("/api/v2/docs").text
    assert "<script" not in page
    assert all(f"/api/v2{path}" in page for path in described["paths"])
    assert "/api/v2/docs" in stranger.get("/api/v1/docs").text
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    client = desk.program("supervisor")
    made = client.post("/api/v2/calls", json={"phone_number": NUMBER})
    assert made.status_code == 201
    for operation in operations_of(described):

        @settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def holds(case: Case) -> None:
            answer = case.call(base_url=f"{desk.address}/api/v2", headers=dict(client.headers))
            case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])
            if answer.status_code >= 400:
                assert set(answer.json()["error"]) >= {"code", "message", "remedy"}

        holds()
