"""The pretend Asterisk against every recording of a real one and its own API description; and our client against both.

Compared are the events that tell what becomes of a call, channel by channel in their order (between two channels the
order is that of two threads and differs from run to run), and the status of every answer. Not compared: variables,
caller ids and dialplan steps, which the real one sends in a number that depends on the dialplan, and the states of
devices. Not pretended, since we do not use them: REST over the websocket and websockets that Asterisk opens.
"""

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, Route
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from core.asterisk.call_state import CallState, Detail, Status, accepted, after, cancel_requested
from core.asterisk.client import AsteriskClient, Origination
from core.asterisk.errors import AsteriskRefusedError
from core.asterisk.events import read_event
from core.dialer import names as names_of
from core.dialer.vocabulary import CHANNEL_PREFIX
from core.sandbox.asterisk import build_asterisk
from core.sandbox.asterisk_outcomes import BY_EXTENSION, Outcome
from tests.conftest import NOON
from tests.dialer.keeping import CLOCK, Asterisk, asterisk
from tests.waiting import awaited, until

pytestmark = pytest.mark.contract

ARI = Path(os.environ.get("SHARED", Path(__file__).parents[2].parent / "shared")) / "data" / "ari"
NOT_PRETENDED = {"rest-over-websocket", "outbound-websocket"}
CAPTURES = sorted(path.stem for path in (ARI / "captures").glob("*.jsonl") if path.stem not in NOT_PRETENDED)
UNCOMPARED = {"ChannelVarset", "ChannelDialplan", "ChannelCallerId", "ChannelConnectedLine", "DeviceStateChanged"}
SCALE = 0.02
CAUSES = {
    401: 21, 402: 127, 403: 21, 404: 1, 408: 18, 410: 22, 480: 19, 484: 28, 486: 17, 488: 58, 500: 38, 502: 27,
    503: 34, 504: 102, 600: 17, 603: 21, 604: 1,
}  # fmt: skip
RINGING = {486, 603}
HOLDING = Outcome(rings_after=0.0, answers_after=1.0)
PEERS: dict[str, Outcome | None] = {
    "sip-answer": Outcome(rings_after=0.0, answers_after=1.0, ends_after=2.0, cause=0),
    "sip-answerhold-we-hangup": HOLDING,
    "sip-baresip-autoanswer": HOLDING,
    "sip-dead-port": Outcome(),
    "sip-no-response-timeout4": Outcome(),
    "sip-not-registered": None,
    "sip-number-at-endpoint-dead": None,
    "sip-unknown-endpoint": None,
    "sip-progress": Outcome(has_early_media=True, rings_after=0.0, answers_after=1.0, ends_after=2.0, cause=0),
    "sip-ring-timeout3": Outcome(rings_after=0.0),
    "sip-ringcancel-we-cancel": Outcome(rings_after=0.0),
}


def peer(name: str) -> Outcome | None:
    """What the SIP peer of a recording does."""
    if name in PEERS:
        return PEERS[name]
    code = int(name.rpartition("-")[2])
    rings = 0.0 if code in RINGING else None
    return Outcome(rings_after=rings, ends_after=0.5, cause=CAUSES[code], sip_code=code)


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ARI / "captures" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


class Client:
    """A plain client, with the events it saw: none of our own code."""

    def __init__(self, running: Asterisk, *, sees_all: bool = False, application: str = "tollwatch") -> None:
        self.running = running
        self.application = application
        self.sees_all = sees_all
        self.events: list[dict[str, Any]] = []
        self.sockets: list[ClientConnection] = []
        address = running.address()
        self.authorization = address.authorization
        self.http = httpx.Client(base_url=address.base, headers={"Authorization": self.authorization})

    def listen(self) -> None:
        address = f"ws://127.0.0.1:{self.running.port}/ari/events?app={self.application}"
        address += f"&subscribeAll={str(self.sees_all).lower()}"
        before = self.served()
        threading.Thread(target=self._read, args=(address,), daemon=True).start()
        until(lambda: self.served() not in (None, before))

    def served(self) -> object:
        """The queue behind the application's socket."""
        application = self.running.exchange.applications.get(self.application)
        return application.socket if application else None

    def _read(self, address: str) -> None:
        headers = {"Authorization": self.authorization}
        with suppress(ConnectionClosed), connect(address, additional_headers=headers) as socket:
            self.sockets.append(socket)
            for message in socket:
                self.events.append(json.loads(message))

    def drop(self) -> None:
        until(lambda: self.sockets)
        self.sockets.pop().close()
        until(lambda: self.served() is None)

    def ask(self, line: dict[str, Any]) -> httpx.Response:
        return self.http.request(line["method"], line["path"], params=line["params"], json=line["json"])


