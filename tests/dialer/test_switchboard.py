"""Calls from the row to their end at a pretend Asterisk, and everything that may go wrong between."""

import asyncio
import sqlite3
import threading
from datetime import datetime, timedelta

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from websockets.sync.client import connect

from core.asterisk.call_state import Detail
from core.dialer import connection
from core.dialer.outcome_words import outcome_words
from core.store.engine import Database
from core.store.leases import Lease, LeaseLostError, guard
from core.store.models.dialer import AsteriskConnectionRow
from tests.dialer.keeping import (
    CLOCK,
    QUICK,
    Asterisk,
    Keeper,
    address_at,
    call,
    dial,
    ended,
    hang_up,
    has_status,
    keeper,
    state,
    words,
)
from tests.local_server import local_server
from tests.waiting import until

OUTCOMES = {
    "00": ("completed", "", 0), "01": ("failed", "", 1), "02": ("failed", "", 23), "17": ("busy", "", 17),
    "18": ("no_answer", "", 18), "20": ("failed", "", 20), "21": ("failed", "", 21), "22": ("failed", "", 22),
    "27": ("failed", "", 27),
    "28": ("failed", "", 28), "34": ("failed", "", 34), "38": ("failed", "", 38), "58": ("failed", "", 58),
    "83": ("completed", "", 0), "90": ("completed", "", 38), "50": ("failed", "not_accepted", None),
}  # fmt: skip


def test_every_outcome_ends_as_it_should(sqlite_database: Database, exchange: Asterisk) -> None:
    with keeper(sqlite_database, exchange.address()):
        calls = {last: dial(sqlite_database, f"+5760155501{last}") for last in OUTCOMES}
        rows = {last: ended(sqlite_database, call_id) for last, call_id in calls.items()}
        assert {last: (row.status, row.detail, row.cause) for last, row in rows.items()} == OUTCOMES
        early = [word for word in words(sqlite_database, calls["83"]) if word != "requested"]
        assert early == ["placing", "dialing", "ringing", "answered", "other_hung_up", "ended"]
        assert (rows["21"].sip_code, (rows["50"].error or {})["code"]) == (603, "asterisk_allocation_failed")
        # Asterisk's own invention at the goodbye of an answered call is not told as the peer's word.
        assert (rows["90"].cause, rows["90"].sip_code) == (38, None)
        assert all(
            row.ringing_at is None or (row.dialed_at or row.created_at) <= row.ringing_at for row in rows.values()
        )
        assert all(row.cleared_at for row in rows.values())


def test_what_the_callee_gets(sqlite_database: Database, exchange: Asterisk) -> None:
    database = sqlite_database
    with keeper(database, exchange.address()):
        prompt = dial(database, after_answer="play", media="sound:hello-world")
        missing = dial(database, after_answer="play", media="sound:no-such-file", is_recorded=True)
        joined = dial(database, after_answer="bridge", bridge_endpoint="PJSIP/1001", is_recorded=True)
        unjoined = dial(database, after_answer="bridge", bridge_endpoint="PJSIP/1017")
        dialplan = dial(database, context="agent", extension="play")
        pressed = dial(database, "+576015550112")
        limited = dial(database, max_seconds=1)
        until(lambda: "bridged" in words(database, joined))
        channel = call(database, joined).channel_id
        (bridge,) = [one for one in exchange.exchange.bridges.values() if one.id.startswith(channel)]
        assert bridge.channels == [channel, f"{channel}-extension"]
        hang_up(database, joined)
        until(lambda: call(database, pressed).digits == "12#")
        hang_up(database, pressed)
        rows = {name: ended(database, name) for name in (prompt, missing, joined, unjoined, dialplan, pressed, limited)}
        assert {row.status for row in rows.values()} == {"completed"}
        assert "dialplan" in words(database, dialplan)
        assert [rows[name].hangup_by for name in (prompt, missing, unjoined, limited, dialplan)] == [
            "prompt", "prompt", "bridge", "limit", ""
        ]  # fmt: skip
        assert "play_failed" in words(database, missing)
        assert "bridge_failed" in words(database, unjoined)
        until(lambda: all(call(database, name).cleared_at for name in rows))
        assert (exchange.exchange.bridges, exchange.exchange.channels) == ({}, {})
        assert exchange.exchange.recordings.keys() == {rows[name].recording_name for name in (missing, joined)}


