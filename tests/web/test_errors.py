"""One shape for every error, whichever layer it comes from."""

import inspect
import json
from typing import Any

import httpx
import pytest

import core.access.errors
import core.errors
import core.web.errors
from core.access import sessions
from core.errors import TollwatchError
from core.language import LANGUAGES
from core.store import rate_gate
from core.web.errors import error_body
from core.web.identity import REQUESTS_A_MINUTE
from core.web.middleware.body_size import LARGEST_BODY
from tests.web.conftest import OpenDesk
from tests.web.serving import Desk

FACTS = {
    "setting": "X",
    "problem": "p",
    "what": "w",
    "permission": "p",
    "field": "f",
    "seconds": 3,
    "name": "n",
    "shortest": 12,
    "scope": "s",
    "largest": 9,
}
KNOWN = [
    error
    for module in (core.errors, core.access.errors, core.web.errors)
    for _, error in inspect.getmembers(module, inspect.isclass)
    if issubclass(error, TollwatchError) and error.__module__ == module.__name__
]


def check_shape(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"error"}
    error = body["error"]
    assert (
        {"code", "message", "remedy", "request_id"}
        <= set(error)
        <= {"code", "message", "remedy", "request_id", "facts"}
    )
    assert error["code"] == code
    assert error["request_id"] == answer.headers["x-request-id"]
    return dict(error)


@pytest.mark.parametrize("error", KNOWN, ids=lambda error: error.code)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_error_has_texts_and_a_status(error: type[TollwatchError], language: str) -> None:
    body = error_body(error(**FACTS), language, "4711")["error"]  # type: ignore[arg-type]  # parametrised
    assert "{" not in body["message"] + body["remedy"]
    assert 400 <= error.http_status <= 599
    json.dumps(body)


def test_codes_are_not_shared() -> None:
    codes = [error.code for error in KNOWN]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/unknown", "/api/v2/cdr", "/api/v1/users/"]
)
def test_a_mistyped_address_of_the_api_is_no_page(desk: Desk, path: str) -> None:
    check_shape(desk.browser("admin").get(path), 404, "unknown_address")


def test_a_wrong_method_says_which_are_right(desk: Desk) -> None:
    answer = desk.browser("admin").put("/api/v1/users")
    check_shape(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/users?limit=0", "limit"),
        ("/api/v1/users?limit=many", "limit"),
        ("/api/v1/users?cursor=%ff", "cursor"),
        ("/api/v1/api-keys?cursor=WyJhIl0", "cursor"),
        ("/api/v1/users?cursor=W10", "cursor"),
        ("/api/v1/users/0", "person_id"),
        (f"/api/v1/users/{2**63}", "person_id"),
    ],
)
def test_a_value_that_does_not_fit_is_named(desk: Desk, path: str, field: str) -> None:
    error = check_shape(desk.browser("admin").get(path), 422, "invalid_input")
    assert error["facts"]["field"] == field


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'"text"', b"[1]", b"null"])
def test_a_body_that_is_no_json_object_is_refused(desk: Desk, body: bytes) -> None:
    answer = desk.browser("admin").post("/api/v1/users", content=body, headers={"Content-Type": "application/json"})
    check_shape(answer, 422, "invalid_input")


def test_a_body_too_large_is_refused_announced_or_not(desk: Desk) -> None:
    browser = desk.browser("admin")
    check_shape(browser.post("/api/v1/users", content=b"x" * (LARGEST_BODY + 1)), 413, "body_too_large")
    pieces = (b"x" * 65_536 for _ in range(LARGEST_BODY // 65_536 + 1))
    check_shape(browser.post("/api/v1/users", content=pieces), 413, "body_too_large")


def test_a_bug_shows_a_number_and_nothing_else(desk: Desk) -> None:
    answer = desk.browser("admin").get("/bug")
    check_shape(answer, 500, "unexpected")
    assert "must not see" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_errors_speak_the_readers_language(desk: Desk) -> None:
    answer = desk.browser().get("/api/v1/status", headers={"Accept-Language": "es-CO,es;q=0.9", "Accept": "*/*"})
    assert check_shape(answer, 401, "not_signed_in")["message"] == "No ha iniciado sesión."
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_caller_who_asks_too_often_is_told_when_to_go_on(desk: Desk) -> None:
    program, other = desk.program("analyst", "overview.view"), desk.program("analyst", "overview.view")
    first = program.get("/api/v1/me").json()["person"]["id"]
    prefix = program.headers["authorization"].removeprefix("Bearer ")[:9]
    rate_gate.take(
        desk.services.database,
        f"api:{prefix}",
        capacity=REQUESTS_A_MINUTE,
        per_seconds=60,
        clock=desk.clock,
        amount=REQUESTS_A_MINUTE - 1,
    )
    answer = program.get("/api/v1/me")
    check_shape(answer, 429, "too_many_requests")
    assert answer.headers["retry-after"] == "1"
    assert other.get("/api/v1/me").json()["person"]["id"] == first


def test_a_foreign_host_is_refused(desk: Desk, open_desk: OpenDesk) -> None:
    stranger = desk.browser()
    check_shape(stranger.get("/sign-in", headers={"Host": "rebound.attacker.example"}), 421, "unknown_host")
    check_shape(stranger.get("/sign-in", headers={"Host": "["}), 421, "unknown_host")
    assert stranger.get("/healthz", headers={"Host": "10.0.0.7:8501"}).status_code == 200
    known = open_desk(base_url="https://desk.example", allowed_hosts="second.example")
    for host in ("desk.example", "SECOND.example:443", "localhost"):
        assert known.browser().get("/sign-in", headers={"Host": host}).status_code == 200


def test_the_session_cookie_alone_changes_nothing(desk: Desk) -> None:
    browser = desk.browser("admin")
    del browser.headers["X-CSRF-Token"]
    new = {"name": "eve", "display_name": "Eve", "role": "admin"}
    check_shape(browser.post("/api/v1/users", json=new), 403, "foreign_origin")
    other = sessions.csrf_token("another session")
    check_shape(browser.post("/api/v1/users", json=new, headers={"X-CSRF-Token": other}), 403, "foreign_origin")


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://attacker.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_changes_nothing_even_with_the_token(desk: Desk, headers: dict[str, str]) -> None:
    new = {"name": "eve", "display_name": "Eve", "role": "admin"}
    check_shape(desk.browser("admin").post("/api/v1/users", json=new, headers=headers), 403, "foreign_origin")
