"""Audio by signed links: in ranges, for one person, by the right to play or to keep, each use audited once."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from core.recordings import audio, work
from core.recordings.audio_link import LINK_LASTS, Use, audio_link
from core.store import audit
from core.store.encryption import Vault
from core.store.models.recordings import RecordingRow
from tests.web.serving import Desk

SOUND = b"ID3" + bytes(range(256)) * 40


@pytest.fixture
def recording(desk: Desk) -> int:
    """A recording whose audio is here."""
    now = desk.clock.now()
    with desk.services.database.write() as session:
        row = RecordingRow(webex_id="r1", created_at=now, recorded_at=now, found_at=now, changed_at=now)
        session.add(row)
        session.flush()
        draft = audio.draft_path(desk.services.settings, row.id)
        draft.write_bytes(SOUND)
        row.audio_path, row.audio_type = audio.keep(desk.services.settings, draft, row, "mp3")
        row.audio_bytes = len(SOUND)
        return row.id


def link(desk: Desk, recording: int, role: str, use: Use = "play") -> str:
    vault = Vault(desk.services.settings, desk.clock)
    return audio_link(vault, desk.person(role).id, recording, use)


def uses(desk: Desk) -> list[tuple[str, str]]:
    with desk.services.database.read() as session:
        entries = audit.entries(session).entries
    return [(entry.action, entry.actor) for entry in entries if entry.action.startswith("recordings.")]


def test_a_player_gets_parts_and_one_entry_in_the_audit(desk: Desk, recording: int) -> None:
    address = link(desk, recording, "analyst")
    browser = desk.browser("analyst")
    whole = browser.get(address)
    assert (whole.status_code, whole.content) == (200, SOUND)
    assert whole.headers["content-type"] == "audio/mpeg"
    assert whole.headers["cache-control"] == "no-store"
    assert whole.headers["content-disposition"].startswith("inline")
    part = browser.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, SOUND[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(SOUND)}"
    assert browser.get(address, headers={"Range": "bytes=-50"}).content == SOUND[-50:]
    assert browser.get(address, headers={"Range": f"bytes={len(SOUND)}-"}).status_code == 416
    assert uses(desk) == [("recordings.play", "analyst@example.com")]
    browser.get(link(desk, recording, "analyst"))
    assert len(uses(desk)) == 2, "another link is another play"


def test_a_range_that_cannot_be_is_none_or_refused_and_never_breaks(desk: Desk, recording: int) -> None:
    address, browser = link(desk, recording, "analyst"), desk.browser("analyst")
    many = ",".join(f"{place}-{place}" for place in range(0, 4000, 2))
    unread = ("bytes=5-1", "bytes=abc", "bytes=", "octets=0-5", f"bytes={many}", f"bytes=0-{'9' * 5000}", "bytes=--5")
    for asked in unread:
        whole = browser.get(address, headers={"Range": asked})
        assert (whole.status_code, whole.content) == (200, SOUND), asked[:20]
    for beyond in ("bytes=-0", f"bytes={len(SOUND)}-", f"bytes={'9' * 18}-"):
        refused = browser.get(address, headers={"Range": beyond})
        assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{len(SOUND)}")
    assert browser.get(address, headers={"Range": f"bytes=9-{'9' * 18}"}).content == SOUND[9:]
    assert browser.get(address, headers={"Range": f"bytes=-{'9' * 18}"}).content == SOUND
    parts = browser.get(address, headers={"Range": "bytes=0-1,8-9"})
    assert (parts.status_code, parts.headers["content-type"].split(";")[0]) == (206, "multipart/byteranges")
    assert uses(desk) == [("recordings.play", "analyst@example.com")]


def test_to_keep_the_file_takes_a_right_of_its_own(desk: Desk, recording: int) -> None:
    assert desk.browser("analyst").get(link(desk, recording, "analyst", "download")).status_code == 403
    answer = desk.browser("supervisor").get(link(desk, recording, "supervisor", "download"))
    assert answer.headers["content-disposition"].startswith('attachment; filename="recording-')
    assert uses(desk) == [("recordings.download", "supervisor@example.com")]


def test_a_link_is_for_one_person_one_recording_and_an_hour(desk: Desk, recording: int) -> None:
    address = link(desk, recording, "analyst")
    assert desk.browser("supervisor").get(address).status_code == 403
    assert desk.browser("operator").get(link(desk, recording, "operator")).status_code == 403
    browser = desk.browser("analyst")
    query = urlsplit(address).query
    assert browser.get(f"/recordings/{recording + 1}/audio?{query}").status_code == 403
    assert browser.get(f"/recordings/{recording}/audio?token=x").status_code == 403
    assert desk.browser().get(address, headers={"Accept": "*/*"}).status_code == 401
    desk.clock.step((LINK_LASTS + timedelta(seconds=1)).total_seconds())
    assert browser.get(address).status_code == 410
    assert uses(desk) == []


def test_what_is_deleted_or_not_here_is_not_given(desk: Desk, recording: int) -> None:
    browser = desk.browser("analyst")
    assert browser.get(link(desk, recording + 1, "analyst")).status_code == 404
    with desk.services.database.write() as session:
        work.delete(session, recording, reason="Private", actor="ana", at=desk.clock.now())
    assert browser.get(link(desk, recording, "analyst")).status_code == 404