def test_a_forwarding_callee_is_not_followed_past_the_policy(sqlite_database: Database, exchange: Asterisk) -> None:
    with keeper(sqlite_database, exchange.address()):
        call_id = dial(sqlite_database, "+576015550102")
        row = ended(sqlite_database, call_id)
        assert (row.status, row.cause, row.sip_code, row.answered_at) == ("failed", 23, 302, None)
        assert "forwarded" in words(sqlite_database, call_id)
        # Asked by somebody who does not forbid it, Asterisk follows: the channel in the place of ours is ended.
        address = exchange.address()
        order = {
            "endpoint": "PJSIP/+576015550102@trunk", "app": "tollwatch", "appArgs": "dialpad,another",
            "channelId": "tw-" + "0" * 32,
        }  # fmt: skip
        headers = {"Authorization": address.authorization}
        assert httpx.post(f"{address.base}/channels", json=order, headers=headers).status_code == 200
        until(lambda: len(exchange.exchange.originated) == 2)
        until(lambda: not exchange.exchange.channels)


def test_a_sound_that_the_end_of_the_call_cuts_short_has_not_failed(
    sqlite_database: Database, exchange: Asterisk
) -> None:
    database = sqlite_database
    with keeper(database, exchange.address()):
        tone = {"after_answer": "play", "media": "tone:ring"}
        limited = dial(database, max_seconds=1, **tone)
        left = [dial(database, "+576015550100", is_recorded=recorded, **tone) for recorded in (False, True)]
        rows = [ended(database, call_id) for call_id in (limited, *left)]
        assert [(row.status, row.hangup_by) for row in rows] == [("completed", "limit"), *[("completed", "")] * 2]
        assert not any("play_failed" in words(database, call_id) for call_id in (limited, *left))


def test_what_cannot_be_recorded_goes_on_without(sqlite_database: Database, exchange: Asterisk) -> None:
    database = sqlite_database
    exchange.exchange.has_recording_folder = False
    with keeper(database, exchange.address()):
        played = dial(database, after_answer="play", is_recorded=True)
        joined = dial(database, after_answer="bridge", bridge_endpoint="PJSIP/1001", is_recorded=True)
        assert ended(database, played).hangup_by == "prompt"
        until(lambda: "recording_failed" in words(database, joined))
        hang_up(database, joined)
        assert ended(database, joined).status == "completed"
        assert [words(database, one).count("recording_failed") for one in (played, joined)] == [1, 1]
        assert "recording" not in words(database, played) + words(database, joined)


def test_a_recording_that_silence_ended_is_gone_on_with(sqlite_database: Database, exchange: Asterisk) -> None:
    database = sqlite_database
    with keeper(database, exchange.address()):
        call_id = dial(database, is_recorded=True)
        until(lambda: "recording" in words(database, call_id))
        target = f"bridge:{call(database, call_id).channel_id}-bridge"
        exchange.exchange.finish_recording(target, [call(database, call_id).channel_id])
        until(lambda: target in exchange.exchange.live_recordings)
        hang_up(database, call_id)
        ended(database, call_id)
        until(lambda: not exchange.exchange.live_recordings)


def test_hanging_up_while_it_rings_is_told_as_such(sqlite_database: Database, exchange: Asterisk) -> None:
    with keeper(sqlite_database, exchange.address()):
        ringing = dial(sqlite_database, "+576015550119", ring_seconds=180)
        has_status(sqlite_database, ringing, "ringing")
        assert hang_up(sqlite_database, ringing)
        row = ended(sqlite_database, ringing)
        assert (row.status, row.detail, row.cause, row.hangup_by) == ("failed", "cancelled", 16, "ana@example.com")
        assert outcome_words(row, "en") == "Failed · cancelled by ana@example.com"
        assert outcome_words(row, "es", name=lambda _: "Ana Ruiz") == "Fallida · cancelada por Ana Ruiz"


