"""Messages of the pretend cloud, written by the product's own channel."""

import random
from pathlib import Path
from typing import Any

import pytest

from core.clock import SteppedClock
from core.notify import channel_book
from core.notify.channel_book import ChannelForm
from core.notify.sending import send_due
from core.sandbox.credentials import BOT_TOKEN
from core.store.engine import Database
from core.store.models.outbox import OutboxMessage
from tests.notify.conftest import services_over
from tests.sandbox.conftest import RunningCloud

ROOM = "Y2lzY29zcGFyazovL3VzL1JPT00vMQ"
SOUND = {"roomId": ROOM, "text": "Hello"}


def write(cloud: RunningCloud, content: dict[str, Any], token: str = BOT_TOKEN) -> int:
    return cloud.http.post("/v1/messages", json=content, headers={"Authorization": f"Bearer {token}"}).status_code


def test_the_webex_channel_is_understood_by_the_pretend_cloud(
    cloud: RunningCloud, sqlite_database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    services = services_over(sqlite_database, clock, tmp_path, sandbox_port=cloud.port)
    values = {"person": "ana@example.com", "bot_token": BOT_TOKEN}
    form = ChannelForm("Webex", "webex_message", "es", values=values)
    channel = channel_book.add(services, form, actor="test").channel_id
    message = channel_book.try_out(services, channel, actor="test")
    assert send_due(services, random.Random(1)) == {"sent": 1}
    with services.database.read() as session:
        assert session.get_one(OutboxMessage, message).answer == "HTTP 200"
    (kept,) = cloud.http.get("/_sandbox/messages").json()["items"]
    assert kept["toPersonEmail"] == "ana@example.com"
    assert "Mensaje de prueba" in kept["markdown"]
    assert kept["attachments"][0]["content"]["type"] == "AdaptiveCard"


@pytest.mark.parametrize(
    "content",
    [
        {"text": "to nobody"},
        {**SOUND, "toPersonEmail": "ana@example.com"},
        {"roomId": ROOM},
        {**SOUND, "text": "x" * 7440},
        {**SOUND, "attachments": [{"contentType": "text/plain", "content": {}}]},
        {
            **SOUND,
            "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": {"version": "1.5"}}],
        },
    ],
)
def test_what_webex_refuses_is_refused(cloud: RunningCloud, content: dict[str, Any]) -> None:
    assert write(cloud, SOUND) == 200
    assert write(cloud, content) == 400


def test_a_token_without_the_scope_writes_nothing(cloud: RunningCloud) -> None:
    token = cloud.http.headers["Authorization"].split()[1]
    assert write(cloud, SOUND, token) == 403
    assert write(cloud, SOUND, "no-such-token") == 401
