"""Tickets, operators and clients over HTTP: the same functions as the pages, by right, once by key."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from core.calls.ingest import store_records
from tests.calls.records import leg, uuid_of
from tests.web.operations import Case, operations_of
from tests.web.serving import Desk

TICKETS = "/api/v1/tickets/"


@pytest.fixture
def lead(desk: Desk) -> httpx.Client:
    return desk.program("supervisor")


def made(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def hire(client: httpx.Client, name: str, **more: Any) -> int:
    return int(made(client, "/api/v1/operators", name=name, **more)["id"])


def test_a_ticket_lives_through_the_api(desk: Desk, lead: httpx.Client) -> None:
    store_records(desk.services, [leg()], source="import", origin="one")
    call = leg()["Report ID"]
    ana = hire(lead, "Ana", skills=["fraud"])
    banco = made(lead, "/api/v1/clients", name="Banco", priority_class="key")["id"]
    one = made(lead, TICKETS, title="Block the plan", priority="high", client_id=banco, skills=["fraud"], assign=True)
    assert (one["public_id"], one["state"], one["operator_id"]) == (f"T-{one['id']}", "new", ana)
    assert "Ana" in one["timeline"][0]["why"]
    path = f"{TICKETS}{one['public_id']}"
    waiting = {"state": "waiting", "reason": "the client", "priority": "critical", "version": one["version"]}
    changed = lead.put(path, json=waiting).json()
    assert (changed["state"], changed["priority"], changed["due_at"]) == ("waiting", "critical", None)
    stale = lead.put(path, json={"state": "open", "version": one["version"]})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "ticket_changed")
    assert lead.put(path, json={"operator_id": None, "reason": "ill"}).json()["operator_id"] is None
    noted = made(lead, f"{path}/comments", text="<b>as it stands</b>")
    assert noted["timeline"][0]["comment"] == "<b>as it stands</b>"
    assert lead.post(f"{path}/links", json={"kind": "alert", "reference": "7"}).status_code == 404
    unheard = lead.post(f"{path}/links", json={"kind": "call", "reference": uuid_of("never")})
    assert (unheard.status_code, unheard.json()["error"]["code"]) == (404, "not_found")
    assert made(lead, f"{path}/links", kind="call", reference=call)["links"][0]["kind"] == "call"
    for kind in ("alert", "case", "call", "journey", "recording", "visit", "ticket"):
        trusted = {"title": "Trusted", "links": [{"kind": kind, "reference": "999"}]}
        assert lead.post(TICKETS, json=trusted).status_code == 404
    other = made(lead, TICKETS, title="The same")
    stays = lead.post(f"{TICKETS}{other['id']}/merge", json={"into": one["public_id"]}).json()
    assert (stays["id"], stays["merged"]) == (one["id"], [other["id"]])
    found = lead.get(TICKETS, params={"link": f"call:{call}"}).json()
    assert [item["id"] for item in found["items"]] == [one["id"]]
    figures = lead.get(f"{TICKETS}stats").json()
    assert (figures["total"], figures["unassigned"], figures["by_state"]) == (1, 1, {"waiting": 1})
    text = lead.get(f"{TICKETS}export").text
    assert '"T-1"' in text
    assert "Banco" in text


def test_a_repeated_key_makes_one_ticket(lead: httpx.Client) -> None:
    headers = {"Idempotency-Key": "k1"}
    ids = {lead.post(path, json={"title": "Once"}, headers=headers).json()["id"] for path in (TICKETS, TICKETS[:-1])}
    assert len(ids) == 1
    answer = lead.post(TICKETS, json={"title": "Work", "client_id": 99})
    assert answer.status_code == 404
    assert len(lead.get(TICKETS).json()["items"]) == 1


def test_operators_change_with_shifts_and_absences(lead: httpx.Client) -> None:
    shift = {"weekdays": [0, 1], "begins": "22:00", "ends": "06:00", "time_zone": "America/Bogota"}
    number = hire(lead, "Ana", shifts=[shift])
    path = f"/api/v1/operators/{number}"
    found = lead.get(path).json()
    assert found["shifts"][0]["begins"] == "22:00"
    kept = lead.put(path, json={"name": "Ana R", "version": found["version"]}).json()
    assert (kept["name"], len(kept["shifts"])) == ("Ana R", 1)
    assert lead.put(path, json={"name": "Ana", "version": found["version"]}).status_code == 409
    away = made(lead, f"{path}/absences", begins_at="2026-01-01T00:00:00Z", ends_at="2027-12-31T00:00:00Z")
    assert lead.get(path).json()["presence"] == "absent"
    assert lead.delete(f"{path}/absences/{away['id']}").status_code == 204
    names = [hire(lead, name) for name in ("Bea", "Ana R")]
    page = lead.get("/api/v1/operators", params={"limit": 2}).json()
    rest = lead.get("/api/v1/operators", params={"limit": 2, "cursor": page["next"]}).json()
    assert [one["id"] for one in page["items"] + rest["items"]] == [number, names[1], names[0]]


def test_operators_work_tickets_and_manage_nobody(desk: Desk) -> None:
    client = desk.program("operator")
    assert made(client, TICKETS, title="Work")["state"] == "new"
    assert client.get("/api/v1/operators").status_code == 200
    assert client.post("/api/v1/operators", json={"name": "Ana"}).status_code == 403
    assert client.post("/api/v1/clients", json={"name": "Banco"}).status_code == 403


def test_the_contract_holds_for_generated_requests(desk: Desk) -> None:
    client = desk.program("admin")
    made(client, TICKETS, title="Work")
    hire(client, "Ana")
    ours = [
        operation
        for operation in operations_of(client.get("/api/v1/openapi.json").json())
        if operation.path.removeprefix("/api/v1").startswith(("/tickets", "/operators", "/clients"))
    ]
    assert len(ours) == 20
    for operation in ours:

        @settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def holds(case: Case) -> None:
            answer = case.call(base_url=f"{desk.address}/api/v1", headers=dict(client.headers))
            case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])
            if answer.status_code >= 400:
                assert set(answer.json()["error"]) >= {"code", "message", "remedy"}

        holds()
