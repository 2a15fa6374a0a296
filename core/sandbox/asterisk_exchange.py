"""What the pretend Asterisk holds: channels, applications with their sockets, bridges; and to whom an event goes.

Nothing is kept for an application without a socket: its events are lost, as the real one loses them.
"""

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.clock import Clock
from core.sandbox.asterisk_outcomes import Outcome

Event = dict[str, Any]
LOCAL = "Local"
ASTERISK_ID = "02:00:00:00:00:01"
VERSION = "22.10.1"


@dataclass
class Application:
    """A name that somebody serves, the queue of its socket, and what it is subscribed to."""

    name: str
    socket: asyncio.Queue[Event | None] | None = None
    sees_all: bool = False
    channels: set[str] = field(default_factory=set)


@dataclass
class PretendChannel:
    """One leg. ``far`` is the other half of a Local channel, ``task`` the course of its call."""

    id: str
    name: str
    state: str
    caller: dict[str, str]
    dialplan: dict[str, Any]
    created: str
    protocol_id: str = ""
    outcome: Outcome = field(default_factory=Outcome)
    application: str = ""
    arguments: list[str] = field(default_factory=list)
    goes_on: tuple[str, str, int] | None = None
    far: "PretendChannel | None" = None
    in_application: bool = False
    is_created_only: bool = False
    follows_forwarding: bool = True
    follows_transfer: bool = True
    is_replaced: bool = False
    ring_seconds: float = 30.0
    task: "asyncio.Task[None] | None" = None

    def shown(self) -> dict[str, Any]:
        """The channel as events and answers show it."""
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": self.protocol_id,
            "caller": dict(self.caller),
            "connected": dict(self.caller),
            "accountcode": "",
            "dialplan": dict(self.dialplan),
            "creationtime": self.created,
            "language": "en",
        }


@dataclass
class PretendBridge:
    """Where channels meet."""

    id: str
    name: str
    created: str
    channels: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """The bridge as events and answers show it."""
        return {
            "id": self.id,
            "technology": "simple_bridge",
            "bridge_type": "mixing",
            "bridge_class": "stasis",
            "creator": "Stasis",
            "name": self.name,
            "channels": list(self.channels),
            "creationtime": self.created,
            "video_mode": "talker",
        }


class Exchange:
    """One pretend Asterisk. ``scale`` shortens every wait of a call's course; used from one event loop."""

    def __init__(self, clock: Clock, *, scale: float = 1.0) -> None:
        self.clock = clock
        self.scale = scale
        self.started = self.moment()
        self.answer_delay = 0.0
        self.has_recording_folder = True
        self.scripted: dict[str, Outcome | None] = {}
        self.originated: list[str] = []
        self.applications: dict[str, Application] = {}
        self.channels: dict[str, PretendChannel] = {}
        self.bridges: dict[str, PretendBridge] = {}
        self.playbacks: dict[str, dict[str, Any]] = {}
        self.recordings: dict[str, str] = {}
        self.recording_files: dict[str, bytes] = {}
        self.live_recordings: dict[str, dict[str, Any]] = {}
        self.tasks: set[asyncio.Task[Any]] = set()
        self._numbers = itertools.count()

    def moment(self) -> str:
        """Now, as Asterisk writes it."""
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"

    def next_number(self) -> int:
        """A number that was not given before."""
        return next(self._numbers)

    async def wait(self, seconds: float) -> None:
        """Let that much of a call's course pass."""
        await asyncio.sleep(seconds * self.scale)

    def begin(self, work: Any) -> "asyncio.Task[Any]":
        """Run something beside the request that asked for it."""
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def emit(self, kind: str, concerned: Iterable[str], facts: Mapping[str, Any], *, to_all: bool = False) -> None:
        """Send an event to the applications subscribed to one of the channels, and to those that see all."""
        ids = set(concerned)
        for application in list(self.applications.values()):
            sees = application.sees_all or (not to_all and bool(ids & application.channels))
            if sees:
                self.send(application, kind, facts)

    def send(self, application: Application, kind: str, facts: Mapping[str, Any]) -> None:
        """Send an event to one application; lost where it has no socket."""
        if application.socket is not None:
            told = {"type": kind, "timestamp": self.moment(), **facts}
            application.socket.put_nowait({**told, "asterisk_id": ASTERISK_ID, "application": application.name})

    def of_channel(self, kind: str, channel: PretendChannel, **facts: Any) -> None:
        """Send an event about a channel."""
        self.emit(kind, [channel.id], {**facts, "channel": channel.shown()})

    def dial(self, channel: PretendChannel, word: str) -> None:
        """Send a word of dialling: the leg that is rung is the peer."""
        told = {"dialstatus": word, "forward": "", "dialstring": channel.name.split("/", 1)[1].rsplit("-", 1)[0]}
        self.emit("Dial", [channel.id], {**told, "peer": channel.shown()})

    def serve(self, name: str, *, sees_all: bool) -> asyncio.Queue[Event | None]:
        """Give an application a new socket; one it had is told and then hears nothing more, though it stays open."""
        application = self.applications.setdefault(name, Application(name))
        if application.socket is not None:
            self.send(application, "ApplicationReplaced", {})
        application.socket, application.sees_all = asyncio.Queue(), sees_all
        return application.socket

    def leave(self, name: str, socket: asyncio.Queue[Event | None]) -> None:
        """A socket closed: the application lives on only while it is subscribed to something."""
        application = self.applications.get(name)
        if application is None or application.socket is not socket:
            return
        application.socket = None
        if not application.channels:
            del self.applications[name]

    def forget(self, channel: PretendChannel) -> None:
        """A channel is no more."""
        self.channels.pop(channel.id, None)
        for application in list(self.applications.values()):
            application.channels.discard(channel.id)
            if application.socket is None and not application.channels:
                del self.applications[application.name]
        for bridge in self.bridges.values():
            if channel.id in bridge.channels:
                bridge.channels.remove(channel.id)

    def finish_recording(self, target: str, concerned: Iterable[str]) -> None:
        """What was recorded there is kept."""
        told = self.live_recordings.pop(target, None)
        if told is not None:
            self.emit("RecordingFinished", concerned, {"recording": {**told, "state": "done", "duration": 0}})

    def cut(self) -> None:
        """Close every socket; calls go on."""
        for application in list(self.applications.values()):
            if application.socket is not None:
                application.socket.put_nowait(None)

    def restart(self) -> None:
        """End as a killed Asterisk does: every call is gone, nobody is told, sockets close."""
        self.cut()
        for task in list(self.tasks):
            task.cancel()
        self.applications.clear()
        self.channels.clear()
        self.bridges.clear()
        self.playbacks.clear()
        self.live_recordings.clear()
        self.started = self.moment()
