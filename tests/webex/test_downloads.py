"""Files behind links: from permitted hosts, a bearer to Webex itself only, capped, and never a link in an error."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.errors import TollwatchError
from core.services import Services
from core.webex.downloads import Downloads, may_carry, may_download
from core.webex.errors import (
    DownloadTooLargeError,
    LinkForeignError,
    LinkRefusedError,
    MalformedAnswerError,
    RateLimitedError,
    UnavailableError,
)
from core.webex.tokens import ConnectionTokens
from tests.webex.scripted_cloud import Responder, ScriptedCloud, fails, sends

FILE = "/nbr/file"
LARGEST = 1000


@pytest.fixture
def downloads(by_hand: Services) -> Iterator[Downloads]:
    opened = Downloads(by_hand)
    yield opened
    opened.close()


def link(cloud: ScriptedCloud) -> str:
    return f"{cloud.url}{FILE}?ticket=SECRET"


def redirect(to: str) -> Responder:
    return lambda _request: Response(status_code=302, headers={"Location": to})


def test_a_file_comes_with_its_ticket_alone(downloads: Downloads, cloud: ScriptedCloud, tmp_path: Path) -> None:
    cloud.answer(FILE, sends(b"sound", "audio/mpeg; x=y"))
    received = downloads.fetch(link(cloud), tmp_path / "f", largest=LARGEST)
    assert (tmp_path / "f").read_bytes() == b"sound"
    assert (received.bytes_received, received.content_type, received.promised) == (5, "audio/mpeg", 5)
    assert len(received.sha256) == 64
    assert cloud.requests(FILE)[0].bearer == ""


def test_a_token_goes_along_only_when_asked_for(
    downloads: Downloads, cloud: ScriptedCloud, by_hand: Services, tmp_path: Path
) -> None:
    def guarded(request: Request) -> Response:
        return Response(b"notes") if request.headers.get("authorization") else Response(status_code=401)

    cloud.answer(FILE, guarded, guarded)
    downloads.fetch(link(cloud), tmp_path / "f", largest=LARGEST, tokens=ConnectionTokens(by_hand))
    assert [seen.bearer for seen in cloud.requests(FILE)] == ["", "by-hand-token"]
    assert (tmp_path / "f").read_bytes() == b"notes"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (fails(403), LinkRefusedError),
        (fails(410), LinkRefusedError),
        (fails(401), LinkRefusedError),
        (fails(429, Retry_After="7"), RateLimitedError),
        (fails(423, Retry_After="99999999999"), RateLimitedError),
        (fails(429, Retry_After="\u00b2"), RateLimitedError),
        (fails(302), UnavailableError),
        (fails(304), UnavailableError),
        (fails(500), UnavailableError),
        (sends(b"x" * (LARGEST + 1)), DownloadTooLargeError),
        (sends(b"x", Content_Encoding="gzip"), MalformedAnswerError),
        (redirect("https://evil.example/x"), LinkForeignError),
        (redirect("http://169.254.169.254/latest"), LinkForeignError),
        (redirect("file:///etc/passwd"), LinkForeignError),
    ],
)
def test_every_refusal_has_its_error_and_tells_no_link(
    downloads: Downloads, cloud: ScriptedCloud, tmp_path: Path, answer: Responder, error: type[TollwatchError]
) -> None:
    cloud.answer(FILE, answer)
    with pytest.raises(error) as caught:
        downloads.fetch(link(cloud), tmp_path / "f", largest=LARGEST)
    assert "SECRET" not in caught.value.message()
    assert "SECRET" not in str(caught.value.facts)
    if isinstance(caught.value, RateLimitedError):
        assert caught.value.retry_after_seconds in (7.0, 15.0)


def test_redirects_are_followed_a_few_times_without_the_token(
    downloads: Downloads, cloud: ScriptedCloud, by_hand: Services, tmp_path: Path
) -> None:
    cloud.answer(FILE, redirect(f"{cloud.url}/nbr/other"))
    cloud.answer("/nbr/other", sends(b"there"))
    downloads.fetch(link(cloud), tmp_path / "f", largest=LARGEST, tokens=ConnectionTokens(by_hand))
    assert cloud.requests("/nbr/other")[0].bearer == ""
    cloud.answer(FILE, *[redirect(link(cloud))] * 9)
    with pytest.raises(UnavailableError):
        downloads.fetch(link(cloud), tmp_path / "f", largest=LARGEST)


def test_a_wire_that_breaks_tells_no_link(downloads: Downloads, cloud: ScriptedCloud, tmp_path: Path) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    cloud.answer(FILE, lambda _request: StreamingResponse(half(), headers={"Content-Length": "900"}))
    with pytest.raises(UnavailableError) as caught:
        downloads.fetch(link(cloud), tmp_path / "f", largest=LARGEST)
    assert caught.value.__cause__ is None
    assert "SECRET" not in str(caught.value.facts)


@pytest.mark.parametrize(
    ("address", "download", "bearer"),
    [
        ("https://nsq1wss.dmz.webex.com/nbr/x?ticket=1", True, True),
        ("https://webexapis.com/v1/x", True, True),
        ("https://files.recordings.example/x", True, False),
        ("https://webex.com.evil.example/x", False, False),
        ("https://evilwebex.com/x", False, False),
        ("http://nsq1wss.dmz.webex.com/x", False, False),
        ("https://nsq1wss.dmz.webex.com:8443/x", False, False),
        ("https://a@nsq1wss.dmz.webex.com/x", False, False),
        ("https://evil.example\\@a.webex.com/x", False, False),
        ("https://evil.example#.webex.com/", False, False),
        ("//a.webex.com/x", False, False),
        ("", False, False),
    ],
)
def test_where_files_may_come_from_and_a_token_may_go(
    by_hand: Services, address: str, download: bool, bearer: bool
) -> None:
    real = by_hand.settings.model_copy(
        update={"allow_insecure_endpoints": False, "webex_download_hosts": "recordings.example"}
    )
    assert (may_download(real, address), may_carry(real, address)) == (download, bearer)
