"""Recordings over HTTP: the seed's routes at their paths, each for those who may, and answers as they are described."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from core.recordings.audio_link import LINK_LASTS
from core.store import audit, commands
from core.store.audit import AuditFilter
from core.store.models.recordings import TranscriptTranslationRow
from tests.calls.records import uuid_of
from tests.conftest import NOON
from tests.recordings.rows import SAID, recording, store
from tests.web.conftest import OpenDesk
from tests.web.serving import Desk

BASE = "/api/v1/recordings"
SOUND = bytes(range(256)) * 8


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A web process with five recordings, of which the first has a file and the last no transcript."""
    folder = Path(desk.services.settings.data_dir) / "recordings"
    folder.mkdir(parents=True)
    (folder / "1.mp3").write_bytes(SOUND)
    with desk.services.database.write() as session:
        for number in range(1, 5):
            sound: dict[str, Any] = {"audio_path": "recordings/1.mp3", "audio_bytes": len(SOUND)}
            more = sound if number == 1 else {}
            store(session, recording(number, site=("Bogotá", "Denver")[number % 2], **more))
        mute = recording(5, state="partial", cue_count=0, quality=1 / 3, summary_source="", audio_path="")
        store(session, mute, (), failed="transcript", error_code="transcript_unreadable")
    return desk


