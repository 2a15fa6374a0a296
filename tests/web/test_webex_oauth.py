"""Connecting Webex over the routes a browser walks, against a cloud on loopback."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.access import sessions
from core.store import audit, commands
from core.webex import oauth
from tests.web.conftest import OpenDesk
from tests.web.serving import Desk
from tests.webex.conftest import SECRET_KEY
from tests.webex.scripted_cloud import ScriptedCloud


@pytest.fixture
def real_desk(open_desk: OpenDesk, cloud: ScriptedCloud) -> Desk:
    """A web process of a tenant whose cloud is the scripted one."""
    return open_desk(
        sandbox=False,
        secret_key=SECRET_KEY,
        webex_api_url=cloud.url,
        webex_analytics_url=cloud.url,
        allow_insecure_endpoints=True,
        webex_client_id="client",
        webex_client_secret="client-credential-of-the-test",
        webex_rate_scale=0.0001,
    )


def begin(browser: httpx.Client, cloud: ScriptedCloud, path: str = "/webex/login?next=/connections") -> str:
    answer = browser.get(path)
    assert answer.status_code == 303
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert answer.headers["location"].startswith(f"{cloud.url}/authorize?")
    cloud.codes["code-1"] = asked["code_challenge"]
    return asked["state"]


def finish(browser: httpx.Client, state: str, **changes: str) -> str:
    values = {"state": state, "code": "code-1", **changes}
    answer = browser.get("/webex/callback", params=values, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303
    return answer.headers["location"]


def test_consent_connects_and_returns_to_the_page(real_desk: Desk, cloud: ScriptedCloud) -> None:
    admin = real_desk.browser("admin")
    assert finish(admin, begin(admin, cloud)) == "/connections?connected=webex"
    told = admin.get("/webex/status").json()
    assert (told["is_connected"], told["method"]) == (True, "oauth")
    assert not [name for name in told if "token" in name]
    with real_desk.services.database.read() as session:
        noted = audit.entries(session, audit.AuditFilter(action="webex.connect")).entries
    assert [entry.actor for entry in noted] == ["admin@example.com"]


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(real_desk: Desk, cloud: ScriptedCloud) -> None:
    admin, other = real_desk.browser("admin"), real_desk.browser("admin")
    state = begin(admin, cloud)
    assert finish(other, state) == "/connections?problem=webex_state_mismatch"
    assert finish(admin, "guessed") == "/connections?problem=webex_state_mismatch"
    assert finish(admin, state) == "/connections?connected=webex"
    assert finish(admin, state) == "/connections?problem=webex_state_mismatch"


def test_a_denied_consent_says_so(real_desk: Desk, cloud: ScriptedCloud) -> None:
    admin = real_desk.browser("admin")
    where = finish(admin, begin(admin, cloud), code="", error="access_denied", error_description="<b>no</b>")
    assert where == "/connections?problem=webex_consent_denied"
    assert not admin.get("/webex/status").json()["is_connected"]


def test_another_site_cannot_begin_a_consent(real_desk: Desk) -> None:
    answer = real_desk.browser("admin").get("/webex/login", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.headers["location"] == "/connections?problem=foreign_origin"


@pytest.mark.parametrize("wanted", ["https://attacker.example", "//attacker.example", "/\\attacker.example"])
def test_no_consent_leads_to_another_site(real_desk: Desk, cloud: ScriptedCloud, wanted: str) -> None:
    admin = real_desk.browser("admin")
    state = begin(admin, cloud, str(httpx.URL("/webex/login", params={"next": wanted})))
    assert finish(admin, state) == "/?connected=webex"


def test_a_link_followed_without_session_leads_through_sign_in(real_desk: Desk) -> None:
    answer = real_desk.browser().get("/webex/login?next=/connections")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fwebex%2Flogin%3Fnext%3D%2Fconnections"


def test_renewing_is_asked_of_the_sidecar(real_desk: Desk) -> None:
    answer = real_desk.browser("admin").post("/webex/refresh")
    assert answer.status_code == 202
    with real_desk.services.database.read() as session:
        command = commands.find(session, answer.json()["command_id"])
    assert command.arguments["job"] == "refresh_tokens"


def test_disconnecting_wipes_the_tokens(real_desk: Desk, cloud: ScriptedCloud) -> None:
    admin = real_desk.browser("admin")
    finish(admin, begin(admin, cloud))
    answer = admin.post("/webex/logout")
    assert (answer.status_code, answer.json()["disconnected"]) == (200, True)
    assert oauth.status(real_desk.services).state == "disconnected"
    without_token = real_desk.browser("admin")
    del without_token.headers["X-CSRF-Token"]
    assert without_token.post("/webex/logout").status_code == 403


def test_an_unknown_kind_is_refused(real_desk: Desk) -> None:
    answer = real_desk.browser("admin").get("/webex/status?kind=root")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")


def test_a_key_has_no_browser_to_consent_in(real_desk: Desk) -> None:
    program = real_desk.program("admin", "connections.manage")
    assert sessions.COOKIE not in program.cookies
    assert program.get("/webex/login").headers["location"] == "/connections?problem=not_signed_in"
