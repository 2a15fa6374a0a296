"""Nobody unknown sees a page, the wire behind it, or its files."""

import html

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.access import people, sessions
from core.language import translate
from tests.web.conftest import OpenDesk
from tests.web.serving import PAGE_TEXT, Desk

PAGES = ("/", "/calls", "/connections", "/jobs", "/users", "/anything/else", "/calls?x=1", "/index.html")
NO_PAGES = ("/anything/else", "/index.html")
WIRES = ("/media/abc.png", "/_stcore/upload_file/a/b", "/component/x", "/app/static/x", "/%5fstcore/stream", "//calls")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_a_stranger_to_sign_in(desk: Desk, path: str) -> None:
    answer = desk.browser().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2F")
    assert PAGE_TEXT not in answer.text
    shown = desk.browser("operator").get(path)
    assert (shown.text == PAGE_TEXT, shown.status_code) == ((False, 404) if path in NO_PAGES else (True, 200))


@pytest.mark.parametrize("path", [*NO_PAGES, "/calls/x/y", "/webex/none", "/página", "/a%20b", "/" + "x" * 61])
@pytest.mark.parametrize("language", ["en", "es"])
def test_an_address_that_can_be_no_page_is_told_in_our_own_words(desk: Desk, path: str, language: str) -> None:
    browser = desk.browser("analyst")
    answer = browser.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert html.escape(translate("errors.unknown_address.message", language), quote=False) in answer.text  # type: ignore[arg-type]
    assert 'href="/"' in answer.text
    program = browser.get(path, headers={"Accept": "*/*"})
    assert (program.status_code, program.json()["error"]["code"]) == (404, "unknown_address")


@pytest.mark.parametrize("path", ["/api/v1/cdr/a%00b", "/api/v1/alerts/..%2fx", "/media/%00"])
def test_a_path_that_nothing_may_be_looked_up_by_is_refused_in_the_one_shape(desk: Desk, path: str) -> None:
    answer = desk.browser("analyst").get(path, headers={"Accept": "*/*"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_request")


@pytest.mark.parametrize("path", ["/calls/_stcore/health", "/calls/_stcore/host-config", "/static/js/x.js", "/calls/"])
def test_what_streamlit_itself_asks_for_is_left_to_it(desk: Desk, path: str) -> None:
    assert desk.browser("analyst").get(path).text == PAGE_TEXT


@pytest.mark.parametrize("path", [*PAGES, *WIRES])
def test_what_is_no_navigation_is_refused(desk: Desk, path: str) -> None:
    stranger = desk.browser()
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = stranger.request(method, desk.address + path, headers={"Accept": "*/*"})
        assert (answer.status_code, PAGE_TEXT in answer.text) == (401, False)


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/interact", "/mcp", "/_stcore/script-health-check"]
)
def test_streamlits_own_doors_are_closed_to_everybody(desk: Desk, path: str) -> None:
    for browser in (desk.browser(), desk.browser("admin")):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/metricsx", "/apix", "/webexx", "/webex/x", "/webex/", "/exports/x/y", "/exports/", "/metrics/"]
)
def test_beside_a_route_no_page_opens_to_a_stranger(desk: Desk, path: str) -> None:
    answer = desk.browser().get(path)
    assert (answer.status_code, PAGE_TEXT in answer.text) == (303, False)


def test_crawlers_are_asked_to_leave(desk: Desk) -> None:
    assert desk.browser().get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def stream(desk: Desk, token: str | None, origin: str | None = "", path: str = "/_stcore/stream") -> str:
    address = desk.address.replace("http://", "ws://") + path
    headers = {"Cookie": f"{sessions.COOKIE}={token}"} if token else {}
    if origin is not None:
        headers["Origin"] = origin or desk.address
    with connect(address, additional_headers=headers) as opened:
        return str(opened.recv())


@pytest.mark.parametrize("token", [None, "unknown", ""])
def test_the_wire_of_the_pages_stays_shut_to_strangers(desk: Desk, token: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        stream(desk, token)
    assert refused.value.response.status_code == 403


def test_the_wire_opens_for_a_session_and_closes_with_the_account(desk: Desk) -> None:
    desk.person("admin", "keeper")
    token = desk.browser("analyst").cookies[sessions.COOKIE]
    assert stream(desk, token) == PAGE_TEXT
    people.disable(desk.services.database, desk.clock, desk.person("analyst").id, actor="test")
    with pytest.raises(InvalidStatus):
        stream(desk, token)


@pytest.mark.parametrize("path", ["/api/v1/stream", "/metrics", "/static/x", "/healthz"])
def test_what_is_open_to_requests_is_not_to_wires(desk: Desk, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        stream(desk, None, path=path)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "origin", [None, "http://127.0.0.1:9", "http://localhost:9", "https://attacker.example", "null", "http://["]
)
def test_a_page_of_another_site_or_port_cannot_drive_a_session(desk: Desk, origin: str | None) -> None:
    token = desk.browser("analyst").cookies[sessions.COOKIE]
    with pytest.raises(InvalidStatus) as refused:
        stream(desk, token, origin)
    assert refused.value.response.status_code == 403


def test_behind_a_proxy_the_wire_opens_for_the_address_people_open(open_desk: OpenDesk) -> None:
    desk = open_desk(base_url="https://desk.example")
    token = desk.browser("analyst").cookies[sessions.COOKIE]
    assert stream(desk, token, "https://desk.example") == PAGE_TEXT
    with pytest.raises(InvalidStatus):
        stream(desk, token, "http://desk.example")


def test_a_foreign_host_gets_no_wire(desk: Desk) -> None:
    token = desk.browser("analyst").cookies[sessions.COOKIE]
    address = desk.address.replace("http://127.0.0.1", "ws://127.0.0.1") + "/_stcore/stream"
    headers = {"Cookie": f"{sessions.COOKIE}={token}", "Host": "rebound.attacker.example"}
    with pytest.raises(InvalidStatus) as refused, connect(address, additional_headers=headers):
        pass
    assert refused.value.response.status_code in (400, 403)
