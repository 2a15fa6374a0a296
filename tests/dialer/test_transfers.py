"""Calls that a side of them passes on to somebody else: nothing is dialled past the policy, nothing stays behind."""

import json
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from core.asterisk.events import Destroyed, EnteredApplication
from core.dialer import names
from core.dialer.outcome_words import outcome_words
from core.sandbox.asterisk_outcomes import Outcome
from core.store.engine import Database
from tests.asterisk.recordings import CAPTURES, events, lines
from tests.dialer.keeping import Asterisk, call, dial, ended, hang_up, has_status, keeper, words
from tests.waiting import until

PASSES_ON, HANDS_OVER = "+576015550170", "+576015550171"
SILENT = {"ChannelVarset", "ChannelUnhold", "PlaybackStarted"}


def alone(exchange: Asterisk) -> bool:
    """Whether nothing of any call is left at Asterisk."""
    return not exchange.exchange.channels and not exchange.exchange.bridges


def test_where_a_side_sends_a_call_asterisk_does_not_dial(sqlite_database: Database, exchange: Asterisk) -> None:
    database = sqlite_database
    asked: dict[str, Any] = {"after_answer": "bridge", "is_recorded": True}
    exchange.exchange.scripted["PJSIP/1001"] = Outcome(answers_after=0.1, transfers_to="+19005550199", ends_after=3.0)
    with keeper(database, exchange.address()):
        by_callee = dial(database, PASSES_ON, **asked, bridge_endpoint="PJSIP/1002", max_seconds=1)
        by_extension = dial(database, **asked, bridge_endpoint="PJSIP/1001")
        rows = [ended(database, call_id) for call_id in (by_callee, by_extension)]
        assert [(row.status, row.detail, row.hangup_by) for row in rows] == [
            ("completed", "", "limit"), ("completed", "", "bridge")
        ]  # fmt: skip
        assert "transferred" not in words(database, by_callee) + words(database, by_extension)
        until(lambda: alone(exchange))


@pytest.mark.parametrize("after_answer", [{}, {"is_recorded": True}, {"after_answer": "bridge"}])
def test_a_call_that_is_handed_over_ends_and_so_does_who_took_it(
    sqlite_database: Database, exchange: Asterisk, after_answer: dict[str, Any]
) -> None:
    database = sqlite_database
    with keeper(database, exchange.address()):
        call_id = dial(database, HANDS_OVER, bridge_endpoint="PJSIP/1002", **after_answer)
        row = ended(database, call_id)
        assert (row.status, row.detail, row.cause) == ("completed", "transferred", None)
        assert words(database, call_id)[-2:] == ["transferred", "ended"]
        assert outcome_words(row, "es") == "Completada · La transfirieron y se terminó"
        until(lambda: alone(exchange) and call(database, call_id).cleared_at is not None)


def test_an_extension_that_hands_a_call_over_ends_it(sqlite_database: Database, exchange: Asterisk) -> None:
    database = sqlite_database
    exchange.exchange.scripted["PJSIP/1001"] = Outcome(answers_after=0.1, is_handed_over=True)
    with keeper(database, exchange.address()):
        call_id = dial(database, after_answer="bridge", bridge_endpoint="PJSIP/1001")
        row = ended(database, call_id)
        assert (row.status, row.detail, row.hangup_by) == ("completed", "", "bridge")
        assert "transferred" in words(database, call_id)
        until(lambda: alone(exchange))


def test_a_call_handed_over_unseen_leaves_nobody_behind(sqlite_database: Database, exchange: Asterisk) -> None:
    database = sqlite_database
    with keeper(database, exchange.address()):
        call_id = dial(database, is_recorded=True)
        until(lambda: "recording" in words(database, call_id))
    address = exchange.address()
    with httpx.Client(headers={"Authorization": address.authorization}) as http:
        stranger = {"endpoint": "PJSIP/+576015550133@trunk", "app": "tollwatch", "channelId": "stranger"}
        http.post(f"{address.base}/channels", json=stranger)
        until(lambda: exchange.exchange.channels["stranger"].in_application)
        bridge = names.bridge(call(database, call_id).channel_id)
        http.post(f"{address.base}/bridges/{bridge}/addChannel", params={"channel": "stranger"})
    with keeper(database, exchange.address()):
        hang_up(database, call_id)
        assert ended(database, call_id).status == "completed"
        until(lambda: alone(exchange))


def test_a_channel_that_is_led_away_is_looked_up(sqlite_database: Database, exchange: Asterisk) -> None:
    database = sqlite_database
    with keeper(database, exchange.address()):
        call_id = dial(database)
        has_status(database, call_id, "answered")
        channel = exchange.exchange.channels[call(database, call_id).channel_id]
        address = exchange.address()
        until(lambda: channel.in_application)
        # An administrator leads it into the dialplan, where its end is told to nobody.
        channel.is_replaced = True
        told = {"context": "agent", "extension": "play"}
        headers = {"Authorization": address.authorization}
        assert httpx.post(f"{address.base}/channels/{channel.id}/continue", params=told, headers=headers).is_success
        assert ended(database, call_id).status == "completed"


@pytest.mark.parametrize("name", ["sip-refer-attended", "sip-refer-attended-bridge"])
def test_the_pretended_handing_over_is_told_as_the_recorded_one(exchange: Asterisk, name: str) -> None:
    ours = f"tw-{name}"
    recorded = [line["ev"] for line in lines(CAPTURES / f"{name}.jsonl") if line["k"] == "ws"]
    (taken,) = [event for event in events(CAPTURES / f"{name}.jsonl") if getattr(event, "replaced", "") == ours]
    assert isinstance(taken, EnteredApplication)
    # Neither side of the recorded call was told its end, which is why somebody has to look.
    assert not any(isinstance(event, Destroyed) for event in events(CAPTURES / f"{name}.jsonl"))
    address = exchange.address()
    headers = {"Authorization": address.authorization}
    with connect(address.events, additional_headers=headers) as socket, httpx.Client(headers=headers) as http:
        order = {"endpoint": f"PJSIP/{HANDS_OVER}@trunk", "app": "tollwatch", "channelId": ours}
        http.post(f"{address.base}/channels", json=order)
        told: list[dict[str, Any]] = []
        while not told or told[-1]["type"] != "StasisStart":
            told.append(json.loads(socket.recv(timeout=10)))
        if name.endswith("bridge"):
            bridge = names.bridge(ours)
            http.post(f"{address.base}/bridges", params={"type": "mixing", "bridgeId": bridge})
            http.post(f"{address.base}/bridges/{bridge}/addChannel", params={"channel": ours})
            http.post(f"{address.base}/bridges/{bridge}/record", params={"name": ours, "format": "wav"})
        while told[-1]["type"] != "StasisEnd":
            told.append(json.loads(socket.recv(timeout=10)))
    assert said(told, ours) == said(recorded, ours)


def said(told: list[dict[str, Any]], ours: str) -> list[str]:
    """The kinds of events of our channel, and how another one takes its place; between the two the order varies."""
    mine = [event["type"] for event in told if channel_of(event) == ours and event["type"] not in SILENT]
    others = [event["type"] for event in told if event["type"] in ("StasisStart", "ChannelEnteredBridge")]
    kept = [event["type"] for event in told if event["type"].startswith("Recording")]
    return [*mine, *(kind for kind in others if kind), *kept]


def channel_of(event: dict[str, Any]) -> str:
    return str((event.get("channel") or event.get("peer") or {}).get("id", ""))
