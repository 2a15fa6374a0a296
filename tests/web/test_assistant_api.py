"""Asking Claude over HTTP: a question is taken and stored, and who may not ask is refused."""

from core.store.models.assistant import AssistantViewRow
from tests.assistant.conftest import add_alert
from tests.web.conftest import OpenDesk
from tests.web.serving import Desk


def test_a_question_is_taken_once_and_listed(open_desk: OpenDesk) -> None:
    desk = open_desk(anthropic_api_key="sk-ant-test-3f9b1c77d2")
    alert = add_alert(desk.services.database)
    analyst = desk.browser("analyst")
    first = analyst.post(f"/api/v1/assistant/alert/{alert}", params={"language": "es"})
    again = analyst.post(f"/api/v1/assistant/alert/{alert}", params={"language": "es"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    listed = analyst.get(f"/api/v1/assistant/alert/{alert}").json()["items"]
    assert [(view["id"], view["state"], view["language"]) for view in listed] == [(first.json()["id"], "queued", "es")]
    with desk.services.database.read() as session:
        assert session.get_one(AssistantViewRow, first.json()["id"]).requested_by == "analyst@example.com"


def test_without_a_key_and_for_what_is_not_there_it_says_so(desk: Desk) -> None:
    alert = add_alert(desk.services.database)
    analyst = desk.browser("analyst")
    refused = analyst.post(f"/api/v1/assistant/alert/{alert}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "assistant_off")
    assert analyst.get("/api/v1/assistant/case/999").status_code == 404
    assert analyst.get("/api/v1/assistant/person/1").status_code == 422


def test_who_may_not_ask_is_refused(desk: Desk) -> None:
    alert = add_alert(desk.services.database)
    assert desk.browser("operator").post(f"/api/v1/assistant/alert/{alert}").status_code == 403
    assert desk.program("analyst", "alerts.view").post(f"/api/v1/assistant/alert/{alert}").status_code == 403
