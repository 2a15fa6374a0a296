"""Calling settings and the administrators' audit asked of a cloud that answers as told."""

from datetime import timedelta
from typing import Any

import pytest

from core.services import Services
from core.webex.admin_audit import PAGE, bare, read_events
from core.webex.call_settings import read_setting, write_setting
from core.webex.client import WebexClient, open_client
from core.webex.errors import (
    AuditRightMissingError,
    MalformedAnswerError,
    NotFoundOnWebexError,
    SettingsRightMissingError,
)
from core.webex.identifiers import webex_id
from tests.webex.scripted_cloud import ScriptedCloud, fails, says

PERSON = "11a3f990-a689-477d-be6b-7120025d8abb"
IDENTIFIER = webex_id("PEOPLE", PERSON)
OLD = f"/people/{IDENTIFIER}/features/outgoingPermission"
NEW = f"/telephony/config/people/{IDENTIFIER}/outgoingPermission"
PERMISSION: dict[str, Any] = {
    "useCustomEnabled": True,
    "useCustomPermissions": True,
    "callingPermissions": [
        {
            "callType": "INTERNATIONAL",
            "action": "BLOCK",
            "transferEnabled": False,
            "isCallTypeRestrictionEnabled": False,
        },
        {"callType": "UNKNOWN", "action": "ALLOW", "transferEnabled": True, "isCallTypeRestrictionEnabled": False},
    ],
}


@pytest.fixture
def client(by_hand: Services) -> WebexClient:
    return open_client(by_hand)


@pytest.mark.parametrize("status", [404, 405])
def test_where_the_published_path_is_unknown_the_newer_one_is_tried(
    client: WebexClient, cloud: ScriptedCloud, status: int
) -> None:
    cloud.answer(OLD, fails(status), fails(status))
    cloud.answer(NEW, says(PERMISSION), says({}, 204))
    assert read_setting(client, "outgoing_permission", PERSON) == PERMISSION
    write_setting(client, "outgoing_permission", PERSON, PERMISSION)
    assert [(seen.method, seen.path) for seen in cloud.seen] == [("GET", OLD), ("GET", NEW), ("PUT", OLD), ("PUT", NEW)]


def test_the_newer_path_can_be_tried_first(client: WebexClient, cloud: ScriptedCloud) -> None:
    cloud.answer(NEW, says(PERMISSION))
    read_setting(client, "outgoing_permission", PERSON, telephony=True)
    assert [seen.path for seen in cloud.seen] == [NEW]


def test_somebody_without_calling_is_told_from_a_missing_right(client: WebexClient, cloud: ScriptedCloud) -> None:
    with pytest.raises(NotFoundOnWebexError):
        read_setting(client, "outgoing_permission", PERSON)
    cloud.answer(OLD, fails(403, "missing required scopes"))
    with pytest.raises(SettingsRightMissingError) as caught:
        write_setting(client, "outgoing_permission", PERSON, PERMISSION)
    assert caught.value.facts["scope"] == "spark-admin:people_write"
    assert "full administrator" in caught.value.remedy()
    cloud.answer(NEW, fails(403))
    with pytest.raises(SettingsRightMissingError) as caught:
        write_setting(client, "outgoing_permission", PERSON, PERMISSION, telephony=True)
    assert caught.value.facts["scope"] == "spark-admin:telephony_config_write"


def test_a_broken_wire_is_tried_again_because_replacing_twice_is_replacing_once(
    client: WebexClient, cloud: ScriptedCloud
) -> None:
    cloud.answer(OLD, fails(503), fails(429, Retry_After="1"), says({}, 204))
    write_setting(client, "outgoing_permission", PERSON, PERMISSION)
    assert [seen.method for seen in cloud.seen] == ["PUT"] * 3


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"callingPermissions": "all"},
        {"callingPermissions": ["INTERNATIONAL"]},
        {"callingPermissions": [{"callType": str(number)} for number in range(101)]},
        {"callingPermissions": [], "extra": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}},
        {"callingPermissions": [], "extra": "x" * 501},
    ],
)
def test_an_answer_of_another_shape_is_not_kept(client: WebexClient, cloud: ScriptedCloud, answer: Any) -> None:
    cloud.answer(OLD, says(answer))
    with pytest.raises(MalformedAnswerError):
        read_setting(client, "outgoing_permission", PERSON)


def event(number: int) -> dict[str, Any]:
    return {"id": f"e{number}", "created": "2026-11-20T12:00:00.000Z", "actorId": "x", "data": {"actorName": "Ana"}}


def test_events_are_read_by_links_by_offset_and_in_windows_of_thirty_days(
    client: WebexClient, cloud: ScriptedCloud, by_hand: Services
) -> None:
    now = by_hand.clock.now()
    path = "/adminAudit/events"
    following = f'<{cloud.url}{path}?cursor=2>; rel="next"'
    cloud.answer(path, says({"items": [event(1)]}, Link=following), says({"items": [event(2), "odd", {"id": "e"}]}))
    cloud.answer(path, says({"items": [event(number) for number in range(PAGE)]}), says({"items": [event(PAGE)]}))
    found = list(read_events(client, "org", now - timedelta(days=31), now))
    assert len(found) == 2 + PAGE + 1
    asked = cloud.requests(path)
    assert [seen.query.get("offset") for seen in asked] == ["0", None, "0", str(PAGE)]
    assert asked[0].query["to"] == asked[2].query["from"]
    assert {seen.query.get("max") for seen in asked} == {str(PAGE), None}


def test_a_missing_right_to_the_audit_names_the_scope(
    client: WebexClient, cloud: ScriptedCloud, by_hand: Services
) -> None:
    cloud.answer("/adminAudit/events", fails(403))
    now = by_hand.clock.now()
    with pytest.raises(AuditRightMissingError) as caught:
        list(read_events(client, "org", now - timedelta(days=1), now))
    assert "audit:events_read" in caught.value.message()


def test_identifiers_of_every_form_give_the_uuid() -> None:
    assert bare("MjQ0ODhiZTYtY2FiMS00ZGRkLTk0NWQtZDFlYjkzOGQ4NGUy") == "24488be6-cab1-4ddd-945d-d1eb938d84e2"
    assert bare(IDENTIFIER) == PERSON
    assert bare(PERSON.upper()) == PERSON
    assert bare("not an id") == bare("") == ""
