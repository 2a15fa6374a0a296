"""Calling settings and administrators' audit against Cisco's official API descriptions, from both ends.

Tolerated: ``filename`` of a custom announcement is required by the description's schema and absent in its own example.
"""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from core.clock import SteppedClock
from core.respond.actions import ABROAD, ACTIONS, PREMIUM, SETTING_OF, intended
from core.sandbox.tenant import TenantOptions
from core.sandbox.working_days import is_employed
from core.webex import admin_audit, call_settings
from core.webex.call_settings import Setting
from core.webex.identifiers import webex_id
from tests.conftest import NOON
from tests.sandbox.conftest import RunningCloud

pytestmark = pytest.mark.contract

SHARED = Path(os.environ.get("SHARED", Path(__file__).resolve().parents[3] / "shared"))
SPECIFICATIONS = SHARED / "data" / "webex" / "openapi"
PATHS: dict[Setting, str] = {
    "outgoing_permission": "/people/{personId}/features/outgoingPermission",
    "call_forwarding": "/people/{personId}/features/callForwarding",
    "call_intercept": "/people/{personId}/features/intercept",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    options = TenantOptions(tmp_path_factory.mktemp("cloud"), people=40, history_days=1)
    running = RunningCloud(options, SteppedClock(NOON))
    running.sign_in()
    yield running
    running.stop()


def description(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        (SPECIFICATIONS / f"webex-{name}-api-openapi.yml").read_text(encoding="utf-8")
    )
    return loaded


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    return description("user-call-settings-1-2")


def schema(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    """The JSON schema of the answer of GET, or of the body of PUT, with the components it refers to."""
    operation = document["paths"][path][method]
    holder = operation["responses"]["200"] if method == "get" else operation["requestBody"]
    return {**holder["content"]["application/json"]["schema"], "components": document["components"]}


def somebody(cloud: RunningCloud) -> str:
    today = cloud.tenant.clock.now().date()
    return next(one.uuid for one in cloud.tenant.world.people if one.is_human and is_employed(one, today))


def held(cloud: RunningCloud, setting: Setting) -> dict[str, Any]:
    path = PATHS[setting].format(personId=webex_id("PEOPLE", somebody(cloud)))
    body: dict[str, Any] = cloud.get(f"/v1{path}").json()
    return body


@pytest.mark.parametrize("setting", PATHS)
def test_the_pretend_cloud_tells_settings_as_described(
    cloud: RunningCloud, settings: dict[str, Any], setting: Setting
) -> None:
    jsonschema.validate(held(cloud, setting), schema(settings, PATHS[setting], "get"))


@pytest.mark.parametrize("action", ACTIONS)
def test_what_an_answer_sends_is_what_webex_takes(cloud: RunningCloud, settings: dict[str, Any], action: Any) -> None:
    setting = SETTING_OF[action]
    asked = schema(settings, PATHS[setting], "put")
    for value in (held(cloud, setting), example(settings, setting)):
        sent = call_settings.writable(setting, intended(action, value, (*ABROAD, *PREMIUM)))
        jsonschema.validate(sent, asked)
        assert unknown(sent, asked, settings) == []


def example(document: dict[str, Any], setting: Setting) -> dict[str, Any]:
    """The description's own example of an answer."""
    content = document["paths"][PATHS[setting]]["get"]["responses"]["200"]["content"]["application/json"]
    found: dict[str, Any] = content["example"]
    return found


def unknown(value: Any, asked: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """Fields that are sent and not described."""
    if "$ref" in asked:
        asked = document["components"]["schemas"][asked["$ref"].rsplit("/", 1)[-1]]
    if isinstance(value, list):
        return [name for item in value for name in unknown(item, asked["items"], document)]
    if not isinstance(value, dict):
        return []
    known = asked.get("properties", {})
    found = [name for name in value if name not in known]
    return found + [
        deeper for name, part in value.items() if name in known for deeper in unknown(part, known[name], document)
    ]


@pytest.mark.parametrize("setting", PATHS)
def test_the_client_s_paths_and_scopes_are_published(settings: dict[str, Any], setting: Setting) -> None:
    (path, *_) = call_settings._paths(setting, "11a3f990-a689-477d-be6b-7120025d8abb", telephony=False)
    assert re.fullmatch(re.sub(r"{\w+}", "[^/]+", PATHS[setting]), path)
    assert call_settings.READ_SCOPE in settings["paths"][PATHS[setting]]["get"]["description"]
    assert call_settings.WRITE_SCOPE in settings["paths"][PATHS[setting]]["put"]["description"]


def test_the_audit_is_told_and_asked_for_as_described(cloud: RunningCloud) -> None:
    document = description("admin-audit-events")
    operation = document["paths"]["/adminAudit/events"]["get"]
    cloud.control("incidents", kind="forwarding")
    now = cloud.tenant.clock.now() + timedelta(hours=1)
    query = {
        "orgId": webex_id("ORGANIZATION", cloud.tenant.world.org_uuid),
        "from": admin_audit._stamp(now - timedelta(days=6)),
        "to": admin_audit._stamp(now),
        "max": str(admin_audit.PAGE),
        "offset": "0",
    }
    answer = cloud.get("/v1/adminAudit/events", **query).json()
    assert answer["items"]
    jsonschema.validate(answer, schema(document, "/adminAudit/events", "get"))
    published = {item["name"]: item for item in operation["parameters"]}
    assert set(query) <= set(published)
    assert {name for name, item in published.items() if item.get("required")} <= set(query)
    categories = cloud.get("/v1/adminAudit/eventCategories").json()
    jsonschema.validate(categories, schema(document, "/adminAudit/eventCategories", "get"))


def test_the_audit_s_own_example_is_understood() -> None:
    document = description("admin-audit-events")
    content = document["paths"]["/adminAudit/events"]["get"]["responses"]["200"]["content"]["application/json"]
    event = admin_audit._event(content["example"]["items"][0])
    assert event is not None
    assert (event.actor_name, event.setting) == ("Joe Smith", None)
    assert re.fullmatch(r"[0-9a-f-]{36}", event.target_uuid)
