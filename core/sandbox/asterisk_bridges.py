"""The pretend Asterisk's bridges and recordings over REST."""

import io
import math
import wave

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.sandbox.asterisk_channels import begin_playing, in_application
from core.sandbox.asterisk_exchange import Exchange, PretendBridge
from core.sandbox.asterisk_wire import RefusalError, done, parameters

_SILENCE_SECONDS = 4.0
_HEAD_BYTES = 44
_SAMPLES_A_SECOND, _TONE_HERTZ = 8000, 440


class _Bridges:
    """The answers below ``/bridges`` and ``/recordings``."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def make(self, request: Request) -> Response:
        asked = await parameters(request)
        if request.method == "GET":
            return JSONResponse([bridge.shown() for bridge in self._exchange.bridges.values()])
        identifier = str(asked.get("bridgeId") or f"sandbox-{self._exchange.next_number()}")
        bridge = self._exchange.bridges.setdefault(
            identifier, PretendBridge(identifier, str(asked.get("name", "")), self._exchange.moment())
        )
        return JSONResponse(bridge.shown())

    async def one(self, request: Request) -> Response:
        await parameters(request)
        bridge = _found(self._exchange, request)
        if request.method == "GET":
            return JSONResponse(bridge.shown())
        del self._exchange.bridges[bridge.id]
        self._exchange.finish_recording(f"bridge:{bridge.id}", bridge.channels)
        for application in list(self._exchange.applications.values()):
            self._exchange.send(application, "BridgeDestroyed", {"bridge": {**bridge.shown(), "channels": []}})
        return done()

    async def add(self, request: Request) -> Response:
        asked = await parameters(request)
        bridge = _found(self._exchange, request)
        for name in str(asked.get("channel", "")).split(","):
            channel = self._exchange.channels.get(name)
            if channel is None:
                raise RefusalError(400, "Channel not found")
            if not channel.in_application:
                raise RefusalError(422, "Channel not in Stasis application")
            if name not in bridge.channels:
                bridge.channels.append(name)
                facts = {"bridge": bridge.shown(), "channel": channel.shown()}
                self._exchange.emit("ChannelEnteredBridge", [name], facts)
        return done()

    async def play(self, request: Request) -> Response:
        asked = await parameters(request)
        bridge = _found(self._exchange, request)
        return begin_playing(self._exchange, asked, f"bridge:{bridge.id}", list(bridge.channels))

    async def record(self, request: Request) -> Response:
        asked = await parameters(request)
        bridge = _found(self._exchange, request)
        return _recorded(self._exchange, asked, f"bridge:{bridge.id}", list(bridge.channels))

    async def record_channel(self, request: Request) -> Response:
        asked = await parameters(request)
        channel = in_application(self._exchange, request)
        return _recorded(self._exchange, asked, f"channel:{channel.id}", [channel.id])

    async def stored(self, request: Request) -> Response:
        await parameters(request)
        name = request.path_params["name"]
        if name not in self._exchange.recordings:
            raise RefusalError(404, "Recording not found")
        return JSONResponse({"name": name, "format": self._exchange.recordings[name]})

    async def file(self, request: Request) -> Response:
        await parameters(request)
        name = request.path_params["name"]
        if name not in self._exchange.recordings:
            raise RefusalError(404, "Recording not found")
        file = self._exchange.recording_files.get(name) or _tone()
        if any(told["name"] == name for told in self._exchange.live_recordings.values()):
            # The head is written when the file is closed.
            file = bytes(_HEAD_BYTES) + file[_HEAD_BYTES:]
        return Response(file, media_type="audio/wav")


def routes(exchange: Exchange) -> list[Route]:
    """The routes below ``/bridges`` and ``/recordings``, and the recording of a single channel."""
    told = _Bridges(exchange)
    return [
        Route("/bridges", told.make, methods=["GET", "POST"]),
        Route("/bridges/{id}", told.one, methods=["GET", "DELETE"]),
        Route("/bridges/{id}/addChannel", told.add, methods=["POST"]),
        Route("/bridges/{id}/play", told.play, methods=["POST"]),
        Route("/bridges/{id}/record", told.record, methods=["POST"]),
        Route("/channels/{id}/record", told.record_channel, methods=["POST"]),
        Route("/recordings/stored/{name}", told.stored),
        Route("/recordings/stored/{name}/file", told.file),
    ]


def _found(exchange: Exchange, request: Request) -> PretendBridge:
    bridge = exchange.bridges.get(request.path_params["id"])
    if bridge is None:
        raise RefusalError(404, "Bridge not found")
    return bridge


def _tone() -> bytes:
    """A second of a tone, in the form in which Asterisk keeps what it recorded."""
    turn = 2 * math.pi * _TONE_HERTZ / _SAMPLES_A_SECOND
    samples = (round(8000 * math.sin(turn * place)) for place in range(_SAMPLES_A_SECOND))
    made = io.BytesIO()
    with wave.open(made, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(_SAMPLES_A_SECOND)
        written.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
    return made.getvalue()


async def _silence(exchange: Exchange, target: str) -> None:
    """Where nobody sends a sound a recording ends by itself."""
    await exchange.wait(_SILENCE_SECONDS)
    exchange.finish_recording(target, [])


def _recorded(exchange: Exchange, asked: dict[str, object], target: str, concerned: list[str]) -> Response:
    name, form = str(asked.get("name") or ""), str(asked.get("format") or "")
    if not name or not form:
        raise RefusalError(400, "Name and format must be specified")
    if not exchange.has_recording_folder:
        raise RefusalError(500, "Internal Server Error")
    if name in exchange.recordings and asked.get("ifExists", "fail") == "fail":
        raise RefusalError(409, "Recording already exists")
    exchange.recordings[name] = form
    told = {"name": name, "format": form, "state": "recording", "target_uri": target}
    exchange.live_recordings[target] = told
    exchange.emit("RecordingStarted", concerned, {"recording": told})
    if not concerned:
        exchange.begin(_silence(exchange, target))
    return JSONResponse({**told, "state": "queued"}, 201)
