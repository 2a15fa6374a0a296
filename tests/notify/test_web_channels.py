"""Webhook, Slack, Teams, ntfy and Webex messages against a real web server: forms, signatures, answers."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from pathlib import Path

import pytest
from starlette.responses import Response

from core.clock import SteppedClock
from core.errors import InvalidInputError
from core.notify import channel_book
from core.notify.channel_book import ChannelForm
from core.notify.errors import AddressRefusedError
from core.notify.kinds import kinds
from core.services import Services
from core.store.engine import Database
from tests.notify.conftest import add_channel, add_rule, messages, send, services_over, tell
from tests.notify.receivers import Receiver

HOSTILE = "<!channel> *Eva* [x](http://evil.example) <@all> {{DATE(2026-01-01,SHORT)}}"
KEY = base64.b64encode(b"k" * 32).decode()


def routed(services: Services, kind: str, **values: str) -> int:
    channel = add_channel(services, kind, **values)
    add_rule(services, channel)
    return channel


def test_every_kind_says_what_it_is_in_both_languages() -> None:
    assert set(kinds()) >= {"email", "webex_message", "webhook", "slack", "teams", "ntfy"}
    for kind in kinds().values():
        told = [kind.name, kind.about, *(each for field in kind.fields for each in (field.label, field.help))]
        assert all(set(texts) == {"en", "es"} and all(texts.values()) for texts in told), kind.id


def test_a_webhook_is_signed_and_repeats_its_id(services: Services, receiver: Receiver) -> None:
    routed(services, "webhook", url=receiver.url + "/hook", signing_secret=f"whsec_{KEY} whsec_{KEY}")
    receiver.answers = [lambda: Response("busy", 503)]
    tell(services, 5, facts={"public_id": "A-ABCDEFGH"})
    assert send(services) == {"put_off": 1}
    services.clock.sleep(60)
    assert send(services) == {"sent": 1}
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    for got in (first, second):
        signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
        digest = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
        assert got.headers["webhook-signature"] == f"v1,{digest} v1,{digest}"
    told = second.json()
    assert told["type"] == "alert.opened"
    assert (told["data"]["subject_id"], told["data"]["severity"]) == (5, "high")
    assert told["data"]["link"] == "https://desk.example.com/alerts?alert=5"


def test_a_signing_secret_is_made_and_shown_once(services: Services, receiver: Receiver) -> None:
    added = channel_book.add(services, ChannelForm("CRM", "webhook", values={"url": receiver.url}), actor="ana")
    assert added.shown_once["signing_secret"].startswith("whsec_")
    with services.database.read() as session:
        row = channel_book.find(session, added.channel_id)
        stored = json.dumps(row.settings) + (row.secrets or "")
    assert receiver.url not in stored
    assert added.shown_once["signing_secret"] not in stored


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        (400, "dead", "notify_refused"),
        (410, "dead", "notify_gone"),
        (302, "dead", "notify_redirect"),
        (500, "queued", "notify_unavailable"),
        (408, "queued", "notify_unavailable"),
        (429, "queued", "notify_busy"),
    ],
)
def test_an_answer_decides_whether_it_is_tried_again(
    sandbox: Services, receiver: Receiver, status: int, state: str, code: str
) -> None:
    routed(sandbox, "webhook", url=receiver.url)
    receiver.answers = [lambda: Response("no", status, {"location": f"{receiver.url}/elsewhere"})]
    tell(sandbox)
    send(sandbox)
    (row,) = messages(sandbox)
    assert (row.state, (row.error or {})["code"]) == (state, code)
    assert [got.path for got in receiver.got] == ["/"], "nobody is followed"


def test_a_channel_that_asks_for_patience_rests_for_all_its_messages(services: Services, receiver: Receiver) -> None:
    routed(services, "webhook", url=receiver.url)
    receiver.answers = [lambda: Response("slow down", 429, {"retry-after": "600"})]
    tell(services, 1)
    tell(services, 2)
    assert send(services) == {"put_off": 1}
    services.clock.sleep(300)
    assert send(services).get("sent", 0) == 0
    services.clock.sleep(400)
    assert send(services) == {"sent": 2}
    assert len(receiver.got) == 3


def test_a_vast_answer_is_cut(sandbox: Services, receiver: Receiver) -> None:
    routed(sandbox, "webhook", url=receiver.url)
    receiver.answers = [lambda: Response(b"x" * 5_000_000)]
    tell(sandbox)
    assert send(sandbox) == {"sent": 1}
    assert len(messages(sandbox)[0].answer) < 300


def test_slack_gets_plain_text_and_no_mention(sandbox: Services, receiver: Receiver) -> None:
    routed(sandbox, "slack", url=receiver.url)
    tell(sandbox, facts={"entity_name": HOSTILE})
    send(sandbox)
    told = receiver.got[0].json()
    assert "<!channel>" not in told["text"]
    assert "&lt;!channel&gt;" in told["text"]
    texts = [block["text"] for block in told["blocks"] if isinstance(block.get("text"), dict)]
    fields = [each for block in told["blocks"] for each in block.get("fields", ())]
    assert {each["type"] for each in texts + fields} == {"plain_text"}
    button = next(block for block in told["blocks"] if block["type"] == "actions")["elements"][0]
    assert button["url"].startswith("https://desk.example.com/alerts")


def test_teams_gets_a_card_whose_texts_are_runs(sandbox: Services, receiver: Receiver) -> None:
    routed(sandbox, "teams", url=receiver.url)
    tell(sandbox, facts={"entity_name": HOSTILE})
    receiver.answers = [lambda: Response(status_code=202)]
    assert send(sandbox) == {"sent": 1}
    (attachment,) = receiver.got[0].json()["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert {block["type"] for block in attachment["content"]["body"]} == {"RichTextBlock"}
    assert "{{DATE" not in json.dumps(attachment)


def test_ntfy_gets_topic_priority_and_token(sandbox: Services, receiver: Receiver) -> None:
    routed(sandbox, "ntfy", url=receiver.url, topic="desk-7f3a9c", token="tk_secret")
    tell(sandbox, severity="critical", facts={"summary": "ñ" * 5000})
    send(sandbox)
    got = receiver.got[0]
    assert got.headers["authorization"] == "Bearer tk_secret"
    told = got.json()
    assert (told["topic"], told["priority"]) == ("desk-7f3a9c", 5)
    assert len(told["message"].encode()) <= 4096


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "ntfy", "url": "https://ntfy.sh", "topic": "a topic"},
        {"kind": "webex_message", "room": "", "person": ""},
        {"kind": "webex_message", "room": "Y2lz", "person": "ana@example.com"},
        {"kind": "webhook", "url": "https://example.com", "signing_secret": "whsec_short"},
        {"kind": "email", "recipients": "nobody"},
        {"kind": "email", "recipients": "Ana <ana@example.com>"},
        {"kind": "email", "recipients": ""},
    ],
)
def test_what_cannot_work_is_refused_at_once(sandbox: Services, values: dict[str, str]) -> None:
    kind = values.pop("kind")
    with pytest.raises(InvalidInputError):
        channel_book.add(sandbox, ChannelForm("x", kind, values=values), actor="ana")


@pytest.fixture
def outside(sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Services outside the sandbox, with nothing permitted."""
    return services_over(sqlite_database, clock, tmp_path, sandbox=False)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.8/hook",
        "https://[::ffff:10.0.0.8]/hook",
        "https://[fec0::1]/hook",
        "https://[3fff::1]/hook",
        "https://192.0.0.8/hook",
        "https://[64:ff9b::7f00:1]/hook",
        "https://100.64.0.1/hook",
        "https://user:pass@example.com/hook",
        "ftp://example.com/hook",
        "https:///hook",
        "https://example.com:99999/hook",
    ],
)
def test_private_plain_and_malformed_addresses_are_refused(outside: Services, address: str) -> None:
    with pytest.raises(AddressRefusedError):
        add_channel(outside, "slack", url=address)


