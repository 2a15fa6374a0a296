"""Consent, tokens, one refresher at a time."""

import logging
import threading
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from core.clock import SteppedClock, SystemClock
from core.errors import TollwatchError
from core.services import Services
from core.store.engine import Database
from core.store.migrate import upgrade
from core.store.models.operations import AuditEntry
from core.store.models.webex import OAuthState, WebexConnection
from core.webex import oauth
from core.webex.errors import (
    ClientNotConfiguredError,
    CodeRefusedError,
    ConsentDeniedError,
    NeedsAuthorisationError,
    NotConnectedError,
    StateMismatchError,
    TokenByHandError,
    UnavailableError,
    WrongOrganisationError,
)
from core.webex.tokens import ConnectionTokens
from tests.conftest import PythonRunner
from tests.webex.conftest import SECRET_KEY, connect, services_for
from tests.webex.scripted_cloud import RunningCloud, ScriptedCloud, fails, says, sends


def test_a_consent_ends_in_a_connection_that_tells_who_and_what(services: Services, cloud: ScriptedCloud) -> None:
    cloud.scopes = "spark-admin:calling_cdr_read spark-admin:people_read"
    connected = connect(services, cloud)
    status = oauth.status(services)
    assert (status.state, status.method, status.is_connected) == ("connected", "oauth", True)
    assert (status.person_name, status.person_email, status.org_name) == ("Ana Restrepo", "ana@acme.example", "Acme")
    assert status.scopes_granted == ["spark-admin:calling_cdr_read", "spark-admin:people_read"]
    assert "analytics:read_all" in status.scopes_missing
    assert connected.scopes_missing == status.scopes_missing
    assert connected.next_path == "/connections"
    assert status.access_expires_at == services.clock.now() + timedelta(seconds=cloud.access_lifetime)
    assert oauth.access_token(services) in cloud.tokens


def test_the_address_for_the_browser_asks_with_pkce_and_the_registered_redirect(services: Services) -> None:
    address = oauth.start_authorisation(services, actor="ana", browser="b")
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert query["redirect_uri"] == "http://127.0.0.1:8501/webex/callback"
    assert query["code_challenge_method"] == "S256"
    assert query["scope"] == services.settings.webex_scopes
    assert "+" not in urlsplit(address).query
    with services.database.read() as session:
        kept = session.scalars(select(OAuthState)).one()
    assert query["state"] not in (kept.state_hash, kept.code_verifier)


def test_tokens_are_encrypted_at_rest_and_connecting_is_audited(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    with services.database.read() as session:
        row = session.get_one(WebexConnection, "admin")
        audited = [entry.action for entry in session.scalars(select(AuditEntry))]
    stored = f"{row.access_token} {row.refresh_token}"
    assert not any(token in stored for token in cloud.tokens | cloud.refresh_tokens)
    assert audited == ["webex.connect"]


@pytest.mark.parametrize("change", [{"state": "another"}, {"browser": "another"}])
def test_an_answer_that_was_not_asked_for_is_refused(
    services: Services, cloud: ScriptedCloud, change: dict[str, str]
) -> None:
    address = oauth.start_authorisation(services, actor="ana", browser="mine")
    state = parse_qs(urlsplit(address).query)["state"][0]
    answer = {"state": state, "browser": "mine", "code": "code-1", "actor": "ana", **change}
    with pytest.raises(StateMismatchError):
        oauth.finish_authorisation(services, **answer)
    assert cloud.requests("/access_token") == []


def test_a_state_works_once_and_ten_minutes(services: Services, cloud: ScriptedCloud, clock: SteppedClock) -> None:
    address = oauth.start_authorisation(services, actor="ana", browser="b")
    state = parse_qs(urlsplit(address).query)["state"][0]
    cloud.codes["code-1"] = parse_qs(urlsplit(address).query)["code_challenge"][0]
    oauth.finish_authorisation(services, state=state, code="code-1", browser="b", actor="ana")
    with pytest.raises(StateMismatchError):
        oauth.finish_authorisation(services, state=state, code="code-1", browser="b", actor="ana")
    late = oauth.start_authorisation(services, actor="ana", browser="b")
    clock.step(601)
    with pytest.raises(StateMismatchError):
        oauth.finish_authorisation(
            services, state=parse_qs(urlsplit(late).query)["state"][0], code="c", browser="b", actor="ana"
        )


def test_a_denied_consent_says_so_in_webex_words(services: Services, cloud: ScriptedCloud) -> None:
    with pytest.raises(ConsentDeniedError, match="The admin said no") as caught:
        connect(services, cloud, code="", error="access_denied", error_description="The admin\n said no")
    assert "Control Hub" in caught.value.remedy("es")
    assert oauth.status(services).state == "disconnected"


def test_a_refused_code_leaves_nothing(services: Services, cloud: ScriptedCloud) -> None:
    with pytest.raises(CodeRefusedError):
        connect(services, cloud, code="forged")
    assert oauth.status(services).state == "disconnected"


def test_html_from_the_token_endpoint_is_transient(services: Services, cloud: ScriptedCloud) -> None:
    cloud.answer("/access_token", sends(b"<html>busy</html>", "text/html"))
    with pytest.raises(TollwatchError) as caught:
        connect(services, cloud)
    assert caught.value.code == "webex_malformed"


def test_somebody_of_another_organisation_does_not_mix_records(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    other = {"id": "x", "emails": ["eva@other.example"], "displayName": "Eva", "orgId": "other"}
    cloud.answer("/people/me", says(other))
    with pytest.raises(WrongOrganisationError):
        connect(services, cloud)
    assert oauth.status(services).person_name == "Ana Restrepo"
    oauth.disconnect(services, actor="ana")
    cloud.answer("/people/me", says(other))
    assert connect(services, cloud).person_name == "Eva"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/connections?tab=log", "/connections?tab=log"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("", "/"),
    ],
)
def test_the_browser_goes_on_to_our_own_site_only(path: str, kept: str) -> None:
    assert oauth.safe_path(path) == kept


