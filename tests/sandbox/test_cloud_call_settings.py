"""Calling settings of the pretend cloud: read, replaced, remembered, told in the audit, and obeyed by the calls."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest

from core.sandbox.archive import milliseconds
from core.sandbox.world import Person
from core.settings import DEFAULT_SCOPES
from core.webex.identifiers import webex_id
from tests.sandbox.conftest import RunningCloud

WRITING = f"{DEFAULT_SCOPES} spark-admin:people_write"
ORGANISATION_ABROAD = ["INTERNATIONAL", "PREMIUM_SERVICES_I", "PREMIUM_SERVICES_II"]


@pytest.fixture
def cloud(start_cloud: Callable[..., RunningCloud]) -> RunningCloud:
    started = start_cloud()
    started.sign_in(scope=WRITING)
    return started


def path(person: Person | str, name: str) -> str:
    uuid = person if isinstance(person, str) else person.uuid
    return f"/v1/people/{webex_id('PEOPLE', uuid)}/features/{name}"


def somebody(cloud: RunningCloud) -> Person:
    return next(person for person in cloud.tenant.world.people if person.is_human and person.international)


def blocked(value: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "callType": row["callType"],
            "action": "BLOCK" if row["callType"] in ORGANISATION_ABROAD else row["action"],
            "transferEnabled": row["callType"] not in ORGANISATION_ABROAD and row["transferEnabled"],
        }
        for row in value["callingPermissions"]
    ]
    return {"useCustomEnabled": True, "useCustomPermissions": True, "callingPermissions": rows}


def incident(cloud: RunningCloud, kind: str, **more: Any) -> dict[str, Any]:
    """An incident that begins now, with the records of the victim's calls later on."""
    return cloud.control("incidents", kind=kind, **more)


def legs(cloud: RunningCloud, person: str, ids: list[str]) -> list[dict[str, Any]]:
    """The victim's records of an incident as a call history would give them by now."""
    now = milliseconds(cloud.tenant.clock.now())
    found = cloud.tenant.archive.stored(now - 48 * 3_600_000, now, now)
    records = {copy.report_id: orjson.loads(copy.body) for copy in found if copy.report_id in ids}
    return [record for record in records.values() if record["User UUID"] == person]


def test_a_replaced_setting_is_read_back_and_outlives_a_restart(start_cloud: Callable[..., RunningCloud]) -> None:
    cloud = start_cloud()
    cloud.sign_in(scope=WRITING)
    person = somebody(cloud)
    value = cloud.get(path(person, "outgoingPermission")).json()
    answer = cloud.http.put(path(person, "outgoingPermission"), json=blocked(value))
    assert (answer.status_code, answer.content) == (204, b"")
    cloud.stop()
    again = start_cloud()
    again.clock.step(3600)
    again.sign_in()
    held = again.get(path(person, "outgoingPermission")).json()
    assert {row["callType"] for row in held["callingPermissions"] if row["action"] == "BLOCK"} == set(
        ORGANISATION_ABROAD
    )


def test_writing_takes_a_scope_and_a_person(cloud: RunningCloud) -> None:
    person = somebody(cloud)
    value = cloud.get(path(person, "callForwarding")).json()
    assert cloud.http.get(path("00000000-0000-4000-8000-000000000000", "callForwarding")).status_code == 404
    cloud.sign_in()
    assert cloud.http.put(path(person, "callForwarding"), json=value).status_code == 403


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("outgoingPermission", {"useCustomEnabled": True}),
        ("outgoingPermission", {"callingPermissions": [{"callType": "UNKNOWN", "action": "BLOCK"}]}),
        ("callForwarding", {"callForwarding": {"always": {"enabled": True}}}),
        ("callForwarding", {"callForwarding": {"noAnswer": {"enabled": False, "numberOfRings": 99}}}),
        ("callForwarding", {"callForwarding": {"noAnswer": {"systemMaxNumberOfRings": 20}}}),
    ],
)
def test_what_webex_would_not_take_is_refused(cloud: RunningCloud, name: str, body: dict[str, Any]) -> None:
    assert cloud.http.put(path(somebody(cloud), name), json=body).status_code == 400