def told(event: dict[str, Any]) -> str:
    """An event without what differs from run to run."""
    channel = event.get("channel") or event.get("peer") or {}
    playback = event.get("playback") or event.get("recording") or {}
    parts = [event["type"], channel.get("state", playback.get("state", ""))]
    if event.get("dialstatus") == "":
        parts[1] = ""
    parts += [str(event.get(name, "-")) for name in ("dialstatus", "cause", "tech_cause", "soft", "digit", "cause_txt")]
    return " ".join(parts)


def by_channel(events: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event in events:
        if event["type"] in UNCOMPARED:
            continue
        channel = event.get("channel") or event.get("peer") or {}
        name = channel.get("id", event.get("playback", {}).get("media_uri", "-"))
        name = "nested" if name.startswith(("lab-", "sandbox-")) else name
        found.setdefault(name, []).append(told(event))
    return found


def counted(events: list[dict[str, Any]]) -> int:
    return sum(event["type"] not in UNCOMPARED for event in events)


@pytest.fixture(scope="module")
def running() -> Iterator[Asterisk]:
    with asterisk(scale=SCALE) as started:
        yield started


class Replay:
    """Does what a recording's client did, each step after the events it had seen by then."""

    def __init__(self, name: str, running: Asterisk) -> None:
        self.lines = lines(name)
        self.client = Client(running, sees_all=name.endswith("subscribeAll"))
        self.waits = "subscribe-after" not in name
        self.statuses: list[int] = []
        self.expected: list[int] = []
        asked = next(line for line in self.lines if line["k"] == "req")
        endpoint = {**(asked["json"] or {}), **(asked["params"] or {})}["endpoint"]
        running.exchange.scripted = {endpoint: peer(name)} if name.startswith("sip-") else {}

    def run(self) -> None:
        seen = 0
        for line in self.lines:
            if line["k"] == "ws":
                seen += line["ev"]["type"] not in UNCOMPARED
            elif line["k"] == "req" and "rtp_statistics" not in line["path"]:
                self.await_events(seen)
                self.ask(line)
            elif line["k"] == "note":
                self.turn(line["msg"], seen)
        self.await_events(seen)

    def ask(self, line: dict[str, Any]) -> None:
        """Ask as the recording did; a look-up that found nothing was made when the call had ended."""
        answered = next(other for other in self.lines[self.lines.index(line) :] if other["k"] == "resp")
        if line["method"] == "GET" and answered["status"] == 404:
            until(lambda: self.client.ask(line).status_code == 404, 5)
        elif line["method"] == "GET" and answered["status"] == 200 and line["path"] == "/channels/tw-nows":
            return  # The real call lived on for some milliseconds after its answer; ours may not.
        else:
            self.statuses.append(self.client.ask(line).status_code)
            self.expected.append(answered["status"])

    def turn(self, message: str, seen: int) -> None:
        is_first = message in ("ws open", "reconnect") and self.client.served() is None
        if is_first:
            self.client.listen()
        elif message.startswith("second websocket"):
            Client(self.client.running).listen()
        elif message.startswith(("cut the websocket", "clean close")):
            self.await_events(seen)
            self.client.drop()

    def await_events(self, seen: int) -> None:
        if self.waits:
            until(lambda: counted(self.client.events) >= seen, 5)


def settled(sequences: dict[str, list[str]], name: str) -> dict[str, list[str]]:
    """Without what is a matter of a millisecond: what came before a subscription took effect, and whether the far half
    of a Local channel rings or hangs up before the thread that dials it says so."""
    if "subscribe-after" in name:
        early = ("Dial   -", "Dial Ringing RINGING", "ChannelStateChange Ringing")
        sequences = {key: [word for word in words if not word.startswith(early)] for key, words in sequences.items()}
    first = "Dial   -"
    return {key: sorted(words, key=lambda word: not word.startswith(first)) for key, words in sequences.items()}


@pytest.mark.parametrize("name", [name for name in CAPTURES if name != "http-errors"])
def test_a_call_takes_the_course_that_was_recorded(name: str, running: Asterisk) -> None:
    running.exchange.restart()
    recorded = [line["ev"] for line in lines(name) if line["k"] == "ws"]
    try:
        replay = Replay(name, running)
        replay.run()
        assert replay.statuses == replay.expected
        wanted = settled(by_channel(recorded), name)
        until(lambda: settled(by_channel(replay.client.events), name) == wanted or replay.waits, 2)
        assert settled(by_channel(replay.client.events), name) == wanted
    finally:
        running.exchange.restart()
        running.exchange.scripted = {}


def test_every_refusal_is_written_as_it_was_recorded(running: Asterisk) -> None:
    running.exchange.restart()
    client = Client(running)
    client.listen()
    taken = [line for line in lines("http-errors") if line["k"] in ("req", "resp")]
    pairs = [(one, other) for one, other in pairwise(taken) if (one["k"], other["k"]) == ("req", "resp")]
    differing = []
    for asked, answered in pairs:
        is_of_another_user = answered["status"] in (401, 403)
        if is_of_another_user or asked["path"].startswith(("/asterisk/modules", "/asterisk/variable")):
            continue
        answer = client.ask(asked)
        body = answer.json() if "json" in answer.headers.get("content-type", "") else None
        refusal = answered["body"] if answered["status"] >= 400 else None
        if answer.status_code != answered["status"] or (isinstance(refusal, dict) and body != refusal):
            differing.append((asked["method"], asked["path"], answer.status_code, body, answered["status"], refusal))
    assert differing == []
    running.exchange.restart()


def expected_end(name: str) -> tuple[Status, Detail]:
    """What ari.md's rules make of a recording, written down by hand."""
    if name in ENDS:
        return ENDS[name]
    return (Status.FAILED, Detail.NONE)


COMPLETED = (Status.COMPLETED, Detail.NONE)
NO_ANSWER, RANG_OUT = (Status.NO_ANSWER, Detail.NONE), (Status.NO_ANSWER, Detail.TIMEOUT)
BUSY, CANCELLED = (Status.BUSY, Detail.NONE), (Status.FAILED, Detail.CANCELLED)
ENDS = {
    **{name: COMPLETED for name in CAPTURES if "answer" in name and "noanswer" not in name},
    **dict.fromkeys(["local-dtmf", "local-progress", "sip-progress"], COMPLETED),
    **{name: BUSY for name in CAPTURES if "busy" in name},
    **dict.fromkeys(["sip-486", "sip-600", "sip-number-486"], BUSY),
    **dict.fromkeys(["local-noanswer19", "local-nouser18", "local-viadial-noanswer"], NO_ANSWER),
    **dict.fromkeys(["sip-408", "sip-480"], NO_ANSWER),
    **{name: RANG_OUT for name in CAPTURES if "timeout" in name or name == "sip-dead-port"},
    **{name: CANCELLED for name in CAPTURES if "cancel" in name},
}
"""Ends of the recordings that have one; all others failed by the network's word."""

WITHOUT_END = {
    "http-errors", "local-answer-dialplan-nosub", "originate-without-websocket", "sip-not-registered",
    "sip-number-at-endpoint-dead", "sip-unknown-endpoint", "ws-app-replaced", "ws-drop-and-reconnect",
    "ws-drop-resume-within-call",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CAPTURES if name not in WITHOUT_END])
