"""Every way an answer can be wrong, over a real wire."""

import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.clock import SteppedClock
from core.errors import TransientError
from core.services import Services
from core.store.engine import Database
from core.webex import oauth
from core.webex.client import TRIES, WebexClient, open_client
from core.webex.errors import (
    AnswerTooLargeError,
    ForbiddenError,
    MalformedAnswerError,
    NeedsAuthorisationError,
    NotFoundOnWebexError,
    PagingLoopError,
    PagingRefusedError,
    RateLimitedError,
    RequestRefusedError,
    TokenRejectedError,
    UnavailableError,
)
from core.webex.grants import open_wire
from core.webex.wire import Wire
from tests.webex.conftest import connect, services_for
from tests.webex.scripted_cloud import ME, RunningCloud, ScriptedCloud, fails, says, sends


@pytest.fixture
def client(by_hand: Services) -> WebexClient:
    return open_client(by_hand)


class _Broken(Response):
    """Announces more than it sends, then hangs up."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"items": [{"a"', "more_body": False})


def _broken(_request: Request) -> Response:
    return _Broken()


def _without_announced_length(_request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 65536

    return StreamingResponse(parts(), media_type="application/json")


@pytest.mark.parametrize(
    ("responder", "error"),
    [
        (sends(b"<html><body>Sign in</body></html>", "text/html"), MalformedAnswerError),
        (sends(b"<!doctype html>", "application/json"), MalformedAnswerError),
        (sends(b'{"id": "x", "emails": ['), MalformedAnswerError),
        (sends(b"[1, 2]"), MalformedAnswerError),
        (sends(b""), MalformedAnswerError),
        (sends(b'{"a": "\xff\xfe"}'), MalformedAnswerError),
        (sends(b"not gzip", Content_Encoding="gzip"), MalformedAnswerError),
        (_broken, UnavailableError),
        (fails(500), UnavailableError),
        (fails(502), UnavailableError),
        (fails(503), UnavailableError),
        (fails(504), UnavailableError),
    ],
)
def test_what_may_pass_is_tried_three_times_and_is_transient(
    client: WebexClient, cloud: ScriptedCloud, responder: Any, error: type[TransientError]
) -> None:
    cloud.answer("/people/me", *[responder] * (TRIES - 1))
    assert client.get("/people/me")["displayName"] == ME["displayName"]
    cloud.answer("/people/me", *[responder] * TRIES)
    with pytest.raises(error) as caught:
        client.get("/people/me")
    assert isinstance(caught.value, TransientError)
    assert caught.value.facts["path"] == "/v1/people/me"


def test_a_closed_port_is_transient(client: WebexClient) -> None:
    client.base = "http://127.0.0.1:9/v1"
    with pytest.raises(UnavailableError):
        client.get("/people/me")


@pytest.mark.parametrize(
    ("responder", "error"),
    [
        (fails(400, "bad"), RequestRefusedError),
        (fails(403, "missing required scopes"), ForbiddenError),
        (fails(404, "nothing"), NotFoundOnWebexError),
        (sends(b"moved", "text/plain", 302, Location="https://evil.example/"), RequestRefusedError),
        (sends(b"gone", "text/plain", 410), RequestRefusedError),
    ],
)
def test_what_stays_is_told_at_once_with_webex_words(
    client: WebexClient, cloud: ScriptedCloud, responder: Any, error: type[Exception]
) -> None:
    cloud.answer("/people/me", responder)
    with pytest.raises(error):
        client.get("/people/me")
    assert len(cloud.seen) == 1


def test_a_very_long_answer_is_cut_off(by_hand: Services, cloud: ScriptedCloud, client: WebexClient) -> None:
    cloud.answer("/people/me", _without_announced_length)
    client.wire = Wire(by_hand.clock, largest=1_000_000)
    with pytest.raises(AnswerTooLargeError):
        client.get("/people/me")


def test_a_compressed_bomb_is_cut_off(by_hand: Services, cloud: ScriptedCloud, client: WebexClient) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    cloud.answer("/people/me", sends(bomb, Content_Encoding="gzip"))
    client.wire = Wire(by_hand.clock, largest=1_000_000)
    with pytest.raises(AnswerTooLargeError):
        client.get("/people/me")


@pytest.mark.parametrize(
    ("header", "shortest", "longest"),
    [("7", 7, 8), (None, 10, 11), ("soon", 10, 11), ("-5", 10, 11), ("999999999999", 900, 990), ("0", 0, 0.1)],
)
def test_retry_after_is_heeded_capped_and_made_up_when_missing(
    cloud: ScriptedCloud, client: WebexClient, header: str | None, shortest: float, longest: float
) -> None:
    client.rate_scale = 1.0
    cloud.answer("/people", fails(429, "Request rate exceeds threshold", **({"Retry_After": header} if header else {})))
    with pytest.raises(RateLimitedError) as caught:
        list(client.pages("/people", pace=_Impatient()))
    assert shortest <= (caught.value.retry_after_seconds or 0) <= longest


def test_retry_after_may_be_a_date(cloud: ScriptedCloud, client: WebexClient, clock: SteppedClock) -> None:
    client.rate_scale = 1.0
    later = (clock.now() + timedelta(seconds=30)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    cloud.answer("/people", fails(429, Retry_After=later))
    with pytest.raises(RateLimitedError) as caught:
        list(client.pages("/people", pace=_Impatient()))
    assert 30 <= (caught.value.retry_after_seconds or 0) <= 33


class _Impatient:
    def before(self, *, first: bool) -> None:
        return None

    def limited(self, error: RateLimitedError) -> None:
        raise error


def test_a_short_wait_is_waited_out(cloud: ScriptedCloud, client: WebexClient, clock: SteppedClock) -> None:
    cloud.answer("/people/me", fails(429, Retry_After="3"), fails(423, Retry_After="2"))
    before = clock.monotonic()
    assert client.get("/people/me") == ME
    assert 5 <= clock.monotonic() - before <= 6


def test_pages_are_followed_to_the_end(cloud: ScriptedCloud, client: WebexClient) -> None:
    cloud.people = [{"id": str(number)} for number in range(250)]
    found = [item["id"] for page in client.pages("/people", {"max": "100"}) for item in page]
    assert found == [str(number) for number in range(250)]


@pytest.mark.parametrize(
    "form",
    [
        '<{url}>; rel="next"',
        "<{url}>;rel=next",
        '<<{url};rel="next">',
        '<{first}>; rel="first", <{url}>; rel="next"',
        '</v1/people?start=100>; rel="next"',
        '<{url}>; title="x"; rel="next last"',
    ],
)
def test_the_link_header_is_read_in_its_proper_and_documented_forms(
    cloud: ScriptedCloud, client: WebexClient, form: str
) -> None:
    url = f"{cloud.url}/people?start=100"
    cloud.answer(
        "/people",
        says({"items": [{"id": "1"}]}, Link=form.format(url=url, first=f"{cloud.url}/people")),
        says({"items": [{"id": "2"}]}),
    )
    assert [page[0]["id"] for page in client.pages("/people")] == ["1", "2"]
    assert cloud.seen[-1].query == {"start": "100"}


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1/people",
        "https://webexapis.com.evil.example/v1/people",
        "https://webexapis.com@evil.example/v1/people",
        "http://webexapis.com/v1/people",
        "https://webexapis.com:8443/v1/people",
        "//evil.example/v1/people",
        "https://evil.example\\@webexapis.com/v1/people",
        "file:///etc/passwd",
        "https://[::1/v1",
    ],
)
def test_a_foreign_next_link_never_sees_the_token(cloud: ScriptedCloud, client: WebexClient, link: str) -> None:
    cloud.answer("/people", says({"items": [{"id": "1"}]}, Link=f'<{link}>; rel="next"'))
    with pytest.raises(PagingRefusedError):
        list(client.pages("/people"))
    assert len(cloud.seen) == 1


def test_another_port_of_the_same_machine_is_foreign(cloud: ScriptedCloud, client: WebexClient) -> None:
    with RunningCloud(ScriptedCloud()) as other:
        cloud.answer("/people", says({"items": []}, Link=f'<{other.url}/people>; rel="next"'))
        with pytest.raises(PagingRefusedError):
            list(client.pages("/people"))
        assert other.seen == []


def test_a_looping_next_link_ends(cloud: ScriptedCloud, client: WebexClient) -> None:
    loop = says({"items": [{"id": "1"}]}, Link=f'<{cloud.url}/people?start=1>; rel="next"')
    cloud.answer("/people", *[loop] * 10)
    with pytest.raises(PagingLoopError):
        list(client.pages("/people"))
    assert len(cloud.seen) == 2


def test_a_401_renews_once_and_goes_on(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    cloud.tokens.clear()
    assert open_client(services).get("/people/me") == ME
    assert len([seen for seen in cloud.requests("/access_token") if seen.form["grant_type"] == "refresh_token"]) == 1


def test_a_401_that_stays_asks_for_a_person(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    cloud.answer("/people/me", fails(401), fails(401))
    with pytest.raises(NeedsAuthorisationError):
        open_client(services).get("/people/me")
    assert oauth.status(services).state == "needs_authorisation"
    assert connect(services, cloud).org_name == "Acme"
    assert open_client(services).get("/people/me") == ME


def test_a_rejected_token_given_by_hand_says_so(by_hand: Services, cloud: ScriptedCloud) -> None:
    cloud.tokens.clear()
    with pytest.raises(TokenRejectedError) as caught:
        open_client(by_hand).get("/people/me")
    assert "WEBEX_ACCESS_TOKEN" in caught.value.message("es")
    assert oauth.status(by_hand).last_error_code == "webex_token_rejected"


def test_errors_never_carry_the_token(by_hand: Services, cloud: ScriptedCloud) -> None:
    cloud.answer("/people/me", fails(400, "Bearer token said\nno " + "x" * 1000))
    with pytest.raises(RequestRefusedError) as caught:
        open_client(by_hand).get("/people/me")
    shown = json.dumps(caught.value.facts) + caught.value.message("es")
    assert "by-hand-token" not in shown
    assert len(caught.value.facts["detail"]) <= 300


def test_the_real_cloud_is_asked_through_the_environments_proxy_only(
    cloud: ScriptedCloud,
    sqlite_database: Database,
    clock: SteppedClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    services = services_for(cloud, sqlite_database, clock, tmp_path)
    assert open_wire(services).send("GET", f"{cloud.url}/people/me").status == 401