def told(client: httpx.Client, path: str, **parameters: Any) -> Any:
    answer = client.get(f"{BASE}{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_list_by_cursor_by_skip_and_by_the_seeds_names(filled: Desk) -> None:
    client = filled.program("analyst", "recordings.view")
    first = told(client, "", limit=3)
    rest = told(client, "", limit=3, cursor=first["next"])
    assert [one["id"] for one in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    assert (first["previous"], rest["next"]) == (None, None)
    assert told(client, "/", skip=3, limit=9)["items"] == rest["items"]
    assert [one["id"] for one in told(client, "/", status="partial")["items"]] == [5]
    assert len(told(client, "/", from_date="2026-11-20", to_date="2026-11-20")["items"]) == 5
    assert told(client, "/", from_date="2026-11-21")["items"] == []
    assert [one["id"] for one in told(client, "", call=uuid_of("call 2").upper())["items"]] == [2]
    for wrong in ({"status": "lost"}, {"skip": -1}, {"q": "!!"}, {"cursor": "x"}, {"colour": "red"}):
        assert client.get(BASE, params=wrong).status_code == 422, wrong


def test_a_search_tells_where_and_never_in_markup(filled: Desk) -> None:
    found = told(filled.program("analyst"), "", q="COBRARON")["items"]
    assert len(found) == 4
    place = found[0]["found"][0]
    assert (place["source"], place["start_ms"], place["speaker"]) == ("transcript", 5000, "+573001234567")
    assert [piece["text"] for piece in place["pieces"] if piece["is_hit"]] == ["cobraron"]
    assert "".join(piece["text"] for piece in place["pieces"]) == SAID[1][1]


def test_one_with_all_that_is_known(filled: Desk) -> None:
    client = filled.program("analyst")
    whole = told(client, "/1")
    assert whole == told(client, f"/{uuid_of('recording 1')}")
    assert [step["state"] for step in whole["steps"]] == ["done"] * 6
    assert whole["record"]["transcript_text"].count("\n") == len(SAID) - 1
    assert whole["record"]["audio_url"] == f"{BASE}/download/1/audio"
    assert whole["summaries"][0]["answer"]["claims"][0]["cue"] == 1
    partial = told(client, "/5")
    failed = next(step for step in partial["steps"] if step["state"] == "failed")
    assert failed["error"]["code"] == "transcript_unreadable"
    assert failed["error"]["remedy"]
    assert client.get(f"{BASE}/77").status_code == 404


def test_figures_and_the_file(filled: Desk) -> None:
    client = filled.browser("analyst")
    found = told(client, "/stats/summary")
    assert (found["total"], found["by_status"]["completed"], found["with_transcript"]) == (5, 4, 4)
    assert found["mean_quality"] == pytest.approx((4 + 1 / 3) / 5, abs=1e-4)
    assert told(client, "/stats/summary", site="Denver")["total"] == 2
    answer = client.get(f"{BASE}/export", params={"status": "completed"})
    assert len(answer.text.splitlines()) == 5
    assert len(client.get(f"{BASE}/export", params={"limit": 2}).text.splitlines()) == 3
    for unknown in ({"limit": 0}, {"skip": 3}, {"cursor": "x"}):
        assert client.get(f"{BASE}/export", params=unknown).status_code == 422, unknown
    with filled.services.database.read() as session:
        noted = audit.entries(session, AuditFilter(action="recordings.export")).entries
    assert noted[0].actor == "analyst@example.com"


def test_audio_is_for_the_caller_alone_and_to_keep_it_is_another_right(filled: Desk) -> None:
    analyst = filled.browser("analyst")
    address = told(analyst, "/download/1/audio")
    assert (address["media_type"], address["size_bytes"]) == ("audio/mpeg", len(SOUND))
    assert address["expires_at"] < (NOON + LINK_LASTS).isoformat()
    part = analyst.get(address["url"], headers={"Range": "bytes=16-31"})
    assert (part.status_code, part.content) == (206, SOUND[16:32])
    assert filled.browser("supervisor").get(address["url"]).status_code in (400, 403)
    assert analyst.get(f"{BASE}/download/1/audio", params={"use": "download"}).status_code == 403
    supervisor = filled.browser("supervisor")
    sent = supervisor.get(
        f"{BASE}/download/1/audio", params={"use": "download", "redirect": "true"}, follow_redirects=True
    )
    assert sent.content == SOUND
    assert sent.headers["content-disposition"].startswith("attachment")
    assert analyst.get(f"{BASE}/download/5/audio").status_code == 404
    reader = filled.program("analyst", "recordings.view")
    assert reader.get(f"{BASE}/download/1/audio").status_code == 403


def test_work_is_asked_of_the_sidecar(filled: Desk) -> None:
    client = filled.program("analyst", "recordings.process", "recordings.view")
    asked = [
        client.post(f"{BASE}/fetch", params={"hours": 5, "limit": 7}),
        client.post(f"{BASE}/5/reprocess"),
        client.post(f"{BASE}/reprocess", json={"ids": [1, 2], "everything": True}),
    ]
    assert [answer.status_code for answer in asked] == [202] * 3
    with filled.services.database.read() as session:
        arguments = [commands.find(session, answer.json()["command_id"]).arguments for answer in asked]
    assert arguments[0] == {"job": "recordings_processor", "hours": 5, "limit": 7}
    assert [one["ids"] for one in arguments[1:3]] == [[5], [1, 2]]
    refused = [
        client.post(f"{BASE}/fetch", params={"hours": 0}),
        client.post(f"{BASE}/reprocess", json={"ids": [True]}),
        client.post(f"{BASE}/1/translate", json={"language": "xx"}),
    ]
    assert [answer.status_code for answer in refused] == [422] * 3
    assert client.post(f"{BASE}/reprocess", json={"ids": [99]}).status_code == 404
    assert filled.program("analyst", "recordings.view").post(f"{BASE}/fetch").status_code == 403


def test_what_was_said_is_translated_where_there_is_a_key_and_told_as_such(open_desk: OpenDesk) -> None:
    keyed = open_desk(anthropic_api_key="sk-ant-test-3f9b1c77d2")
    with keyed.services.database.write() as session:
        row = store(session, recording(1))
        store(session, recording(2, cue_count=0, summary_source=""), ())
    client = keyed.program("analyst", "recordings.process", "recordings.view")
    for part, job in (("summary", "translate_summary"), ("transcript", "translate_transcript")):
        answer = client.post(f"{BASE}/1/translate", json={"language": "en", "part": part})
        with keyed.services.database.read() as session:
            arguments = commands.find(session, answer.json()["command_id"]).arguments
        assert arguments == {"job": job, "id": 1, "into": "en"}
        assert client.post(f"{BASE}/2/translate", json={"language": "en", "part": part}).status_code == 404
    assert client.post(f"{BASE}/1/translate", json={"language": "es", "part": "transcript"}).status_code == 422
    assert told(client, "/1", language="en")["record"]["transcript_is_translation"] is False
    with keyed.services.database.write() as session:
        session.add(
            TranscriptTranslationRow(
                recording_id=row.id, language="en", texts=[text.upper() for _, text in SAID], is_whole=True,
                transcript_hash=row.transcript_hash, prompt_version="1", made_at=NOON,
            )
        )  # fmt: skip
    whole = told(client, "/1", language="en")
    assert whole["transcript_translations"][0]["texts"] == [text.upper() for _, text in SAID]
    assert SAID[1][1].upper() in whole["record"]["transcript_text"]
    assert (whole["record"]["transcript_language"], whole["record"]["transcript_is_translation"]) == ("en", True)
    assert SAID[1][1] in told(client, "/1")["record"]["transcript_text"]


def test_without_a_key_nothing_is_translated(filled: Desk) -> None:
    answer = filled.program("analyst", "recordings.process").post(f"{BASE}/1/translate", json={"language": "en"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "assistant_off")


def test_deleting_is_for_administrators_with_a_reason_and_can_be_taken_back(filled: Desk) -> None:
    assert filled.browser("supervisor").delete(f"{BASE}/2", params={"reason": "x"}).status_code == 403
    admin = filled.browser("admin")
    assert admin.delete(f"{BASE}/2").status_code == 422
    assert admin.delete(f"{BASE}/2", params={"reason": "by mistake"}).json() == {"id": 2, "command_id": None}
    assert admin.get(f"{BASE}/2").status_code == 404
    assert admin.post(f"{BASE}/2/restore").json()["id"] == 2
    assert admin.post(f"{BASE}/2/restore").status_code == 404
    both = admin.delete(f"{BASE}/2", params={"reason": "asked for", "delete_from_webex": "true"}).json()
    with filled.services.database.read() as session:
        assert commands.find(session, both["command_id"]).arguments["job"] == "delete_recordings_in_webex"


def test_access_without_a_connection_is_not_well(filled: Desk) -> None:
    found = told(filled.browser("analyst"), "/test/webex-access")
    assert found == {"ok": False, "findings": []}
    assert filled.browser("operator").get(f"{BASE}/test/webex-access").status_code == 403


def test_answers_keep_to_the_description(filled: Desk) -> None:
    admin = filled.browser("admin")
    described = admin.get("/api/v1/openapi.json").json()
    for path, address in {
        "/recordings": "",
        "/recordings/": "/",
        "/recordings/{reference}": "/5",
        "/recordings/stats/summary": "/stats/summary",
        "/recordings/download/{reference}/audio": "/download/1/audio",
        "/recordings/test/webex-access": "/test/webex-access",
    }.items():
        schema = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, **described}).validate(told(admin, address))