def test_a_name_that_leads_into_our_own_network_is_refused_when_it_is_called(outside: Services) -> None:
    routed(outside, "webhook", url="https://localhost/hook")
    tell(outside)
    assert send(outside) == {"given_up": 1}
    (row,) = messages(outside)
    assert row.error == {"code": "notify_address_refused", "facts": {"host": "localhost", "problem": "private"}}


def test_a_name_inside_may_be_permitted_by_name(sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> None:
    permitted = services_over(
        sqlite_database, clock, tmp_path, sandbox=False, notify_private_hosts="ntfy.corp.example, LOCALHOST"
    )
    routed(permitted, "webhook", url="https://localhost:9/hook")
    tell(permitted)
    assert send(permitted) == {"put_off": 1}, "it is called, and nothing answers there"


def test_a_name_nobody_knows_is_asked_for_again(outside: Services) -> None:
    routed(outside, "webhook", url="https://no-such-host.invalid/hook")
    tell(outside)
    assert send(outside) == {"put_off": 1}
    assert (messages(outside)[0].error or {})["code"] == "notify_host_unknown"


def test_a_webex_message_has_a_card_and_markdown_that_does_nothing(
    sqlite_database: Database, clock: SteppedClock, tmp_path: Path, receiver: Receiver
) -> None:
    desk = services_over(
        sqlite_database,
        clock,
        tmp_path,
        sandbox=False,
        allow_insecure_endpoints=True,
        webex_api_url=f"{receiver.url}/v1",
        webex_access_token="by-hand-token",
    )
    routed(desk, "webex_message", room="Y2lzY29zcGFyazovL3VzL1JPT00vMQ", bot_token="bot-token-of-the-test")
    tell(desk, facts={"entity_name": HOSTILE, "summary": "ñ" * 9000})
    assert send(desk) == {"sent": 1}
    got = receiver.got[0]
    assert (got.path, got.headers["authorization"]) == ("/v1/messages", "Bearer bot-token-of-the-test")
    told = got.json()
    assert told["roomId"] == "Y2lzY29zcGFyazovL3VzL1JPT00vMQ"
    assert len(told["markdown"].encode()) <= 7439
    assert len(told["text"].encode()) <= 7439
    assert "<@all" not in told["markdown"]
    assert told["attachments"][0]["content"]["version"] == "1.3"


def test_without_a_bot_the_connection_writes(
    sqlite_database: Database, clock: SteppedClock, tmp_path: Path, receiver: Receiver
) -> None:
    desk = services_over(
        sqlite_database,
        clock,
        tmp_path,
        sandbox=False,
        allow_insecure_endpoints=True,
        webex_api_url=f"{receiver.url}/v1",
        webex_access_token="by-hand-token",
    )
    routed(desk, "webex_message", person="ana@example.com")
    tell(desk)
    assert send(desk) == {"sent": 1}
    assert receiver.got[0].headers["authorization"] == "Bearer by-hand-token"
    assert receiver.got[0].json()["toPersonEmail"] == "ana@example.com"


def test_an_answer_that_drips_is_cut_off(sandbox: Services, clock: SteppedClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        routed(sandbox, "webhook", url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        tell(sandbox)
        ended = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                clock.step(31)
                while connection.recv(1) != b"":
                    connection.sendall(b"x")
                ended.set()

        threading.Thread(target=drip, daemon=True).start()
        assert send(sandbox) == {"put_off": 1}
        assert ended.wait(10), "the connection was shut down"
    assert (messages(sandbox)[0].error or {})["facts"]["problem"] == "SlowAnswer"
