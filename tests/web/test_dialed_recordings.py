"""The recording of an outbound call: fetched from Asterisk for who may hear it, each time audited."""

import io
import wave
from contextlib import aclosing

import pytest

from core.asterisk.errors import RecordingTooLongError
from core.asterisk.recording_file import recording_parts
from core.dialer import query
from core.dialer.calls import DialRequest, request_dial
from core.sandbox.asterisk_exchange import Exchange
from core.sandbox.credentials import ASTERISK_PASSWORD, ASTERISK_USER
from core.store import audit
from tests.dialer.keeping import asterisk, call
from tests.waiting import awaited
from tests.web.conftest import OpenDesk
from tests.web.serving import Desk

NUMBER = "+576015550133"


def recorded(
    desk: Desk, exchange: Exchange | None, *, is_recorded: bool = True, has_ended: bool = True, file: bytes = b""
) -> str:
    """A call of the operator's, and its recording where an Asterisk is given."""
    request = DialRequest(NUMBER, f"PJSIP/{NUMBER}@trunk", is_recorded=is_recorded)
    with desk.services.database.write() as session:
        call_id = request_dial(session, request, actor=desk.person("operator").name, at=desk.clock.now())
        query.one(session, call_id).is_open = not has_ended
    if exchange is not None:
        name = call(desk.services.database, call_id).recording_name
        exchange.recordings[name], exchange.recording_files[name] = "wav", file
    return f"/api/v2/calls/{call_id}/recording"


def given(desk: Desk) -> list[tuple[str, object]]:
    with desk.services.database.read() as session:
        entries = audit.entries(session, audit.AuditFilter(action="dialer.recording")).entries
    return [(entry.actor, (entry.detail or {})["requested_by"]) for entry in entries]


def test_who_made_the_call_and_who_may_override_are_given_it(open_desk: OpenDesk) -> None:
    with asterisk() as running:
        base = f"http://127.0.0.1:{running.port}"
        desk = open_desk(ari_http_url=base, ari_username=ASTERISK_USER, ari_password=ASTERISK_PASSWORD)
        path = recorded(desk, running.exchange)
        answer = desk.browser("operator").get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
        assert answer.headers["content-disposition"].startswith('attachment; filename="tw-')
        with wave.open(io.BytesIO(answer.content)) as sound:
            assert sound.getnframes() > 0
        assert desk.browser("analyst").get(path).status_code == 403
        assert desk.program("operator", "dialer.view").get(path).status_code == 403
        assert given(desk) == [("operator@example.com", "operator@example.com")]
        assert desk.browser("supervisor").get(path).content == answer.content
        assert given(desk)[0] == ("supervisor@example.com", "operator@example.com")
        foreign = desk.program("admin", "dialer.dial").get(path)
        assert foreign.json()["error"]["facts"] == {"permission": "dialer.override"}
        missing = desk.browser("operator").get(recorded(desk, None))
        plain = desk.browser("operator").get(recorded(desk, None, is_recorded=False))
        assert [missing.status_code, plain.status_code] == [404, 404]
    gone = desk.browser("operator").get(path)
    assert (gone.status_code, gone.json()["error"]["code"]) == (503, "asterisk_unreachable")
    assert len(given(desk)) == 2


def test_what_cannot_be_heard_is_said_as_such(open_desk: OpenDesk) -> None:
    with asterisk() as running:
        base = f"http://127.0.0.1:{running.port}"
        desk = open_desk(ari_http_url=base, ari_username=ASTERISK_USER, ari_password=ASTERISK_PASSWORD)
        browser, exchange = desk.browser("operator"), running.exchange
        going_on = browser.get(recorded(desk, exchange, has_ended=False))
        # The call has ended and its file is not closed yet: the head of the WAV is missing.
        closing = browser.get(recorded(desk, exchange, file=bytes(65_580)))
        silent = browser.get(recorded(desk, exchange, file=b"RIFF" + bytes(40)))
        told = [(answer.status_code, answer.json()["error"]["code"]) for answer in (going_on, closing, silent)]
        unfinished = (409, "asterisk_recording_unfinished")
        assert told == [unfinished, unfinished, (404, "asterisk_recording_empty")]
        assert given(desk) == []


def test_a_recording_that_is_too_large_is_not_begun() -> None:
    with asterisk() as running:
        running.exchange.recordings["tw-1"] = "wav"

        async def first(longest: int) -> bytes:
            async with aclosing(recording_parts(running.address(), "tw-1", longest=longest)) as parts:
                return await anext(parts)

        assert awaited(first(20_000)).startswith(b"RIFF")
        with pytest.raises(RecordingTooLongError):
            awaited(first(10_000))