@pytest.mark.parametrize("moment", ["pending", "dialing", "ringing", "answered"])
@pytest.mark.parametrize("breakdown", ["cut", "restart"])
def test_a_socket_cut_at_any_moment_loses_no_call(
    moment: str, breakdown: str, sqlite_database: Database, exchange: Asterisk
) -> None:
    last = {"pending": "33", "dialing": "80", "ringing": "19", "answered": "33"}[moment]
    with keeper(sqlite_database, exchange.address()):
        call_id = dial(sqlite_database, f"+5760155501{last}", ring_seconds=180)
        has_status(sqlite_database, call_id, moment) if moment != "pending" else None
        getattr(exchange.exchange, breakdown)()
        until(lambda: exchange.exchange.applications.get("tollwatch") is not None)
        until(lambda: state(sqlite_database) == connection.CONNECTED)
        if breakdown == "cut" or moment == "pending":
            until(lambda: call(sqlite_database, call_id).status != "pending")
            hang_up(sqlite_database, call_id)
        row = ended(sqlite_database, call_id)
    was_answered = row.answered_at is not None
    expected = {Detail.NONE, Detail.UNOBSERVED} if was_answered else {Detail.CANCELLED, Detail.UNOBSERVED}
    assert row.status == ("completed" if was_answered else "failed")
    assert row.detail in expected
    assert (moment == "answered") <= was_answered
    assert exchange.exchange.originated == [row.channel_id]


def test_an_end_that_nobody_saw_is_not_guessed(sqlite_database: Database, exchange: Asterisk) -> None:
    with keeper(sqlite_database, exchange.address()):
        call_id = dial(sqlite_database, "+576015550119", ring_seconds=180)
        has_status(sqlite_database, call_id, "ringing")
    assert state(sqlite_database) == connection.STOPPED
    channel = call(sqlite_database, call_id).channel_id
    address = exchange.address()
    ending = f"{address.base}/channels/{channel}?reason=busy"
    assert httpx.delete(ending, headers={"Authorization": address.authorization}).status_code == 204
    with keeper(sqlite_database, exchange.address()):
        row = ended(sqlite_database, call_id)
    assert (row.status, row.detail, row.cause) == ("failed", "unobserved", None)


def test_a_lost_answer_is_looked_up_and_never_sent_again(sqlite_database: Database, exchange: Asterisk) -> None:
    exchange.exchange.answer_delay = 2.0
    with keeper(sqlite_database, exchange.address()):
        calls = [dial(sqlite_database), dial(sqlite_database, "+576015550117")]
        has_status(sqlite_database, calls[0], "answered")
        hang_up(sqlite_database, calls[0])
        assert [ended(sqlite_database, one).status for one in calls] == ["completed", "busy"]
    assert len(exchange.exchange.originated) == 2


def test_nothing_is_dialled_while_the_socket_is_down(sqlite_database: Database) -> None:
    asked: list[str] = []

    async def no_socket(scope: Scope, _receive: Receive, send: Send) -> None:
        asked.append(f"{scope['type']} {scope['path']}")
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "websocket.close", "code": 1011})

    with local_server(no_socket) as port:
        running = Keeper(sqlite_database, address_at(port))
        call_id = dial(sqlite_database)
        until(lambda: len(asked) >= 3)
        assert call(sqlite_database, call_id).placing_at is None
        assert state(sqlite_database) == connection.DOWN
        hang_up(sqlite_database, call_id)
        running.stop()
    assert {line for line in asked if not line.startswith("websocket")} == set()
    assert (call(sqlite_database, call_id).detail, running.error) == ("cancelled", None)


def test_a_wrong_password_is_named(sqlite_database: Database, exchange: Asterisk) -> None:
    running = Keeper(sqlite_database, exchange.address(password="wrong"))

    def reason() -> object:
        with sqlite_database.read() as session:
            return (connection.connection(session, CLOCK.now()).error or {}).get("code")

    until(lambda: reason() == "asterisk_credentials")
    running.stop()


