"""Reports and dashboards over HTTP: made on the spot, put together, by schedule, kept, with right and trace."""

import io
import random
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from core.reports.carrying_out import Maker, make_waiting
from core.store import audit
from core.store.audit import AuditFilter
from tests.reports.conftest import HOSTILE, fill
from tests.web.operations import Case, operations_of
from tests.web.serving import Desk

SCHEDULE = {
    "name": "Weekly calls",
    "report": "calls",
    "parameters": {"site": ["Denver"]},
    "cron": "0 6 * * 1",
    "time_zone": "America/Bogota",
    "formats": ["html", "csv"],
    "language": "es",
    "recipients": ["ana@example.com"],
}


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A web process with calls, alerts and tickets."""
    fill(desk.services)
    return desk


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_reports_come_in_every_form_with_their_period(filled: Desk) -> None:
    client = filled.program("analyst")
    kinds = {kind["name"] for kind in client.get("/api/v1/reports").json()}
    assert kinds == {"calls", "tickets", "operators", "alerts", "recordings", "custom"}
    told = client.get("/api/v1/reports/calls", params={"period": "30d", "time_zone": "America/Bogota"}).json()
    legs = next(figure for figure in told["figures"] if figure["name"] == "legs")
    assert legs["value"] == sum(row["legs"] for table in told["tables"][:1] for row in table["rows"]) > 20
    tickets = client.get("/api/v1/reports/tickets", params={"period": "today", "priority": "high"}).json()
    assert next(figure["value"] for figure in tickets["figures"] if figure["name"] == "tickets") == 2
    for format, kind in (
        ("csv", "text/csv"), ("xlsx", "application/vnd.openxml"), ("html", "text/html"),
        ("parquet", "application/vnd.apa"),
    ):  # fmt: skip
        answer = client.get("/api/v1/reports/alerts", params={"format": format, "period": "30d"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        assert int(answer.headers["content-length"]) == len(answer.content)
    assert "<script" not in client.get("/api/v1/reports/alerts", params={"format": "html"}).text
    with filled.services.database.read() as session:
        entries = audit.entries(session, AuditFilter(action="report.export"))
    assert len(entries.entries) == 7
    for wrong in ({"period": "x"}, {"priority": "high"}, {"since": "2026-11-01"}, {"time_zone": "x"}, {"table": "x"}):
        assert client.get("/api/v1/reports/calls", params=wrong).status_code in (404, 422), wrong
    assert client.get("/api/v1/reports/secrets").status_code == 422


def test_a_report_is_put_together_within_the_rights_of_the_key(filled: Desk) -> None:
    client = filled.program("supervisor")
    asked: dict[str, Any] = {"of": "alerts", "group": ["day"], "measures": ["alerts"], "period": "30d"}
    told = client.post("/api/v1/reports/custom", json=asked).json()
    assert sum(row["alerts"] for row in told["tables"][0]["rows"]) == 12
    listed = client.post(
        "/api/v1/reports/custom", json={"of": "calls", "fields": ["user"], "period": "30d", "limit": 40}
    ).json()
    assert HOSTILE in {row["user"] for row in listed["tables"][0]["rows"]}
    assert client.post("/api/v1/reports/custom", json=asked | {"group": ["raw"]}).status_code == 422
    assert client.post("/api/v1/reports/custom", json=asked | {"filters": {"of": ["calls"]}}).status_code == 422
    narrow = filled.program("supervisor", "reports.view", "tickets.view")
    assert code_of(narrow.post("/api/v1/reports/custom", json=asked)) == (403, "not_allowed")
    assert code_of(narrow.get("/api/v1/reports/calls")) == (403, "not_allowed")
    assert code_of(narrow.get("/api/v1/reports/analytics")) == (403, "not_allowed")
    assert narrow.get("/api/v1/reports/tickets").status_code == 200
    assert narrow.get("/api/v1/dashboards/charts").status_code == 403


def test_datasets_for_analysis(filled: Desk) -> None:
    client = filled.program("analyst")
    answer = client.get("/api/v1/reports/analytics", params={"dataset": "alerts", "format": "parquet", "period": "30d"})
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.num_rows == 12
    assert str(table.schema.field("raised_at").type) == "timestamp[us, tz=UTC]"
    text = client.get(
        "/api/v1/reports/analytics", params={"dataset": "tickets", "format": "csv", "period": "today"}
    ).text
    assert text.splitlines()[0].startswith("\ufeffid,created_at,title") or text.startswith("id,created_at,title")
    hourly = client.get("/api/v1/reports/analytics", params={"period": "30d"}).json()
    assert [column["name"] for column in hourly["tables"][0]["columns"]][:2] == ["hour", "location"]


def test_a_schedule_lives_through_the_api_and_its_report_arrives(filled: Desk) -> None:
    client = filled.program("supervisor")
    made = client.post("/api/v1/reports/schedules", json=SCHEDULE)
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    assert made.json()["next_at"] == "2026-11-23T11:00:00Z"
    changed = client.put(
        f"/api/v1/reports/schedules/{number}", json=SCHEDULE | {"paused": True, "version": made.json()["version"]}
    ).json()
    assert changed["next_at"] is None
    stale = client.put(f"/api/v1/reports/schedules/{number}", json=SCHEDULE | {"version": 1})
    assert code_of(stale) == (409, "conflict")
    headers = {"Idempotency-Key": "once"}
    runs = [client.post(f"/api/v1/reports/schedules/{number}/run", headers=headers).json()["id"] for _ in range(2)]
    assert len(set(runs)) == 1
    assert make_waiting(Maker(filled.services, random.Random(1))) == {"made": 1}
    told = client.get(f"/api/v1/reports/history/{runs[0]}").json()
    assert (told["state"], told["done"], [file["format"] for file in told["files"]]) == ("done", 2, ["html", "csv"])
    file = client.get(f"/api/v1/reports/history/{runs[0]}/files/csv")
    assert len(file.content) == told["files"][1]["bytes"]
    assert client.get(f"/api/v1/reports/history/{runs[0]}/files/xlsx").status_code == 404
    assert client.post(f"/api/v1/reports/history/{runs[0]}/retry").status_code == 404
    assert [run["id"] for run in client.get("/api/v1/reports/history").json()["items"]] == [runs[0]]
    narrow = filled.program("supervisor", "reports.view", "tickets.view")
    assert narrow.get(f"/api/v1/reports/history/{runs[0]}/files/csv").status_code == 403
    assert client.delete(f"/api/v1/reports/schedules/{number}").status_code == 204
    assert client.get("/api/v1/reports/schedules").json()["items"] == []
    analyst = filled.program("analyst")
    assert code_of(analyst.post("/api/v1/reports/schedules", json=SCHEDULE)) == (403, "not_allowed")
    for wrong in ({"cron": "* * * * *"}, {"recipients": ["x"]}, {"period": "y"}, {"parameters": {"severity": ["low"]}}):
        assert client.post("/api/v1/reports/schedules", json=SCHEDULE | wrong).status_code == 422, wrong


def test_a_report_is_ordered_followed_and_paged(filled: Desk) -> None:
    client = filled.program("analyst")
    asked = {"report": "alerts", "formats": ["json"], "period": "30d"}
    numbers = [client.post("/api/v1/reports/history", json=asked).json()["id"] for _ in range(3)]
    first = client.get("/api/v1/reports/history", params={"limit": 2}).json()
    rest = client.get("/api/v1/reports/history", params={"limit": 2, "cursor": first["next"]}).json()
    assert [run["id"] for run in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next"] is None
    assert {run["state"] for run in first["items"]} == {"waiting"}


def test_dashboards_show_what_the_caller_may_see(filled: Desk) -> None:
    supervisor, operator = filled.program("supervisor"), filled.program("operator")
    sections = supervisor.get("/api/v1/dashboards/metrics", params={"time_zone": "America/Bogota"}).json()["sections"]
    assert list(sections) == ["calls", "alerts", "tickets", "operators"]
    assert {figure["name"]: figure["value"] for figure in sections["tickets"]}["open"] == 5
    assert "alerts" not in operator.get("/api/v1/dashboards/metrics").json()["sections"]
    moment = supervisor.get("/api/v1/dashboards/real-time").json()
    assert len(moment["alerts"]) == 10
    assert sum(minute["legs"] for minute in moment["minutes"]) == 1
    assert operator.get("/api/v1/dashboards/real-time").json()["alerts"] == []
    names = [chart["name"] for chart in supervisor.get("/api/v1/dashboards/charts").json()]
    for name in names:
        chart = supervisor.get(f"/api/v1/dashboards/charts/{name}", params={"period": "30d"}).json()
        assert all(len(series["values"]) == len(chart["labels"]) for series in chart["series"]), name
    assert operator.get("/api/v1/dashboards/charts/alerts").status_code == 403
    assert code_of(supervisor.get("/api/v1/dashboards/charts/nothing")) == (404, "not_found")


def test_the_page_s_files_are_led_to_sign_in_and_checked(filled: Desk) -> None:
    address = "/exports/reports/calls.csv?period=30d&zone=America/Bogota&table=sites"
    assert filled.browser().get(address).status_code == 303
    assert filled.browser("operator").get(address).status_code == 403
    answer = filled.browser("analyst").get(address)
    assert answer.status_code == 200
    assert "calls-sites-" in answer.headers["content-disposition"]
    assert filled.browser("analyst").get("/exports/reports/calls.exe").status_code == 404
    assert filled.browser("analyst").get("/exports/reports/history/999.csv").status_code == 404
    assert filled.browser("analyst").get(f"/exports/reports/history/{2**70}.csv").status_code == 404


def test_the_contract_holds_for_generated_requests(filled: Desk) -> None:
    client = filled.program("admin")
    ours = [
        operation
        for operation in operations_of(client.get("/api/v1/openapi.json").json())
        if operation.path.removeprefix("/api/v1").startswith(("/reports", "/dashboards"))
    ]
    assert len(ours) == 19
    for operation in ours:

        @settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def holds(case: Case) -> None:
            answer = case.call(base_url=f"{filled.address}/api/v1", headers=dict(client.headers))
            case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])
            if answer.status_code >= 400:
                assert set(answer.json()["error"]) >= {"code", "message", "remedy"}

        holds()