def test_a_blocked_person_s_calls_abroad_are_refused_from_then_on(cloud: RunningCloud) -> None:
    made = incident(cloud, "irsf_burst", minutes_ago=60)
    person = made["entity"]
    value = cloud.http.get(path(person, "outgoingPermission")).json()
    cloud.http.put(path(person, "outgoingPermission"), json=blocked(value))
    at = cloud.tenant.clock.now()
    cloud.clock.step(8 * 3600)
    found = legs(cloud, person, made["report_ids"])
    early = [leg for leg in found if leg["Start time"] < at.strftime("%Y-%m-%dT%H:%M:%S")]
    late = [leg for leg in found if leg not in early]
    assert late
    assert {(leg["Answered"], leg["Call outcome"], leg["Duration"]) for leg in late} == {("false", "Refusal", 0)}
    assert any(leg["Answered"] == "true" for leg in early)


def test_an_abusive_forward_changes_the_setting_first_and_ends_with_it(cloud: RunningCloud) -> None:
    made = incident(cloud, "forwarding")
    person = made["entity"]
    held = cloud.http.get(path(person, "callForwarding")).json()["callForwarding"]["always"]
    assert held["enabled"]
    assert held["destination"].startswith("+")
    assert made["started"] >= cloud.tenant.clock.now().timestamp()
    off = {"callForwarding": {"always": {**held, "enabled": False}}}
    cloud.clock.step(2 * 3600)
    assert cloud.http.put(path(person, "callForwarding"), json=off).status_code == 204
    at = cloud.tenant.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
    cloud.clock.step(12 * 3600)
    found = legs(cloud, person, made["report_ids"])
    abroad = [leg for leg in found if leg["Direction"] == "ORIGINATING"]
    callers = [leg for leg in found if leg["Direction"] == "TERMINATING" and leg["Start time"] >= at]
    assert [leg for leg in abroad if leg["Start time"] >= at] == []
    assert {leg["Answered"] for leg in callers} == {"false"}


def test_intercept_stops_every_call_out(cloud: RunningCloud) -> None:
    made = incident(cloud, "mass_dialling")
    person = made["entity"]
    assert cloud.http.put(path(person, "intercept"), json={"enabled": True}).status_code == 204
    cloud.clock.step(4 * 3600)
    assert {leg["Call outcome reason"] for leg in legs(cloud, person, made["report_ids"])} == {"AdminCallBlock"}


def test_the_audit_tells_changes_by_administrators_page_by_page(cloud: RunningCloud) -> None:
    person = somebody(cloud)
    cloud.clock.step(3600)
    for position in range(3):
        cloud.clock.step(1)
        cloud.http.put(path(person, "intercept"), json={"enabled": position % 2 == 0})
    cloud.clock.step(1)
    now = cloud.tenant.clock.now()
    query: dict[str, str | int] = {
        "orgId": webex_id("ORGANIZATION", cloud.tenant.world.org_uuid),
        "from": (now - timedelta(minutes=30)).isoformat(),
        "to": now.isoformat(),
        "max": 2,
    }
    answer = cloud.http.get("/v1/adminAudit/events", params=query)
    items = answer.json()["items"]
    items += cloud.http.get(answer.links["next"]["url"]).json()["items"]
    assert len(items) == 3
    assert all("call intercept" in item["data"]["actionText"] for item in items)
    assert cloud.http.get("/v1/adminAudit/events", params={"orgId": query["orgId"]}).status_code == 400
    cloud.control("faults", missing_scopes="audit:events_read")
    assert cloud.http.get("/v1/adminAudit/events", params=query).status_code == 403