def test_our_state_machine_ends_every_recorded_call_as_it_ended(name: str) -> None:
    taken = lines(name)
    asked = next(line for line in taken if line["k"] == "req" and line["method"] == "POST")
    wanted = {**(asked["json"] or {}), **(asked["params"] or {})}
    # A channel that was created is dialled with a timeout of its own.
    dialled = [line["params"]["timeout"] for line in taken if line.get("path", "").endswith("/dial")]
    state = CallState(wanted["channelId"], int((dialled or [wanted.get("timeout", 30)])[0]))
    for line in taken:
        if line["k"] == "ws":
            event = read_event(json.dumps(line["ev"]))
            state = after(state, event, NOON) if event else state
        elif line["k"] == "resp" and line["status"] == 200:
            state = accepted(state, NOON)
        elif line["k"] == "req" and line["method"] == "DELETE" and line["path"].endswith(state.channel_id):
            state = cancel_requested(state)
    assert (state.status, state.detail) == expected_end(name)


def test_every_recorded_scenario_has_its_extension() -> None:
    behind_local = {
        line["json"]["endpoint"].removeprefix("Local/").partition("@")[0]
        for name in CAPTURES
        for line in lines(name)
        if line["k"] == "req" and line["json"] and line["json"].get("endpoint", "").endswith("@scenarios")
    }
    assert behind_local - {"nosuch"} <= set(BY_EXTENSION)


def description() -> dict[tuple[str, str], dict[str, Any]]:
    """Asterisk's own description: each operation by its method and its path with nameless parameters."""
    found = {}
    for path in (ARI / "api-docs-22.10.1" / "api-docs").glob("*.json"):
        for api in json.loads(path.read_text(encoding="utf-8"))["apis"]:
            for operation in api["operations"]:
                found[operation["httpMethod"], nameless(api["path"])] = operation
    return found


def nameless(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path)


