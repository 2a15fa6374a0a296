"""The recording of an outbound call: fetched from Asterisk for who may hear it, each time audited."""

import io
import wave

from core.dialer.calls import DialRequest, request_dial
from core.sandbox.asterisk_exchange import Exchange
from core.sandbox.credentials import ASTERISK_PASSWORD, ASTERISK_USER
from core.store import audit
from tests.dialer.keeping import asterisk, call
from tests.web.conftest import OpenDesk
from tests.web.serving import Desk

NUMBER = "+576015550133"


def recorded(desk: Desk, exchange: Exchange | None, *, is_recorded: bool = True) -> str:
    """A call of the operator's, and its recording where an Asterisk is given."""
    request = DialRequest(NUMBER, f"PJSIP/{NUMBER}@trunk", is_recorded=is_recorded)
    with desk.services.database.write() as session:
        call_id = request_dial(session, request, actor=desk.person("operator").name, at=desk.clock.now())
    if exchange is not None:
        exchange.recordings[call(desk.services.database, call_id).recording_name] = "wav"
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
