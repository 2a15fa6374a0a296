"""Calls over HTTP: lists, one record, figures, and exports that leave a trace."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow as pa
import pytest

from core.calls.export import ROWS_A_SLICE
from core.calls.export_link import LINK_LASTS, ExportOrder, export_link
from core.calls.fields import RECORD_SCHEMA
from core.calls.filter_terms import TERMS
from core.calls.filters import CallFilter
from core.clock import SteppedClock
from core.store import audit
from core.store.audit import AuditFilter
from core.store.encryption import Vault
from core.web.api.calls import FilterParameters
from core.web.exports import BEGUN, ENDED
from tests.calls.legs_table import NOW, history, row
from tests.waiting import until
from tests.web.serving import Desk

ROWS = history(count=180, seed=51, days=6)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A web process with a history of calls."""
    desk.services.calls.append(pa.Table.from_pylist(ROWS, schema=RECORD_SCHEMA))
    return desk


def in_last_day() -> list[str]:
    rows = [one for one in ROWS if NOW - timedelta(hours=24) <= one["start_time"].replace(tzinfo=UTC) < NOW]
    return [one["report_id"] for one in sorted(rows, key=lambda r: (r["start_time"], r["report_id"]), reverse=True)]


def audited(desk: Desk, action: str) -> list[dict[str, Any]]:
    with desk.services.database.read() as session:
        page = audit.entries(session, AuditFilter(action=action))
        return [{"actor": entry.actor, **entry.detail} for entry in page.entries if entry.action == action]


@pytest.mark.parametrize("path", ["/api/v1/cdr", "/api/v1/cdrs/"])
def test_without_a_period_the_last_day_is_listed_page_by_page(filled: Desk, path: str) -> None:
    analyst = filled.browser("analyst")
    found: list[str] = []
    parameters: dict[str, Any] = {"limit": 7}
    while True:
        body = analyst.get(path, params=parameters).json()
        assert set(body) == {"items", "next", "previous"}
        found += [item["report_id"] for item in body["items"]]
        if body["next"] is None:
            break
        parameters["cursor"] = body["next"]
    assert found == in_last_day()
    assert len(found) > 7


def test_dates_are_whole_days(filled: Desk) -> None:
    body = filled.browser("analyst").get(
        "/api/v1/cdr", params={"start_date": "2026-11-17", "end_date": "2026-11-18", "limit": 1000}
    )
    expected = {one["report_id"] for one in ROWS if one["dt"] in ("2026-11-17", "2026-11-18")}
    assert {item["report_id"] for item in body.json()["items"]} == expected


