"""Responses over HTTP: proposals, an explicit yes, progress, undo, and who may."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from core.respond.carrying_out import work_off
from core.respond.setting_watch import no_fence, read_people
from tests.respond.alerts import raise_alert
from tests.respond.conftest import Desk, never
from tests.web.serving import Desk as WebDesk
from tests.web.serving import application, serving


@pytest.fixture
def web(small_desk: Desk) -> Iterator[WebDesk]:
    with serving(application(small_desk.services)) as address:
        opened = WebDesk(address, small_desk.services, small_desk.clock)
        yield opened
        opened.close()


def post(client: httpx.Client, path: str, body: dict[str, Any], status: int = 202, *, key: str = "") -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    content: dict[str, Any] = answer.json()
    return content


def test_a_program_proposes_applies_follows_and_undoes(small_desk: Desk, web: WebDesk) -> None:
    person = small_desk.somebody().uuid
    alert = raise_alert(small_desk, person)
    read_people(small_desk.services, [person])
    admin = web.program("admin")
    offered = admin.get(f"/api/v1/alerts/{alert}/responses/proposals").json()
    assert offered["write_right"] == "granted"
    (block,) = [one for one in offered["items"] if one["is_recommended"]]
    assert {"field": "INTERNATIONAL", "aspect": "action", "before": "ALLOW", "after": "BLOCK"} in block["changes"]
    asked = {"proposals": [block["key"]], "confirm": True}
    made = post(admin, f"/alerts/{alert}/responses", asked, key="one")
    again = post(admin, f"/alerts/{alert}/responses", asked, key="one")
    assert (made["id"], made["is_working"], made["state"]) == (again["id"], True, "applying")
    work_off(small_desk.services, never, no_fence)
    shown = admin.get(f"/api/v1/responses/{made['id']}").json()
    assert (shown["state"], shown["can_be_undone"], shown["changes"][0]["state"]) == ("applied", True, "applied")
    listed = admin.get(f"/api/v1/alerts/{alert}/responses").json()
    assert ([one["id"] for one in listed["items"]], listed["next"]) == ([made["id"]], None)
    post(admin, f"/responses/{made['id']}/undo", {"confirm": True})
    work_off(small_desk.services, never, no_fence)
    assert admin.get(f"/api/v1/responses/{made['id']}").json()["state"] == "undone"


def test_what_is_refused_says_why(small_desk: Desk, web: WebDesk) -> None:
    person = small_desk.somebody().uuid
    alert = raise_alert(small_desk, person)
    admin, analyst = web.program("admin"), web.program("analyst")
    asked: dict[str, Any] = {"proposals": [f"block_calls:{person}"]}
    path = f"/alerts/{alert}/responses"
    assert analyst.get(f"/api/v1{path}/proposals").status_code == 200
    post(analyst, path, {**asked, "confirm": True}, 403)
    assert post(admin, path, asked, 422)["error"]["code"] == "respond_consent_missing"
    other = {"proposals": ["stop_forwarding:nobody"], "confirm": True}
    assert post(admin, path, other, 422)["error"]["code"] == "respond_not_proposed"
    post(admin, "/alerts/9999/responses", {**asked, "confirm": True}, 404)
    post(admin, "/responses/9999/undo", {"confirm": True}, 404)
    made = post(admin, path, {**asked, "confirm": True})
    assert post(admin, path, {**asked, "confirm": True}, 409)["error"]["code"] == "respond_under_way"
    assert post(admin, f"/responses/{made['id']}/undo", {"confirm": True}, 409)["error"]["code"] == (
        "respond_nothing_to_undo"
    )
