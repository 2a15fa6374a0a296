"""Consent and tokens: the flow, its refusals, expiry, rotation, revocation, and a restart in between."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from core.sandbox.credentials import CLIENT_ID, CLIENT_SECRET, LAUNCHER_HEADER
from core.settings import DEFAULT_SCOPES
from tests.sandbox.conftest import REDIRECT, RunningCloud

VERIFIER = "v" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def back(location: str) -> dict[str, str]:
    assert location.startswith(REDIRECT + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_consent_gives_a_code_and_the_state_back(cloud: RunningCloud) -> None:
    values = back(cloud.authorise().headers["location"])
    assert values.keys() == {"code", "state"}
    assert values["state"] == "s t"


def test_without_the_launchers_header_a_person_is_asked(cloud: RunningCloud) -> None:
    query = {"client_id": CLIENT_ID, "response_type": "code", "redirect_uri": REDIRECT, "scope": DEFAULT_SCOPES}
    page = cloud.http.get("/v1/authorize", params={**query, "auto_consent": "1"}, headers={"accept-language": "es"})
    assert page.status_code == 200
    assert "Aceptar" in page.text
    assert "spark-admin:calling_cdr_read" in page.text
    accepted = cloud.http.post("/v1/authorize", data={**query, "state": "x", "decision": "accept"})
    assert back(accepted.headers["location"])["code"]
    denied = cloud.http.post("/v1/authorize", data={**query, "state": "x", "decision": "deny"})
    assert back(denied.headers["location"])["error"] == "access_denied"


@pytest.mark.parametrize("changes", [{"client_id": "unknown"}, {"redirect_uri": "javascript:alert(1)"}])
def test_a_wrong_client_or_address_is_never_sent_back(cloud: RunningCloud, changes: dict[str, str]) -> None:
    answer = cloud.authorise(**changes)
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_an_unknown_scope_is_refused(cloud: RunningCloud) -> None:
    assert back(cloud.authorise(scope="spark:everything").headers["location"])["error"] == "invalid_scope"


def test_text_from_the_address_cannot_become_markup(cloud: RunningCloud) -> None:
    page = cloud.http.get(
        "/v1/authorize",
        params={
            "client_id": CLIENT_ID,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": "spark:kms",
            "state": '"><script>x</script>',
        },
    )
    assert "<script>" not in page.text


def test_the_tokens_have_webex_form(cloud: RunningCloud) -> None:
    body = cloud.sign_in()
    assert body["token_type"] == "Bearer"
    assert (body["expires_in"], body["refresh_token_expires_in"]) == (1_209_599, 7_775_999)
    assert body["access_token"].endswith(cloud.tenant.world.org_uuid)
    assert set(body["scope"].split()) == set(DEFAULT_SCOPES.split())


def test_a_code_works_once(cloud: RunningCloud) -> None:
    code = cloud.code()
    assert cloud.ask_token(grant_type="authorization_code", code=code).status_code == 200
    again = cloud.ask_token(grant_type="authorization_code", code=code)
    assert again.status_code == 400
    assert again.json()["trackingId"].startswith("ROUTERGW_")


def test_a_code_dies_after_five_minutes(cloud: RunningCloud) -> None:
    code = cloud.code()
    cloud.clock.step(301)
    assert cloud.ask_token(grant_type="authorization_code", code=code).status_code == 400


@pytest.mark.parametrize(
    ("verifier", "method", "challenge", "status"),
    [
        (VERIFIER, "S256", CHALLENGE, 200),
        ("wrong", "S256", CHALLENGE, 400),
        ("", "S256", CHALLENGE, 400),
        (VERIFIER, "plain", VERIFIER, 200),
        ("wrong", "plain", VERIFIER, 400),
    ],
)
def test_the_proof_key_is_checked(cloud: RunningCloud, verifier: str, method: str, challenge: str, status: int) -> None:
    code = cloud.code(code_challenge=challenge, code_challenge_method=method)
    answer = cloud.ask_token(grant_type="authorization_code", code=code, code_verifier=verifier)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_secret": "wrong"}, 401),
        ({"client_id": "wrong"}, 401),
        ({"redirect_uri": REDIRECT + "x"}, 400),
        ({"grant_type": "password"}, 400),
    ],
)
def test_a_wrong_token_request_is_refused(cloud: RunningCloud, changes: dict[str, str], status: int) -> None:
    form = {"grant_type": "authorization_code", "code": cloud.code(), **changes}
    assert cloud.ask_token(**form).status_code == status


def test_refreshing_keeps_the_refresh_token_and_extends_it(cloud: RunningCloud) -> None:
    refresh = cloud.sign_in()["refresh_token"]
    for _ in range(3):
        cloud.clock.step(80 * 86_400)
        body = cloud.ask_token(grant_type="refresh_token", refresh_token=refresh).json()
        assert body["refresh_token"] == refresh
    cloud.http.headers["Authorization"] = f"Bearer {body['access_token']}"
    assert cloud.get("/v1/people/me").status_code == 200


def test_with_rotation_the_old_refresh_token_dies(cloud: RunningCloud) -> None:
    refresh = cloud.sign_in()["refresh_token"]
    cloud.control("faults", rotate_refresh_tokens=True)
    body = cloud.ask_token(grant_type="refresh_token", refresh_token=refresh).json()
    assert body["refresh_token"] != refresh
    assert cloud.ask_token(grant_type="refresh_token", refresh_token=refresh).status_code == 400
    assert cloud.ask_token(grant_type="refresh_token", refresh_token=body["refresh_token"]).status_code == 200


def test_an_unused_refresh_token_dies_after_ninety_days(cloud: RunningCloud) -> None:
    refresh = cloud.sign_in()["refresh_token"]
    cloud.clock.step(90 * 86_400)
    answer = cloud.ask_token(grant_type="refresh_token", refresh_token=refresh)
    assert answer.status_code == 400
    assert "expired, revoked, malformed, or invalid" in answer.json()["errors"][0]["description"]


def test_an_access_token_expires(cloud: RunningCloud) -> None:
    cloud.clock.step(1_209_600)
    assert cloud.http.get("/v1/people/me").status_code == 401


def test_the_life_of_tokens_can_be_scaled(start_cloud: Callable[..., RunningCloud]) -> None:
    cloud = start_cloud(life_scale=0.001)
    cloud.sign_in()
    assert cloud.http.get("/v1/people/me").status_code == 200
    cloud.clock.step(1210)
    assert cloud.http.get("/v1/people/me").status_code == 401


def test_revoking_ends_all_tokens_of_the_client(cloud: RunningCloud) -> None:
    refresh = cloud.sign_in()["refresh_token"]
    listed = cloud.get("/v1/authorizations", clientId=CLIENT_ID).json()["items"]
    assert {item["clientId"] for item in listed} == {CLIENT_ID}
    assert cloud.http.delete("/v1/authorizations", params={"clientId": CLIENT_ID}).status_code == 204
    assert cloud.http.get("/v1/people/me").status_code == 401
    assert cloud.ask_token(grant_type="refresh_token", refresh_token=refresh).status_code == 400


def test_token_expiry_is_told(cloud: RunningCloud) -> None:
    cloud.sign_in()
    expected = (cloud.clock.now().timestamp() + 1_209_599) * 1000
    assert abs(cloud.http.get("/v1/authorizations/tokenExpiry").json()["exp"] - expected) < 1000


def test_a_restart_keeps_the_connection(start_cloud: Callable[..., RunningCloud]) -> None:
    first = start_cloud()
    token = first.sign_in()["access_token"]
    first.stop()
    second = start_cloud()
    second.http.headers["Authorization"] = f"Bearer {token}"
    assert second.get("/v1/people/me").status_code == 200


def test_no_token_is_kept_in_clear(cloud: RunningCloud) -> None:
    body = cloud.sign_in()
    path = cloud.tenant.options.data_dir / "sandbox" / "grants.json"
    stored = path.read_text()
    assert body["access_token"] not in stored
    assert body["refresh_token"] not in stored
    assert path.stat().st_mode & 0o077 == 0


def test_a_scope_the_user_may_not_grant_is_missing(cloud: RunningCloud) -> None:
    cloud.control("faults", missing_scopes="audit:events_read spark-admin:people_read")
    assert "audit:events_read" not in cloud.sign_in()["scope"]
    assert cloud.get("/v1/people").status_code == 403


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer unknown"])
def test_without_a_token_nothing_is_told(cloud: RunningCloud, header: str) -> None:
    answer = cloud.http.get("/v1/people", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json().keys() == {"message", "errors", "trackingId"}
    assert answer.headers["trackingid"]


def test_the_control_interface_refuses_web_pages(cloud: RunningCloud) -> None:
    answer = cloud.http.get("/_sandbox/state", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert LAUNCHER_HEADER.startswith("X-")
    assert CLIENT_SECRET not in answer.text
