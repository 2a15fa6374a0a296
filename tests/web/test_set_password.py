"""The page behind a one-time link, and the routes about passwords."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from core.access import password_links
from tests.access.conftest import PASSWORD
from tests.web.conftest import OpenDesk
from tests.web.serving import Desk
from tests.web.test_sign_in import form_token

ANOTHER = "nueve montañas de sal"


def link_for(desk: Desk, name: str = "ana") -> tuple[str, str]:
    """Path and token of a new link."""
    made = password_links.make(desk.services, desk.person("analyst", name).id, actor="test")
    parts = urlsplit(made.address)
    return f"{parts.path}?{parts.query}", parse_qs(parts.query)["token"][0]


def test_the_link_sets_a_password_and_signs_in_once(desk: Desk) -> None:
    path, token = link_for(desk)
    browser = desk.browser()
    shown = browser.get(path)
    assert "ana" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert not re.search(r'<script|(src|action|href)="(https?:)?//', shown.text)
    fields = {"form_token": form_token(browser, path), "token": token}
    weak = browser.post("/set-password", data={**fields, "password": "short"})
    assert (weak.status_code, "short" in weak.text) == (422, False)
    done = browser.post("/set-password", data={**fields, "password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert browser.get("/api/v1/me").json()["person"]["name"] == "ana"
    again = browser.post("/set-password", data={**fields, "password": ANOTHER})
    assert (again.status_code, desk.browser().get(path).status_code) == (410, 410)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_useless_link_says_what_to_do(desk: Desk, language: str) -> None:
    answer = desk.browser().get("/set-password?token=guessed", headers={"Accept-Language": language})
    assert answer.status_code == 410
    assert ("administrador" if language == "es" else "administrator") in answer.text


def test_another_site_cannot_send_the_form(desk: Desk) -> None:
    path, token = link_for(desk)
    browser = desk.browser()
    fields = {"form_token": form_token(browser, path), "token": token, "password": PASSWORD}
    assert browser.post("/set-password", data=fields, headers={"Origin": "https://a.example"}).status_code == 403
    assert browser.post("/set-password", data={**fields, "form_token": "guessed"}).status_code == 403
    assert not desk.person("analyst", "ana").has_password


def test_where_the_organisation_signs_people_in_no_link_sets_a_password(open_desk: OpenDesk) -> None:
    desk = open_desk(
        sign_in_method="oidc", oidc_metadata_url="http://127.0.0.1:9/x", oidc_client_id="x", oidc_client_secret="y" * 32
    )
    assert desk.browser().get(link_for(desk)[0]).status_code == 403


def test_people_change_their_own_password_by_the_api_and_keys_do_not(desk: Desk) -> None:
    desk.person("analyst", "analyst@example.com", PASSWORD)
    browser, program = desk.browser("analyst"), desk.program("analyst")
    elsewhere = desk.browser("analyst")
    change = {"present": PASSWORD, "wanted": ANOTHER}
    assert program.post("/api/v1/me/password", json=change).status_code == 403
    wrong = browser.post("/api/v1/me/password", json={**change, "present": "no"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "present_password")
    assert browser.post("/api/v1/me/password", json=change).status_code == 204
    assert browser.get("/api/v1/me").status_code == 200
    assert elsewhere.get("/api/v1/me").status_code == 401


def test_administrators_make_and_revoke_links_by_the_api(desk: Desk) -> None:
    person = desk.person("analyst", "ana")
    admin = desk.browser("admin")
    made = admin.post(f"/api/v1/users/{person.id}/password-link")
    assert made.status_code == 201
    path = made.json()["address"].removeprefix(desk.services.settings.base_url)
    assert desk.browser().get(path).status_code == 200
    assert admin.delete(f"/api/v1/users/{person.id}/password-link").status_code == 204
    assert desk.browser().get(path).status_code == 410
    narrow = desk.program("admin", "users.manage")
    root = desk.person("admin", "root")
    assert narrow.post(f"/api/v1/users/{root.id}/password-link").status_code == 403