def test_the_pretend_asterisk_answers_at_paths_of_the_real_one_alone() -> None:
    inner = build_asterisk(CLOCK).routes[0]
    assert isinstance(inner, Mount)
    served = {
        (method, nameless(route.path))
        for route in inner.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    unknown = {("GET", "/endpoints/{}"), ("GET", "/events"), ("DELETE", "/applications/{}/subscription")}
    assert served - set(description()) - unknown == set()


def test_our_client_asks_only_what_the_description_knows(running: Asterisk) -> None:
    asked = awaited(asked_of(running))
    known = description()
    wrong = []
    for method, path, names in asked:
        generic = re.sub(r"tw-[0-9a-f]{32}(-bridge|-prompt)?|/PJSIP/trunk|/tollwatch", spelt, path)
        operation = known.get((method, generic))
        allowed = {parameter["name"] for parameter in operation.get("parameters", [])} if operation else set()
        required = {
            parameter["name"]
            for parameter in (operation.get("parameters", []) if operation else [])
            if parameter.get("required") and parameter["paramType"] != "path"
        }
        if operation is None or not required <= set(names) <= allowed:
            wrong.append((method, generic, names))
    assert wrong == []
    assert len(asked) >= 17


def spelt(found: re.Match[str]) -> str:
    return "/{}/{}" if "PJSIP" in found[0] else "/{}" if found[0].startswith("/") else "{}"


async def asked_of(running: Asterisk) -> list[tuple[str, str, list[str]]]:
    """Every request our client can make, as it left."""
    asked: list[tuple[str, str, list[str]]] = []

    async def note(request: httpx.Request) -> None:
        body = await request.aread()
        names = list(request.url.params) + (list(json.loads(body)) if body else [])
        asked.append((request.method, request.url.path.removeprefix("/ari"), names))

    client = AsteriskClient(running.address(), CLOCK)
    client._http.event_hooks = {"request": [note]}
    channel = CHANNEL_PREFIX + "0" * 32
    bridge = names_of.bridge(channel)
    order = Origination(channel, "PJSIP/+576015550133@trunk", "tollwatch", 30, 300, ("a",), "+5760155501")
    running.exchange.serve("tollwatch", sees_all=False)
    await client.ping()
    await client.version()
    await client.originate(order)
    await client.channel(channel)
    await client.subscribe(channel)
    await client.make_bridge(bridge)
    await client.subscribe_bridge(bridge)
    await client.in_bridge(bridge)
    await client.go_on(channel, "agent", "play", 1)
    with suppress(AsteriskRefusedError):
        await client.ring(channel)
    with suppress(AsteriskRefusedError):
        await client.stop_ringing(channel)
    with suppress(AsteriskRefusedError):
        await client.play(f"channels/{channel}", "sound:hello-world", names_of.playback(channel))
    await client.add_to_bridge(bridge, channel)
    await client.play(f"bridges/{bridge}", "tone:ring", names_of.playback(channel))
    await client.is_playing(names_of.playback(channel))
    await client.record(bridge, channel, 60)
    await client.remove_bridge(bridge)
    await client.endpoint_state("PJSIP", "trunk")
    await client.hang_up(channel)
    await client.close()
    running.exchange.restart()
    return asked


def test_events_have_what_the_description_requires(running: Asterisk) -> None:
    events = json.loads((ARI / "api-docs-22.10.1" / "api-docs" / "events.json").read_text(encoding="utf-8"))["models"]
    models = events | {
        name: model
        for file in ("channels", "bridges", "playbacks", "recordings")
        for name, model in json.loads((ARI / "api-docs-22.10.1" / "api-docs" / f"{file}.json").read_text())[
            "models"
        ].items()
    }
    replay = Replay("local-answerhold-playback-record", running)
    replay.run()
    client = replay.client
    missing = [
        (event["type"], name)
        for event in client.events
        for name, described in models[event["type"]]["properties"].items()
        if described.get("required") and name not in event
    ]
    shapes = {"channel": "Channel", "peer": "Channel", "playback": "Playback", "recording": "LiveRecording"}
    missing += [
        (event["type"], name)
        for event in client.events
        for part, model in shapes.items()
        for name, described in models[model]["properties"].items()
        if part in event and described.get("required") and name not in event[part]
    ]
    running.exchange.restart()
    assert len({event["type"] for event in client.events}) >= 10
    assert missing == []


def test_a_wrong_password_is_refused_as_it_was_recorded(running: Asterisk) -> None:
    recorded = [line for line in lines("http-errors") if line["k"] == "resp" and line["status"] == 401]
    for authorization in ({}, {"Authorization": "Basic eDp5"}):
        answer = httpx.get(f"{running.address().base}/asterisk/ping", headers=authorization)
        assert [(answer.status_code, answer.json())] * len(recorded) == [
            (line["status"], line["body"]) for line in recorded
        ]
