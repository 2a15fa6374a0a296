"""Channels and deliveries for programs: nothing secret comes out, tests go in, the log pages and exports."""

import csv
import io
import random

import pytest

from core.notify import channel_book, rules
from core.notify.announce import announce
from core.notify.channel_book import ChannelForm
from core.notify.rules import Rule
from core.notify.sending import send_due
from tests.web.serving import Desk

SECRET_PATH = "hook-with-a-secret"


@pytest.fixture
def channel(desk: Desk) -> int:
    """A mail channel with a rule for everything."""
    values = {"recipients": "desk@example.com"}
    channel = channel_book.add(desk.services, ChannelForm("Desk", "email", values=values), actor="test").channel_id
    rules.add(desk.services.database, desk.clock, Rule(channel, repeat_hours=0), actor="test")
    return channel


def tell(desk: Desk, number: int, name: str = "Ana") -> None:
    with desk.services.database.write() as session:
        facts = {"title": "Calls abroad", "entity_name": name}
        announce(
            session,
            subject="alert",
            subject_id=number,
            event="opened",
            severity="high",
            facts=facts,
            at=desk.clock.now(),
        )


def test_channels_are_listed_without_their_secrets(desk: Desk, channel: int) -> None:
    values = {"url": f"https://crm.example.com/{SECRET_PATH}"}
    channel_book.add(desk.services, ChannelForm("CRM", "webhook", values=values), actor="test")
    answer = desk.program("admin", "notifications.manage").get("/api/v1/notifications/channels")
    assert [item["name"] for item in answer.json()["items"]] == ["CRM", "Desk"]
    assert SECRET_PATH not in answer.text
    assert "whsec_" not in answer.text
    assert {kind["id"] for kind in answer.json()["kinds"]} >= {"email", "webhook", "slack", "teams", "ntfy"}


def test_a_test_message_is_accepted_and_followed(desk: Desk, channel: int) -> None:
    admin = desk.browser("admin")
    accepted = admin.post(f"/api/v1/notifications/channels/{channel}/test")
    assert accepted.status_code == 202
    path = f"/api/v1/notifications/deliveries/{accepted.json()['id']}"
    assert admin.get(path).json()["state"] == "queued"
    assert send_due(desk.services, random.Random(1)) == {"sent": 1}
    followed = admin.get(path).json()
    assert (followed["state"], [each["outcome"] for each in followed["tried"]]) == ("sent", ["sent"])
    assert admin.post("/api/v1/notifications/channels/999/test").status_code == 404
    assert admin.post(f"{path}/retry").status_code == 404, "only what could not be delivered is sent again"


def test_deliveries_come_in_pages_and_filtered(desk: Desk, channel: int) -> None:
    for number in range(1, 6):
        tell(desk, number)
    admin, seen, cursor = desk.program("admin", "notifications.manage"), [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = admin.get("/api/v1/notifications/deliveries", params=query).json()
        seen += [item["subject_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [5, 4, 3, 2, 1]
    one = admin.get("/api/v1/notifications/deliveries", params={"about": "alert", "number": 3, "state": "queued"})
    assert [item["title"] for item in one.json()["items"]] == ["HIGH: Calls abroad – Ana"]
    assert admin.get("/api/v1/notifications/deliveries", params={"state": "lost"}).status_code == 422


def test_the_log_is_a_file_that_no_spreadsheet_runs(desk: Desk, channel: int) -> None:
    tell(desk, 1, name='=HYPERLINK("http://evil.example")')
    values = {"recipients": "desk@example.com"}
    channel_book.add(desk.services, ChannelForm("=1+1", "email", values=values), actor="test")
    channel_book.try_out(desk.services, channel + 1, actor="test")
    answer = desk.browser("admin").get("/exports/deliveries.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}"))))
    assert [row["About"] for row in rows] == ["Test", "Alert"]
    assert rows[0]["Channel"] == "'=1+1"
    assert desk.browser("supervisor").get("/exports/deliveries.csv").status_code == 403


def test_the_metrics_count_what_waits(desk: Desk, channel: int) -> None:
    tell(desk, 1)
    text = desk.browser("admin").get("/metrics").text
    assert 'tollwatch_outbox{state="queued"} 1.0' in text
    assert 'tollwatch_outbox{state="dead"} 0.0' in text