def test_columns_are_chosen_and_instants_are_utc(filled: Desk) -> None:
    items = filled.browser("analyst").get("/api/v1/cdr", params={"columns": ["start_time", "user"]}).json()["items"]
    assert set(items[0]) == {"start_time", "user"}
    assert datetime.fromisoformat(items[0]["start_time"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"cursor": "nonsense"}, "cursor"),
        ({"since": "never"}, "since"),
        ({"end_date": "9999-12-31"}, "end_date"),
        ({"columns": "secret"}, "columns"),
        ({"contry": "CU"}, "contry"),
        ({"limit": "0"}, "limit"),
        ({"number": "x'--"}, "number"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(filled: Desk, parameters: dict[str, str], field: str) -> None:
    answer = filled.browser("analyst").get("/api/v1/cdr", params=parameters)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_input"
    assert answer.json()["error"]["facts"]["field"] == field


def test_every_term_of_the_filter_is_a_parameter() -> None:
    named = {field.alias or name for name, field in FilterParameters.model_fields.items()}
    assert named == {term.key for term in TERMS} | {"start_date", "end_date"}


def test_what_is_named_by_not_is_left_out(filled: Desk) -> None:
    analyst = filled.browser("analyst")

    def counted(**parameters: str) -> int:
        found = analyst.get("/api/v1/cdr/stats", params={"last": "all", **parameters}).json()
        return int(found["total"]["legs"])

    outgoing, others = (counted(direction="ORIGINATING", **more) for more in ({}, {"not": "direction"}))
    assert (outgoing + others, others) == (counted(), counted(direction="TERMINATING"))


def test_one_record_comes_with_its_original(filled: Desk) -> None:
    analyst = filled.browser("analyst")
    wanted = ROWS[3]
    body = analyst.get(f"/api/v1/cdr/{wanted['report_id']}", params={"day": wanted["dt"]}).json()
    assert body["report_id"] == wanted["report_id"]
    assert body["raw"] == {}
    assert set(body) == set(RECORD_SCHEMA.names) - {"dt"}
    missing = analyst.get("/api/v1/cdr/missing")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")


def test_the_figures_of_a_filter(filled: Desk) -> None:
    body = filled.browser("analyst").get("/api/v1/cdr/stats", params={"last": "all", "by": "outcomes"}).json()
    assert body["total"]["legs"] == len(ROWS)
    assert sum(one["legs"] for one in body["histogram"]["bars"]) == len(ROWS)
    assert sum(one["legs"] for one in body["top"]) == len(ROWS)
    assert body["sentence"] == "All calls on record."
    refused = filled.browser("analyst").get("/api/v1/cdr/stats", params={"by": "raw"})
    assert refused.status_code == 422


def test_the_figures_of_nothing_keep_to_their_schema(filled: Desk) -> None:
    body = filled.browser("analyst").get("/api/v1/cdr/stats", params={"last": "all", "user": "nobody"}).json()
    assert {name: body["total"][name] for name in ("legs", "calls", "answered", "international", "numbers")} == {
        "legs": 0,
        "calls": 0,
        "answered": 0,
        "international": 0,
        "numbers": 0,
    }
    assert (body["answered_share"], body["top"]) == (None, [])


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_an_export_over_the_api_is_in_the_audit(filled: Desk) -> None:
    answer = filled.program("analyst").get("/api/v1/cdr/export", params={"zone": "America/Bogota"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="calls-20261120T170000Z.csv"'
    assert [one["Report ID"] for one in rows_of(answer)] == in_last_day()
    assert "Start time (America/Bogota)" in rows_of(answer)[0]
    begun, ended = audited(filled, BEGUN), audited(filled, ENDED)
    assert len(begun) == len(ended) == 1
    assert begun[0]["actor"].startswith("analyst@example.com (key tw_")
    assert begun[0]["filter"] == "Calls in the last 24 hours."
    assert begun[0]["expected_rows"] == len(in_last_day()) == int(answer.headers["x-expected-rows"])
    assert (ended[0]["rows"], ended[0]["complete"]) == (len(in_last_day()), True)


def test_json_lines(filled: Desk) -> None:
    answer = filled.program("analyst").get("/api/v1/cdr/export", params={"format": "jsonl", "columns": "report_id"})
    assert [json.loads(line)["Report ID"] for line in answer.text.splitlines()] == in_last_day()


def link(desk: Desk, role: str = "analyst", **order: Any) -> str:
    vault = Vault(desk.services.settings, desk.clock)
    return export_link(vault, desk.person(role).id, ExportOrder(CallFilter(**order)))


def test_a_link_exports_what_it_was_made_for(filled: Desk) -> None:
    answer = filled.browser("analyst").get(link(filled, last="all", outcomes=("busy",)))
    expected = {one["report_id"] for one in ROWS if one["outcome"] == "busy"}
    assert {one["Report ID"] for one in rows_of(answer)} == expected
    assert audited(filled, BEGUN)[0]["query"] == {"last": ["all"], "outcome": ["busy"]}


def test_a_link_is_worth_nothing_to_others_altered_or_late(filled: Desk, clock: SteppedClock) -> None:
    address = link(filled)
    stranger = filled.browser().get(address, follow_redirects=False)
    assert stranger.status_code in (303, 401)
    assert filled.browser("supervisor").get(address).json()["error"]["code"] == "link_invalid"
    assert filled.browser("analyst").get(address[:-3]).json()["error"]["code"] == "link_invalid"
    assert filled.browser("analyst").get("/exports/calls.csv").json()["error"]["code"] == "link_invalid"
    assert filled.browser("analyst").get(address.replace(".csv", ".exe")).status_code == 404
    clock.step(LINK_LASTS.total_seconds() + 1)
    assert filled.browser("analyst").get(address).json()["error"]["code"] == "link_expired"
    assert audited(filled, BEGUN) == []


@pytest.mark.parametrize("path", ["/api/v1/cdr", "/api/v1/cdrs/", "/api/v1/cdr/stats", "/api/v1/cdr/x"])
def test_who_may_not_see_calls_does_not(filled: Desk, path: str) -> None:
    assert filled.browser("operator").get(path).status_code == 403
    assert filled.browser().get(path, headers={"Accept": "application/json"}).status_code == 401


def test_who_may_see_may_not_therefore_export(filled: Desk) -> None:
    answer = filled.program("analyst", "calls.view").get("/api/v1/cdr/export")
    assert answer.status_code == 403
    assert answer.json()["error"]["facts"]["permission"] == "calls.export"
    assert audited(filled, BEGUN) == []


def test_an_export_that_fails_on_the_way_is_broken_off_and_noted(desk: Desk) -> None:
    first = row(0, NOW - timedelta(days=1))
    columns = {
        name: pa.repeat(pa.scalar(value, RECORD_SCHEMA.field(name).type), ROWS_A_SLICE * 3)
        for name, value in first.items()
    }
    ids = pa.array([f"leg-{number:06d}" for number in range(ROWS_A_SLICE * 3)])
    desk.services.calls.append(pa.table({**columns, "report_id": ids}, schema=RECORD_SCHEMA))
    old = row(1, NOW - timedelta(days=30))
    desk.services.calls.append(pa.Table.from_pylist([old], schema=RECORD_SCHEMA))
    received: list[bytes] = []
    with pytest.raises(httpx.RemoteProtocolError):
        receive(desk, received, after_first=lambda: shutil.rmtree(desk.services.calls.path / f"dt={old['dt']}"))
    until(lambda: bool(audited(desk, ENDED)))
    assert audited(desk, ENDED)[0]["complete"] is False
    assert b"INCOMPLETE" in b"".join(received).splitlines()[-1]


def receive(desk: Desk, received: list[bytes], after_first: Callable[[], None]) -> None:
    with desk.browser("analyst").stream("GET", link(desk, last="all")) as answer:
        for piece in answer.iter_raw():
            if not received:
                after_first()
            received.append(piece)
