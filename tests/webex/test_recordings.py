"""Recordings on the wire: pages, links that stay out of sight, rights by name, and deletions in Webex's own words."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.clock import SteppedClock
from core.services import Services
from core.webex import recordings
from core.webex.client import WebexClient, open_client
from core.webex.connections import Kind
from core.webex.errors import MalformedAnswerError, NotFoundOnWebexError, RecordingsRightMissingError
from tests.webex.scripted_cloud import ScriptedCloud, fails, says

LIST, ONE = "/admin/convergedRecordings", "/convergedRecordings/r-1"
LINKS = {
    "audioDownloadLink": "https://nsq1wss.dmz.webex.com/nbr/x?ticket=S1",
    "transcriptDownloadLink": "https://nsq1wss.dmz.webex.com/nbr/x?ticket=S2",
    "expiration": "2026-11-20T20:00:00Z",
}


@pytest.fixture
def client(by_hand: Services) -> Iterator[WebexClient]:
    opened = open_client(by_hand)
    yield opened
    opened.close()


def test_a_list_is_followed_page_by_page_in_its_window(
    client: WebexClient, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    following = f'<{cloud.url}{LIST}?cursor=2>; rel="next"'
    cloud.answer(LIST, says({"items": [{"id": "r-1"}, {"no": "id"}, 7]}, Link=following), says({"items": []}))
    until = clock.now()
    pages = list(recordings.listed(client, "admin", until - timedelta(days=7), until, "ana@acme.example"))
    assert pages == [[{"id": "r-1"}], []]
    first = cloud.requests(LIST)[0].query
    assert first == {
        "from": "2026-11-13T17:00:00Z",
        "to": "2026-11-20T17:00:00Z",
        "max": "100",
        "status": "available",
        "ownerEmail": "ana@acme.example",
    }


@pytest.mark.parametrize("kind", ["admin", "compliance"])
def test_a_refusal_names_the_scope_of_who_asked(client: WebexClient, cloud: ScriptedCloud, kind: Kind) -> None:
    now = client.clock.now()
    cloud.answer(LIST, fails(403, "missing required scopes"))
    cloud.answer(ONE, fails(403))
    cloud.answer(f"{ONE}/metadata", fails(403))
    for ask in (
        lambda: list(recordings.listed(client, kind, now - timedelta(days=1), now)),
        lambda: recordings.read_details(client, kind, "r-1"),
        lambda: recordings.read_metadata(client, kind, "r-1"),
    ):
        with pytest.raises(RecordingsRightMissingError) as caught:
            ask()
        assert caught.value.facts["scope"] == f"spark-{kind}:recordings_read"


def test_details_come_apart_from_their_links(client: WebexClient, cloud: ScriptedCloud) -> None:
    cloud.answer(
        ONE,
        says({"id": "r-1", "temporaryDirectDownloadLinks": LINKS}),
        says({"id": "r-1"}),
        says({"id": "r-1", "temporaryDirectDownloadLinks": {"recordingDownloadLink": "https://a.webex.com/x"}}),
        says({"id": "r-1", "temporaryDirectDownloadLinks": []}),
        says({"id": "r-1", "temporaryDirectDownloadLinks": "no"}),
    )
    found = recordings.read_details(client, "compliance", "r-1")
    assert found.told == {"id": "r-1"}
    assert found.links is not None
    assert (found.links.audio, found.links.transcript) == (LINKS["audioDownloadLink"], LINKS["transcriptDownloadLink"])
    assert "ticket" not in repr(found)
    assert recordings.read_details(client, "admin", "r-1").links is None
    older = recordings.read_details(client, "compliance", "r-1").links
    assert older is not None
    assert (older.audio, older.transcript) == ("https://a.webex.com/x", "")
    for _ in range(2):
        with pytest.raises(MalformedAnswerError):
            recordings.read_details(client, "compliance", "r-1")


def test_metadata_may_be_absent_yet(client: WebexClient, cloud: ScriptedCloud) -> None:
    cloud.answer(f"{ONE}/metadata", lambda _request: Response(status_code=204), says({"id": "r-1"}))
    assert recordings.read_metadata(client, "admin", "r-1") is None
    assert recordings.read_metadata(client, "admin", "r-1") == {"id": "r-1"}


def test_deletions_say_what_webex_wants_to_hear(client: WebexClient, cloud: ScriptedCloud) -> None:
    bodies: list[object] = []

    async def take(request: Request) -> Response:
        bodies.append(await request.json())
        return Response(status_code=204)

    cloud.answer("/convergedRecordings/softDelete", take)
    cloud.answer("/convergedRecordings/purge", take)
    cloud.answer(ONE, take, lambda _request: JSONResponse({"message": "gone"}, status_code=404))
    recordings.put_in_bin(client, ["r-1"])
    recordings.empty_from_bin(client, ["r-1"])
    recordings.destroy(client, "r-1", reason="audit", comment="x" * 300)
    assert bodies == [
        {"trashAll": False, "recordingIds": ["r-1"]},
        {"purgeAll": False, "recordingIds": ["r-1"]},
        {"reason": "audit", "comment": "x" * 255},
    ]
    with pytest.raises(NotFoundOnWebexError):
        recordings.destroy(client, "r-1", reason="audit")
