"""The pretend cloud's recordings: of its own calls, with Webex's rights, links that end, and each of its troubles."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from core.recordings.transcript_files import read_transcript
from core.sandbox.cloud_recordings import ADMIN, ADMIN_WRITE, COMPLIANCE, COMPLIANCE_WRITE, OWN
from core.sandbox.recording_files import transcript
from core.sandbox.recording_shelf import Kept, clips
from tests.sandbox.conftest import RunningCloud

LIST, ONE = "/v1/admin/convergedRecordings", "/v1/convergedRecordings"


@pytest.fixture
def cloud(start_cloud: Callable[..., RunningCloud]) -> RunningCloud:
    """A cloud with a handful of recordings, asked by a compliance officer who is an administrator too."""
    started = start_cloud(history_days=3)
    started.sign_in(scope=f"{ADMIN} {COMPLIANCE} spark-admin:calling_cdr_read")
    return started


def listed(cloud: RunningCloud, **query: Any) -> list[dict[str, Any]]:
    answer = cloud.get(LIST, max=100, **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def links(cloud: RunningCloud, identifier: str) -> dict[str, str]:
    body: dict[str, Any] = cloud.get(f"{ONE}/{identifier}").json()
    found: dict[str, str] = body.get("temporaryDirectDownloadLinks", {})
    return found


def follow(cloud: RunningCloud, link: str) -> httpx.Response:
    parts = urlsplit(link)
    return httpx.get(f"{cloud.http.base_url}".rstrip("/") + f"{parts.path}?{parts.query}", trust_env=False)


def test_recordings_belong_to_calls_of_the_same_organisation(cloud: RunningCloud) -> None:
    items = listed(cloud)
    assert len(items) == 5
    assert [item["createTime"] for item in items] == sorted((item["createTime"] for item in items), reverse=True)
    end = cloud.clock.now() + timedelta(seconds=61) - timedelta(minutes=6)
    window = {"startTime": f"{end - timedelta(hours=12):%Y-%m-%dT%H:%M:%S.000Z}"}
    records = cloud.get("/v1/cdr_feed", **window, endTime=f"{end:%Y-%m-%dT%H:%M:%S.000Z}", max=5000).json()["items"]
    by_session = {record["Correlation ID"].replace("-", ""): record for record in records}
    matched = [item for item in items if item["serviceData"]["callSessionId"].replace("-", "") in by_session]
    assert matched
    for item in matched:
        told = cloud.get(f"{ONE}/{item['id']}/metadata").json()["serviceData"]
        assert told["callSessionId"].replace("-", "") in by_session


def test_pages_windows_and_owners_are_kept_to(cloud: RunningCloud) -> None:
    first = cloud.get(LIST, max=2)
    assert len(first.json()["items"]) == 2
    assert 'rel="next"' in first.headers["link"]
    owner = first.json()["items"][0]["ownerEmail"]
    assert {item["ownerEmail"] for item in listed(cloud, ownerEmail=owner)} == {owner}
    assert cloud.get(LIST, **{"from": "2026-10-01T00:00:00Z", "to": "2026-11-20T00:00:00Z"}).status_code == 400
    assert cloud.get(LIST, **{"from": "yesterday"}).status_code == 400
    assert listed(cloud, status="deleted") == []


@pytest.mark.parametrize(
    ("scopes", "lists", "has_links"),
    [(ADMIN, 200, False), (COMPLIANCE, 200, True), (OWN, 403, False), ("spark-admin:people_read", 403, False)],
)
def test_who_may_list_and_who_gets_links(
    start_cloud: Callable[..., RunningCloud], scopes: str, lists: int, has_links: bool
) -> None:
    cloud = start_cloud(history_days=1)
    cloud.sign_in(scope=scopes)
    answer = cloud.get(LIST)
    assert answer.status_code == lists
    if lists == 403:
        assert "missing required scopes" in answer.json()["message"]
        return
    identifier = answer.json()["items"][0]["id"]
    assert bool(links(cloud, identifier)) is has_links
    assert cloud.get(ONE).status_code == 403, "an administrator's scopes are refused there"


def test_links_carry_a_ticket_and_end_after_three_hours(cloud: RunningCloud) -> None:
    item = listed(cloud)[0]
    given = links(cloud, item["id"])
    sound = follow(cloud, given["audioDownloadLink"])
    assert sound.headers["content-type"] == "audio/mpeg"
    assert len(sound.content) == item["sizeBytes"]
    assert follow(cloud, given["audioDownloadLink"].replace("ticket=", "ticket=0")).status_code == 403
    cloud.clock.step(3 * 3600 + 1)
    assert follow(cloud, given["audioDownloadLink"]).status_code == 403


def test_each_trouble_is_as_webex_has_it(cloud: RunningCloud) -> None:
    identifier = listed(cloud)[0]["id"]

    def choose(trouble: str) -> dict[str, str]:
        cloud.control("recordings", id=identifier, trouble=trouble)
        return links(cloud, identifier)

    assert choose("prevented") == {}
    assert "transcriptDownloadLink" not in choose("no_transcript")
    assert follow(cloud, choose("html")["audioDownloadLink"]).headers["content-type"].startswith("text/html")
    assert follow(cloud, links(cloud, identifier)["audioDownloadLink"]).headers["content-type"] == "audio/mpeg"
    cut = follow(cloud, choose("truncated")["audioDownloadLink"])
    assert len(cut.content) < listed(cloud)[0]["sizeBytes"]
    assert follow(cloud, choose("expired_link")["audioDownloadLink"]).status_code == 403
    assert follow(cloud, links(cloud, identifier)["audioDownloadLink"]).status_code == 200
    assert cloud.http.post("/_sandbox/recordings", json={"id": identifier, "trouble": "x"}).status_code == 400


def test_the_recycle_bin_and_the_officers_deletion(cloud: RunningCloud) -> None:
    first, second = (item["id"] for item in listed(cloud)[:2])
    bin_address, content = f"{ONE}/softDelete", {"trashAll": False, "recordingIds": [first]}
    assert cloud.http.post(bin_address, json=content).status_code == 403
    cloud.sign_in(scope=f"{ADMIN} {ADMIN_WRITE} {COMPLIANCE} {COMPLIANCE_WRITE}")
    assert cloud.http.post(bin_address, json={"trashAll": True, "recordingIds": [first]}).status_code == 400
    assert cloud.http.post(bin_address, json={"trashAll": False, "recordingIds": []}).status_code == 400
    assert cloud.http.post(bin_address, json=content).status_code == 204
    assert [item["id"] for item in listed(cloud, status="deleted")] == [first]
    restored = cloud.http.post(f"{ONE}/restore", json={"restoreAll": False, "recordingIds": [first]})
    assert restored.status_code == 204
    assert first in {item["id"] for item in listed(cloud)}
    assert cloud.http.request("DELETE", f"{ONE}/{second}", json={}).status_code == 400
    assert cloud.http.request("DELETE", f"{ONE}/{second}", json={"reason": "audit"}).status_code == 204
    assert cloud.get(f"{ONE}/{second}").status_code == 404


def test_every_conversation_is_read_back_from_each_form_of_transcript(cloud: RunningCloud) -> None:
    shelf_item = listed(cloud)[0]
    owner = next(person for person in cloud.tenant.world.people if person.email == shelf_item["ownerEmail"])
    speakers = set()
    for number, clip in enumerate(clips() * 3):
        kept = Kept(f"{number:08d}", owner, {"Calling number": "+573001112233"}, clip, "none", 0, 0, clip.size)
        cues = read_transcript(transcript(kept).encode())
        assert [cue.text for cue in cues] == [turn.text for turn in clip.turns]
        assert all(cue.end_ms >= cue.start_ms for cue in cues)
        speakers |= {cue.speaker for cue in cues}
    assert speakers == {owner.name, "+573001112233", ""}


def test_the_voices_are_small_and_in_both_languages() -> None:
    assert {clip.language for clip in clips()} == {"es", "en"}
    assert all(len(clip.sound) == clip.size for clip in clips())
    assert sum(clip.size for clip in clips()) < 1_500_000
