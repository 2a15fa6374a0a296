"""Signing in and out as a browser does it."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.access import people, sessions, setup
from core.access.permissions import ROLES
from core.access.sign_in import ATTEMPTS_FROM_ONE_ADDRESS_ON_ONE_ACCOUNT
from core.web.origin import local_path
from tests.access.conftest import PASSWORD
from tests.web.conftest import OpenDesk
from tests.web.serving import PAGE_TEXT, Desk

KEY = {"sandbox": False, "secret_key": "k3Yf0r-tests-0123456789-abcdefghijklmnop"}


def form_token(browser: httpx.Client, path: str = "/sign-in") -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', browser.get(path).text)
    assert found is not None
    return found[1]


def send(browser: httpx.Client, path: str = "/sign-in", **fields: str) -> httpx.Response:
    return browser.post(path, data={"form_token": form_token(browser, path), **fields})


def test_a_deep_link_survives_signing_in(desk: Desk) -> None:
    desk.person("analyst", "ana", PASSWORD)
    browser = desk.browser()
    asked = browser.get("/calls?c_dir=ORIGINATING&c_from=2026-11-01")
    assert asked.status_code == 303
    where = urlsplit(asked.headers["location"])
    assert where.path == "/sign-in"
    wanted = parse_qs(where.query)["next"][0]
    answer = send(browser, name="ana", password=PASSWORD, next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls?c_dir=ORIGINATING&c_from=2026-11-01")
    assert browser.get(answer.headers["location"]).text == PAGE_TEXT
    assert browser.get("/sign-in?next=/jobs").headers["location"] == "/jobs"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk, open_desk: OpenDesk) -> None:
    desk.person("analyst", "ana", PASSWORD)
    cookie = send(desk.browser(), name="ana", password=PASSWORD).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=604800"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    secure = open_desk(base_url="https://desk.example")
    browser = secure.browser()
    shown = browser.get("/sign-in")
    token = re.search(r'name="form_token" value="([^"]+)"', shown.text)
    assert token is not None
    assert "Secure" in shown.headers["set-cookie"]
    assert shown.headers["strict-transport-security"]
    answer = browser.post(
        "/sign-in",
        data={"form_token": token[1], "name": "ana", "password": PASSWORD},
        headers={"Cookie": f"tollwatch_form={token[1]}"},
    )
    assert "Secure" in answer.headers["set-cookie"]


def test_a_session_that_was_there_before_is_never_taken_over(desk: Desk) -> None:
    desk.person("analyst", "ana", PASSWORD)
    browser = desk.browser()
    planted = "planted-by-an-attacker"
    browser.cookies.set(sessions.COOKIE, planted)
    answer = send(browser, name="ana", password=PASSWORD)
    fresh = answer.cookies[sessions.COOKIE]
    assert fresh != planted
    assert sessions.person_of(desk.services.database, planted, desk.clock) is None
    again = desk.browser()
    again.cookies.set(sessions.COOKIE, fresh)
    assert again.get("/calls").text == PAGE_TEXT


def test_wrong_passwords_get_one_answer_and_then_none(desk: Desk) -> None:
    desk.person("analyst", "ana", PASSWORD)
    browser = desk.browser()
    known = send(browser, name="ana", password="wrong password")
    unknown = send(browser, name="nobody", password="wrong password")
    assert known.status_code == unknown.status_code == 401
    assert known.text.replace('value="ana"', "") == unknown.text.replace('value="nobody"', "")
    assert "wrong password" not in known.text
    for _ in range(ATTEMPTS_FROM_ONE_ADDRESS_ON_ONE_ACCOUNT - 1):
        assert send(browser, name="ana", password="wrong password").status_code == 401
    stopped = send(browser, name="ana", password=PASSWORD)
    assert stopped.status_code == 429
    assert int(stopped.headers["retry-after"]) > 0
    assert sessions.COOKIE not in stopped.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://attacker.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
    ],
)
def test_another_site_cannot_send_the_form(desk: Desk, headers: dict[str, str]) -> None:
    desk.person("analyst", "ana", PASSWORD)
    browser = desk.browser()
    fields = {"form_token": form_token(browser), "name": "ana", "password": PASSWORD}
    answer = browser.post("/sign-in", data=fields, headers=headers)
    assert answer.status_code == 403
    assert sessions.COOKIE not in answer.cookies


@pytest.mark.parametrize("token", ["", "guessed"])
def test_the_form_of_another_browser_is_refused(desk: Desk, token: str) -> None:
    desk.person("analyst", "ana", PASSWORD)
    browser = desk.browser()
    form_token(browser)
    answer = browser.post("/sign-in", data={"form_token": token, "name": "ana", "password": PASSWORD})
    assert answer.status_code == 403
    without_cookie = desk.browser().post("/sign-in", data={"form_token": "", "name": "ana", "password": PASSWORD})
    assert without_cookie.status_code == 403


@pytest.mark.parametrize(
    "wanted",
    [
        "https://attacker.example/",
        "//attacker.example/",
        "/\\attacker.example",
        "\\\\attacker.example",
        "/\t/attacker.example",
        "javascript:alert(1)",
        "calls",
        "",
        "/sign-in?next=/sign-in",
        "/sign-out",
        "/" + "x" * 3000,
    ],
)
def test_only_pages_of_this_site_follow_signing_in(desk: Desk, wanted: str) -> None:
    assert local_path(wanted) == "/"
    browser = desk.browser("analyst")
    assert browser.get("/sign-in", params={"next": wanted}).headers["location"] == "/"


@pytest.mark.parametrize("wanted", ["/", "/calls?c_number=%2B57&x=1", "/jobs#run-3", "/connections?next=//x"])
def test_pages_of_this_site_do_follow(wanted: str) -> None:
    assert local_path(wanted) == wanted


def test_what_is_typed_comes_back_escaped(desk: Desk) -> None:
    answer = send(desk.browser(), name='"><script>alert(1)</script>', password="x", next='/"><script>')
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in desk.browser().get('/sign-in?problem=<script>&next=/"><script>').text


def test_signing_out_by_our_own_link_and_not_by_anothers(desk: Desk) -> None:
    browser = desk.browser("analyst")
    elsewhere = browser.get("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 200
    assert browser.get("/calls").text == PAGE_TEXT
    token = browser.cookies[sessions.COOKIE]
    answer = browser.get("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["location"] == "/sign-in"
    assert sessions.person_of(desk.services.database, token, desk.clock) is None
    assert browser.get("/calls").status_code == 303


def test_the_confirmed_sign_out(desk: Desk) -> None:
    browser = desk.browser("analyst")
    shown = browser.get("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).text
    found = re.search(r'name="form_token" value="([^"]+)"', shown)
    assert found is not None
    assert browser.post("/sign-out", data={"form_token": "guessed"}).status_code == 403
    assert browser.post("/sign-out", data={"form_token": found[1]}).status_code == 303
    assert browser.get("/calls").status_code == 303


@pytest.mark.parametrize("role", ROLES)
def test_a_click_signs_in_on_the_sandbox_machine(desk: Desk, role: str) -> None:
    browser = desk.browser()
    answer = send(browser, role=role, next="/jobs")
    assert answer.headers["location"] == "/jobs"
    assert browser.get("/api/v1/me").json()["person"]["role"] == role


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Host": "desk.example"},
    ],
)
def test_a_click_from_elsewhere_signs_nobody_in(open_desk: OpenDesk, headers: dict[str, str]) -> None:
    desk = open_desk(allowed_hosts="desk.example")
    browser = desk.browser()
    token = form_token(browser)
    assert 'name="role"' not in browser.get("/sign-in", headers=headers).text
    answer = browser.post(
        "/sign-in",
        data={"form_token": token, "role": "admin"},
        headers={"Cookie": f"tollwatch_form={token}", **headers},
    )
    assert answer.status_code == 403
    assert sessions.COOKIE not in answer.cookies


def test_outside_the_sandbox_no_click_signs_in(open_desk: OpenDesk) -> None:
    desk = open_desk(**KEY)
    browser = desk.browser()
    assert 'name="role"' not in browser.get("/sign-in").text
    assert send(browser, role="admin").status_code == 403
    assert people.everybody(desk.services.database) == []


def test_the_set_up_link_makes_and_signs_in_the_admin(open_desk: OpenDesk) -> None:
    desk = open_desk(**KEY)
    link = setup.new_link(desk.services.database, desk.clock, "http://x")
    path = link.removeprefix("http://x")
    browser = desk.browser()
    weak = browser.post(
        "/set-up",
        data={
            "form_token": form_token(browser, path),
            "token": parse_qs(urlsplit(link).query)["token"][0],
            "name": "root",
            "display_name": "Root",
            "password": "short",
        },
    )
    assert weak.status_code == 422
    assert 'value="root"' in weak.text
    fields = {"token": parse_qs(urlsplit(link).query)["token"][0], "name": "root", "display_name": "Root"}
    made = browser.post("/set-up", data={"form_token": form_token(browser, path), "password": PASSWORD, **fields})
    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert browser.get("/api/v1/me").json()["person"]["role"] == "admin"
    assert desk.browser().get(path).status_code == 410
    assert desk.browser().get("/set-up").status_code == 410


@pytest.mark.parametrize(("language", "words"), [("es", "Iniciar sesión"), ("en", "Sign in")])
def test_both_languages_by_browser_and_by_choice(desk: Desk, language: str, words: str) -> None:
    by_browser = desk.browser().get("/sign-in", headers={"Accept-Language": f"{language}-XX"})
    assert f"<h1>{words}</h1>" in by_browser.text
    assert f'<html lang="{language}">' in by_browser.text
    browser = desk.browser()
    browser.get(f"/sign-in?language={language}")
    assert f"<h1>{words}</h1>" in browser.get("/sign-in", headers={"Accept-Language": "fr"}).text


def test_the_page_fetches_nothing_and_runs_nothing(desk: Desk) -> None:
    for path in ("/sign-in", "/set-up", "/sign-out?x", "/api/v1/docs"):
        page = desk.browser().get(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert "<script" not in page.text
        assert not re.search(r'(src|action|href)="(https?:)?//', page.text)
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'self'" in page.headers["content-security-policy"]
