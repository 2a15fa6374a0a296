"""Alerts over HTTP: the seed's routes with paging, filters and figures, and working them with right and trace."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from core.access.permissions import permissions_of
from core.alerts.filters import AlertFilter
from core.alerts.receive import receive_drafts
from core.detection.finding import Severity
from core.store import audit
from core.store.audit import AuditFilter
from core.store.models.operations import Command
from core.web.api.alert_shapes import FilterParameters
from tests.alerts.drafts import draft, legs
from tests.calls.records import uuid_of
from tests.conftest import NOON
from tests.web.serving import Desk

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A web process with nine alerts."""
    drafts = [
        draft(f"k{n}", who=f"user {n}", severity=SEVERITIES[n % 4], evidence=(f"e{n}", f"f{n}")) for n in range(9)
    ]
    facts = legs(*(one for each in drafts for one in each.evidence))
    with desk.services.database.write() as session:
        receive_drafts(session, drafts, at=NOON, legs=facts)
    return desk


def made(client: httpx.Client, **more: Any) -> dict[str, Any]:
    body = {
        "alert_type": "unusual_international_calls",
        "severity": "HIGH",
        "title": "Calls to Cuba at night",
        "user_id": uuid_of("ana"),
    }
    answer = client.post("/api/v1/alerts", json=body | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_list_comes_in_pages_worst_first(filled: Desk) -> None:
    client = filled.program("analyst")
    seen: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {"limit": 4}
    while True:
        body = client.get("/api/v1/alerts", params=parameters).json()
        assert set(body) == {"items", "next", "previous"}
        seen += body["items"]
        if body["next"] is None:
            break
        parameters["cursor"] = body["next"]
    ranks = [SEVERITIES.index(one["severity"].lower()) for one in seen]
    assert len(seen) == 9
    assert ranks == sorted(ranks, reverse=True)
    only = client.get("/api/v1/alerts", params={"severity": "CRITICAL"}).json()["items"]
    assert {one["severity"] for one in only} == {"CRITICAL"}
    assert len(only) == 2
    wrong = client.get("/api/v1/alerts", params={"severity": "AWFUL"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid_input")


def test_pages_may_be_counted_and_give_the_same_order(filled: Desk) -> None:
    client = filled.program("analyst")
    whole = [one["id"] for one in client.get("/api/v1/alerts").json()["items"]]
    pages = [client.get("/api/v1/alerts", params={"page": page, "page_size": 4}).json() for page in (1, 2, 3, 4)]
    assert [one["id"] for body in pages for one in body["items"]] == whole
    assert [len(body["items"]) for body in pages] == [4, 4, 1, 0]
    after = client.get("/api/v1/alerts", params={"cursor": pages[1]["next"], "limit": 4}).json()
    assert after["items"] == pages[2]["items"]
    assert client.get("/api/v1/alerts", params={"page": 0}).status_code == 422


def test_the_routes_take_every_part_of_the_filter() -> None:
    keys = {*AlertFilter(sort="cost", text="x").to_query(), "state", "severity", "owner", "rule", "site", "kind"}
    assert keys - {"sort"} <= set(FilterParameters.model_fields)


def test_one_is_read_by_number_and_by_readable_id(filled: Desk) -> None:
    client = filled.program("analyst")
    first = client.get("/api/v1/alerts").json()["items"][0]
    whole = client.get(f"/api/v1/alerts/{first['id']}").json()
    assert client.get(f"/api/v1/alerts/{first['public_id']}").json() == whole
    assert len(whole["evidence"]) == 2
    assert "Cuba" in whole["written_explanation"]
    assert whole["user_id"] == whole["entity"]
    assert whole["ai_analysis"] is None
    for unknown in ("999999", "A-AAAAAAAA", "x", "9" * 19):
        assert client.get(f"/api/v1/alerts/{unknown}").status_code == 404


def test_the_seed_s_life_of_an_alert(desk: Desk) -> None:
    client = desk.browser("analyst")
    new = made(client)
    assert (new["alert_type"], new["severity"], new["status"]) == ("international_calls", "HIGH", "open")
    address = f"/api/v1/alerts/{new['id']}"
    assert client.patch(address, json={"status": "investigating"}).json()["owner"] == "analyst@example.com"
    closed = client.patch(
        address, json={"status": "resolved", "resolution_notes": "false positive - authorised campaign"}
    ).json()
    assert (closed["status"], closed["resolution_notes"]) == ("resolved", "false positive - authorised campaign")
    again = client.patch(address, json={"status": "investigating"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "alert_state")
    timeline = client.get(f"{address}/timeline", params={"limit": 2}).json()
    assert [row["action"] for row in timeline["items"]] == ["resolved", "investigating"]
    older = client.get(f"{address}/timeline", params={"cursor": timeline["next"]}).json()
    assert [row["action"] for row in older["items"]] == ["raised"]


def test_a_stale_version_is_refused_with_who_was_quicker(desk: Desk) -> None:
    client = desk.browser("analyst")
    new = made(client)
    address = f"/api/v1/alerts/{new['id']}"
    other = desk.browser("supervisor")
    assert other.patch(address, json={"version": new["version"], "acknowledged": True}).status_code == 200
    refused = client.patch(address, json={"version": new["version"], "status": "resolved", "verdict": "benign"})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["facts"]["who"]) == (
        409,
        "alert_changed",
        "supervisor@example.com",
    )


def test_several_changes_are_made_together_or_not_at_all(desk: Desk) -> None:
    client = desk.browser("analyst")
    address = f"/api/v1/alerts/{made(client)['id']}"
    refused = client.patch(address, json={"owner": "ada", "status": "open"})
    assert refused.status_code == 409
    assert client.get(address).json()["owner"] == ""
    done = client.patch(
        address, json={"acknowledged": True, "owner": "ada", "status": "investigating", "comment": "hm"}
    )
    assert (done.json()["owner"], done.json()["status"]) == ("ada", "investigating")
    assert client.patch(address, json={"verdict": "benign"}).status_code == 422


def test_a_repeated_report_is_taken_once(desk: Desk) -> None:
    client = desk.browser("analyst")
    client.headers["Idempotency-Key"] = "once"
    assert made(client)["id"] == made(client)["id"]
    assert client.post("/api/v1/alerts", json={"title": "x", "severity": "HIGH"}).status_code == 422


def test_figures(filled: Desk) -> None:
    client = filled.browser("analyst")
    number = client.get("/api/v1/alerts").json()["items"][0]["id"]
    client.patch(f"/api/v1/alerts/{number}", json={"status": "resolved", "verdict": "true_positive"})
    found = client.get("/api/v1/alerts/stats/summary").json()
    assert (found["total"], found["by_severity"]["CRITICAL"], found["by_status"]) == (9, 2, {"open": 8, "resolved": 1})
    assert (found["by_verdict"], found["precision"]) == ({"true_positive": 1}, 1.0)
    narrowed = client.get("/api/v1/alerts/stats/summary", params={"severity": "low"}).json()
    assert narrowed["total"] == 3


def test_the_file_is_the_filter_and_leaves_a_trace(filled: Desk) -> None:
    client = filled.browser("analyst")
    answer = client.get("/api/v1/alerts/export", params={"severity": "critical"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.splitlines()) == 3
    with filled.services.database.read() as session:
        assert audit.entries(session, AuditFilter(action="alerts.export")).entries[0].actor == "analyst@example.com"


def test_only_an_administrator_takes_an_alert_away(filled: Desk) -> None:
    number = filled.browser("analyst").get("/api/v1/alerts").json()["items"][0]["id"]
    address = f"/api/v1/alerts/{number}"
    assert filled.browser("supervisor").delete(address).status_code == 403
    admin = filled.browser("admin")
    assert admin.delete(address, params={"reason": "twice"}).status_code == 204
    assert admin.get(address).status_code == 404
    assert len(admin.get("/api/v1/alerts").json()["items"]) == 8


def test_a_comment_and_the_case(filled: Desk) -> None:
    client = filled.browser("analyst")
    first = client.get("/api/v1/alerts").json()["items"][0]
    said = client.post(f"/api/v1/alerts/{first['id']}/comments", json={"text": "asked the user"})
    assert (said.status_code, said.json()["comment"]) == (201, "asked the user")
    cases = client.get("/api/v1/cases", params={"limit": 5}).json()
    assert len(cases["items"]) == 5
    assert len(client.get("/api/v1/cases", params={"cursor": cases["next"]}).json()["items"]) == 4
    case = client.get(f"/api/v1/cases/{first['case_id']}").json()
    assert [one["id"] for one in case["items"]] == [first["id"]]


def test_a_key_that_may_only_look_cannot_work(filled: Desk) -> None:
    looking = filled.program("analyst", "alerts.view")
    assert looking.get("/api/v1/alerts").status_code == 200
    assert looking.post("/api/v1/alerts", json={"title": "x", "severity": "LOW", "user_id": "u"}).status_code == 403
    assert "alerts.view" not in permissions_of("operator")
    assert filled.browser("operator").get("/api/v1/alerts").status_code == 403


def test_an_analysis_is_asked_of_the_sidecar(desk: Desk) -> None:
    client = desk.browser("analyst")
    body = {"user_id": uuid_of("ana"), "detection_types": ["unusual_international_calls", "after_hours"]}
    answer = client.post("/api/v1/detection/analyze", json=body)
    assert answer.status_code == 202
    command = client.get(f"/api/v1/commands/{answer.json()['command_id']}").json()
    assert command["state"] == "queued"
    with desk.services.database.read() as session:
        arguments = session.scalars(select(Command.arguments)).one()
    assert arguments["job"] == "analyse_user"
    assert arguments["detectors"] == ["international_calls", "after_hours"]
    wrong = client.post("/api/v1/detection/analyze", json=body | {"detection_types": ["astrology"]})
    assert wrong.status_code == 422