def test_disconnecting_revokes_and_wipes(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    assert oauth.disconnect(services, actor="ana") is True
    assert [seen.query for seen in cloud.requests("/authorizations")] == [{"clientId": "client"}]
    with services.database.read() as session:
        row = session.get_one(WebexConnection, "admin")
    assert (row.access_token, row.refresh_token, row.state) == (None, None, "disconnected")
    with pytest.raises(NotConnectedError):
        oauth.access_token(services)


def test_disconnecting_wipes_even_when_webex_is_down(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    cloud.answer("/authorizations", *[fails(503)] * 3)
    assert oauth.disconnect(services, actor="ana") is False
    assert oauth.status(services).state == "disconnected"


@pytest.mark.parametrize("rotates", [True, False])
def test_a_token_about_to_expire_is_renewed_first(
    services: Services, cloud: ScriptedCloud, clock: SteppedClock, rotates: bool
) -> None:
    cloud.rotates = rotates
    connect(services, cloud)
    for _ in range(3):
        before = oauth.access_token(services)
        clock.step(cloud.access_lifetime - 100)
        after = oauth.access_token(services)
        assert after != before
        assert after in cloud.tokens


def test_an_answer_without_a_new_refresh_token_keeps_the_old_one(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    cloud.tokens.add("renewed")
    cloud.answer("/access_token", says({"access_token": "renewed", "expires_in": "1209600"}))
    assert oauth.refresh(services, force=True) is True
    assert oauth.access_token(services) == "renewed"
    assert oauth.refresh(services, force=True) is True


def test_a_revoked_refresh_token_asks_for_a_person_and_is_not_tried_again(
    services: Services, cloud: ScriptedCloud
) -> None:
    connect(services, cloud)
    cloud.refresh_tokens.clear()
    with pytest.raises(NeedsAuthorisationError):
        oauth.refresh(services, force=True)
    with pytest.raises(NeedsAuthorisationError):
        oauth.refresh(services, force=True)
    with pytest.raises(NeedsAuthorisationError):
        oauth.access_token(services)
    assert len(cloud.requests("/access_token")) == 2
    status = oauth.status(services)
    assert (status.state, status.last_error_code) == ("needs_authorisation", "webex_needs_authorisation")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_token_service_that_is_down_costs_nothing_while_the_token_lives(
    services: Services, cloud: ScriptedCloud, clock: SteppedClock, status: int
) -> None:
    connect(services, cloud)
    token = oauth.access_token(services)
    clock.step(cloud.access_lifetime - 100)
    cloud.answer("/access_token", fails(status), fails(status))
    assert oauth.access_token(services) == token
    clock.step(200)
    with pytest.raises(UnavailableError):
        oauth.access_token(services)
    assert oauth.access_token(services) != token


def test_refreshing_ahead_happens_two_days_before_or_at_a_quarter_of_a_short_life(
    services: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    connect(services, cloud)
    assert oauth.refresh(services) is False
    clock.step(cloud.access_lifetime - 49 * 3600)
    assert oauth.refresh(services) is False
    clock.step(2 * 3600)
    cloud.access_lifetime = 43_199
    assert oauth.refresh(services) is True
    clock.step(8 * 3600)
    assert oauth.refresh(services) is False
    clock.step(3600)
    assert oauth.refresh(services) is True


def test_ten_threads_make_one_refresh(cloud: ScriptedCloud, database: Database, tmp_path: Path) -> None:
    cloud.clock = SystemClock()
    services = services_for(cloud, database, SystemClock(), tmp_path)
    connect(services, cloud)
    old, barrier = oauth.access_token(services), threading.Barrier(10)
    tokens: list[str] = []

    def renew() -> None:
        barrier.wait()
        tokens.append(ConnectionTokens(services).replacement(old))

    threads = [threading.Thread(target=renew) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    refreshes = [seen for seen in cloud.requests("/access_token") if seen.form["grant_type"] == "refresh_token"]
    assert len(tokens) == 10
    assert old not in tokens
    assert len(set(tokens)) == len(refreshes) == 1


RENEW = """
import sys
from core.services import open_services
from core.webex.client import open_client
client = open_client(open_services())
print(client.get("/people/me")["displayName"])
"""


@pytest.mark.faults
def test_two_processes_with_a_dead_token_make_one_refresh(
    tmp_path: Path, run_python: type[PythonRunner], clock: SteppedClock
) -> None:
    with RunningCloud(ScriptedCloud()) as cloud:
        database = Database(f"sqlite:///{tmp_path / 'var' / 'state.db'}")
        upgrade(database)
        services = services_for(cloud, database, SystemClock(), tmp_path)
        connect(services, cloud)
        cloud.tokens.clear()
        environment = {
            "SANDBOX": "0",
            "SECRET_KEY": SECRET_KEY,
            "DATA_DIR": str(tmp_path / "var"),
            "WEBEX_API_URL": cloud.url,
            "WEBEX_ANALYTICS_URL": cloud.url,
            "ALLOW_INSECURE_ENDPOINTS": "1",
            "WEBEX_CLIENT_ID": "client",
            "WEBEX_CLIENT_SECRET": "client-credential-of-the-test",
        }
        runs = [run_python("-c", RENEW, **environment) for _ in range(2)]
        ended = [run.finish() for run in runs]
        assert [(code, output.splitlines()[-1]) for code, output in ended] == [(0, "Ana Restrepo")] * 2
        refreshes = [seen for seen in cloud.requests("/access_token") if seen.form["grant_type"] == "refresh_token"]
        assert len(refreshes) == 1
        database.close()


def test_a_token_given_by_hand_is_used_and_never_renewed(by_hand: Services, cloud: ScriptedCloud) -> None:
    assert oauth.access_token(by_hand) == "by-hand-token"
    assert oauth.status(by_hand).method == "token"
    for call in (
        lambda: oauth.refresh(by_hand, force=True),
        lambda: oauth.disconnect(by_hand, actor="ana"),
        lambda: oauth.start_authorisation(by_hand, actor="ana", browser="b"),
    ):
        with pytest.raises(TokenByHandError):
            call()


def test_without_an_integration_connecting_says_what_to_set(
    cloud: ScriptedCloud, sqlite_database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    services = services_for(cloud, sqlite_database, clock, tmp_path, webex_client_id="")
    with pytest.raises(ClientNotConfiguredError) as caught:
        oauth.start_authorisation(services, actor="ana", browser="b")
    assert "WEBEX_CLIENT_ID" in caught.value.remedy()


def test_no_secret_reaches_the_log(
    services: Services, cloud: ScriptedCloud, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        connect(services, cloud)
        oauth.refresh(services, force=True)
        cloud.answer("/people/me", fails(500), fails(500), fails(500))
        with pytest.raises(TollwatchError):
            connect(services, cloud)
    written = caplog.text + "".join(capsys.readouterr())
    secrets = cloud.tokens | cloud.refresh_tokens | {"code-1", "client-credential-of-the-test", SECRET_KEY}
    assert [secret for secret in secrets if secret in written] == []