def test_another_program_of_our_name_is_not_fought(sqlite_database: Database, exchange: Asterisk) -> None:
    address = exchange.address()
    with keeper(sqlite_database, address):
        ringing = dial(sqlite_database, "+576015550119", ring_seconds=180)
        has_status(sqlite_database, ringing, "ringing")
        with connect(address.events, additional_headers={"Authorization": address.authorization}) as other:
            until(lambda: state(sqlite_database) == connection.TAKEN)
            waiting = dial(sqlite_database)
            hang_up(sqlite_database, ringing)
            # Ended by REST and found gone, though its events went to the other one.
            assert ended(sqlite_database, ringing).detail == "cancelled"
            assert (state(sqlite_database), call(sqlite_database, waiting).status) == (connection.TAKEN, "pending")
            with sqlite_database.write() as session:
                connection.request_reconnect(session, CLOCK.now())
            until(lambda: state(sqlite_database) == connection.CONNECTED)
            assert other.recv()
        has_status(sqlite_database, waiting, "answered")


def test_of_two_keepers_the_replaced_one_ends(database: Database, exchange: Asterisk) -> None:
    first, second = (Lease(database, "sidecar", name, CLOCK, 0.0) for name in ("a", "b"))
    assert first.try_acquire()
    epoch = first.epoch
    old = Keeper(database, exchange.address(), fence=lambda session: guard(session, "sidecar", epoch))
    until(lambda: state(database) == connection.CONNECTED)
    call_id = dial(database)
    has_status(database, call_id, "answered")
    first.forget()
    until(second.try_acquire)
    newer = second.epoch
    with keeper(database, exchange.address(), fence=lambda session: guard(session, "sidecar", newer)):
        until(lambda: old.has_ended)
        assert isinstance(old.error, LeaseLostError)
        hang_up(database, call_id)
        assert ended(database, call_id).status == "completed"
    second.release()


def test_two_hundred_calls_at_once_and_a_database_that_is_slow(sqlite_database: Database, exchange: Asterisk) -> None:
    database = sqlite_database
    lasts = ("00", "17", "21", "83")
    with keeper(database, exchange.address()):
        calls = [(last, dial(database, f"+5760155501{last}")) for last in lasts * 50]
        blocking = sqlite3.connect(database.engine.url.database or "", isolation_level=None)
        blocking.execute("BEGIN IMMEDIATE")
        served = exchange.exchange.applications["tollwatch"].socket
        begun = CLOCK.monotonic()
        until(lambda: CLOCK.monotonic() - begun > 1)
        # Events were read on though none could be stored.
        assert served is not None
        assert served.qsize() == 0
        blocking.execute("COMMIT")
        blocking.close()
        statuses = [(last, ended(database, call_id, 60).status) for last, call_id in calls]
        assert exchange.exchange.applications["tollwatch"].socket is served
    wanted = {"00": "completed", "17": "busy", "21": "failed", "83": "completed"}
    assert statuses == [(last, wanted[last]) for last, _ in calls]
    assert len(set(exchange.exchange.originated)) == len(exchange.exchange.originated) == 200


class SilentAsterisk:
    """Opens the event socket until it is gone, and never answers a request."""

    def __init__(self) -> None:
        self.was_asked, self.is_gone = threading.Event(), threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        if scope["type"] == "websocket":
            if not self.is_gone.is_set():
                await send({"type": "websocket.accept"})
                await asyncio.to_thread(self.is_gone.wait)
            await send({"type": "websocket.close"})
            return
        self.was_asked.set()
        while message["type"] != "http.disconnect":
            message = await receive()


def beat(database: Database) -> tuple[str, datetime, datetime]:
    with database.read() as session:
        row = session.get_one(AsteriskConnectionRow, connection.NAME)
        return row.state, row.since, row.beat_at


def test_a_beat_that_waited_while_the_socket_was_lost_does_not_call_it_connected(sqlite_database: Database) -> None:
    silent = SilentAsterisk()
    with local_server(silent) as port, keeper(sqlite_database, address_at(port)):
        until(silent.was_asked.is_set)
        silent.is_gone.set()
        until(lambda: state(sqlite_database) == connection.DOWN)
        _, lost, _ = beat(sqlite_database)
        until(lambda: beat(sqlite_database)[2] > lost + timedelta(seconds=3 * QUICK.request))
        assert beat(sqlite_database)[:2] == (connection.DOWN, lost), "who dials is refused once this has lasted a while"
