"""The pretend Asterisk's channels over REST: making, looking at, ending, playing."""

import asyncio
import re
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.sandbox.asterisk_call import enter, finish_playing, go_on, hang_up, run_call
from core.sandbox.asterisk_exchange import LOCAL, Exchange, PretendChannel
from core.sandbox.asterisk_outcomes import BY_EXTENSION, Outcome, outcome_of_number
from core.sandbox.asterisk_wire import RefusalError, done, parameters

LONGEST_ID = 149
DEFAULT_RING_SECONDS = 30
_SOUND_SECONDS = 3.0
_CALLER_ID = re.compile(r'(?:"(?P<name>[^"]*)" ?)?<?(?P<number>[^<>"]*)>?')
_REASONS = {
    "normal": 16, "busy": 17, "congestion": 34, "no_answer": 19, "timeout": 102, "rejected": 21, "unallocated": 1,
    "normal_unspecified": 31, "number_incomplete": 28, "codec_mismatch": 58, "interworking": 127, "failure": 38,
    "answered_elsewhere": 26,
}  # fmt: skip
_NORMAL = 16


class _Channels:
    """The answers below ``/channels`` and ``/playbacks``."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def collection(self, request: Request) -> Response:
        asked = await parameters(request)
        if request.method == "GET":
            return JSONResponse([channel.shown() for channel in self._exchange.channels.values()])
        return await _originated(self._exchange, asked)

    async def one(self, request: Request) -> Response:
        asked = await parameters(request)
        if request.method == "POST":
            return await _originated(self._exchange, {**asked, "channelId": request.path_params["id"]})
        channel = found(self._exchange, request)
        if request.method == "GET":
            return JSONResponse(channel.shown())
        hang_up(self._exchange, channel, _cause(asked))
        return done()

    async def create(self, request: Request) -> Response:
        channel = _made(self._exchange, await parameters(request))
        channel.is_created_only, channel.far = True, None
        _subscribe(self._exchange, channel)
        enter(self._exchange, channel)
        return JSONResponse(channel.shown())

    async def dial(self, request: Request) -> Response:
        asked = await parameters(request)
        channel = found(self._exchange, request)
        channel.ring_seconds = float(asked.get("timeout") or 10**6)
        channel.application = ""
        channel.task = self._exchange.begin(run_call(self._exchange, channel))
        return done()

    async def indicate(self, request: Request) -> Response:
        await parameters(request)
        in_application(self._exchange, request)
        return done()

    async def go_on(self, request: Request) -> Response:
        asked = await parameters(request)
        go_on(self._exchange, in_application(self._exchange, request), str(asked.get("extension", "")))
        return done()

    async def dtmf(self, request: Request) -> Response:
        asked = await parameters(request)
        channel = in_application(self._exchange, request)
        for digit in str(asked.get("dtmf", ""))[:64]:
            self._exchange.of_channel("ChannelDtmfReceived", channel.far or channel, digit=digit, duration_ms=100)
        return done()

    async def play(self, request: Request) -> Response:
        asked = await parameters(request)
        channel = in_application(self._exchange, request)
        return begin_playing(self._exchange, asked, f"channel:{channel.id}", [channel.id])

    async def playback(self, request: Request) -> Response:
        await parameters(request)
        known = self._exchange.playbacks.get(request.path_params["id"])
        if known is None:
            raise RefusalError(404, "Playback not found")
        if request.method == "GET":
            return JSONResponse(known)
        finish_playing(self._exchange, known["id"], [known["target_uri"].partition(":")[2]])
        return done()


def routes(exchange: Exchange) -> list[Route]:
    """The routes below ``/channels`` and ``/playbacks``."""
    told = _Channels(exchange)
    return [
        Route("/channels", told.collection, methods=["GET", "POST"]),
        Route("/channels/create", told.create, methods=["POST"]),
        Route("/channels/{id}", told.one, methods=["GET", "POST", "DELETE"]),
        Route("/channels/{id}/dial", told.dial, methods=["POST"]),
        Route("/channels/{id}/ring", told.indicate, methods=["POST", "DELETE"]),
        Route("/channels/{id}/answer", told.indicate, methods=["POST"]),
        Route("/channels/{id}/continue", told.go_on, methods=["POST"]),
        Route("/channels/{id}/dtmf", told.dtmf, methods=["POST"]),
        Route("/channels/{id}/play", told.play, methods=["POST"]),
        Route("/playbacks/{id}", told.playback, methods=["GET", "DELETE"]),
    ]


def found(exchange: Exchange, request: Request) -> PretendChannel:
    """The channel of a request's path. Raises ``RefusalError`` 404."""
    channel = exchange.channels.get(request.path_params["id"])
    if channel is None:
        raise RefusalError(404, "Channel not found")
    return channel


def in_application(exchange: Exchange, request: Request) -> PretendChannel:
    """The same, where an application holds it. Raises ``RefusalError`` 404 or 409."""
    channel = found(exchange, request)
    if not channel.in_application:
        raise RefusalError(409, "Channel not in Stasis application")
    return channel


def begin_playing(exchange: Exchange, asked: dict[str, Any], target: str, concerned: list[str]) -> Response:
    """Play a sound; one that does not exist is accepted and then said to have failed."""
    media = str(asked.get("media", ""))
    if ":" not in media:
        raise RefusalError(400, "Media must be specified")
    identifier = str(asked.get("playbackId") or uuid4())
    playback = {"id": identifier, "media_uri": media, "target_uri": target, "language": "en", "state": "playing"}
    exchange.playbacks[identifier] = playback
    exchange.emit("PlaybackStarted", concerned, {"playback": playback})

    async def course() -> None:
        if "no-such" in media:
            finish_playing(exchange, identifier, concerned, "failed")
        elif not media.startswith("tone:"):
            await exchange.wait(_SOUND_SECONDS)
            finish_playing(exchange, identifier, concerned)

    exchange.begin(course())
    return JSONResponse({**playback, "state": "queued"}, 201)


async def _originated(exchange: Exchange, asked: dict[str, Any]) -> Response:
    channel = _made(exchange, asked)
    if channel.application:
        _subscribe(exchange, channel)
    exchange.originated.append(channel.id)
    answer = channel.shown()
    if channel.far is not None:
        exchange.of_channel("ChannelVarset", channel.far, variable="TW_CALL", value=channel.id)
    if channel.dialplan["context"] == "scenarios" and channel.dialplan["exten"] not in BY_EXTENSION:
        channel.outcome = Outcome()
        exchange.begin(_unknown_extension(exchange, channel))
    else:
        channel.task = exchange.begin(run_call(exchange, channel))
    # Every other answer is overtaken by the call's first events, as happens on the real wire.
    await asyncio.sleep(0.003 if exchange.next_number() % 2 else 0)
    if exchange.answer_delay:
        await asyncio.sleep(exchange.answer_delay)
    return JSONResponse(answer)


async def _unknown_extension(exchange: Exchange, channel: PretendChannel) -> None:
    halves = [half for half in (channel.far, channel) if half is not None]
    for half in halves:
        exchange.of_channel("ChannelDestroyed", half, cause=0, cause_txt="Unknown")
        exchange.forget(half)


def _made(exchange: Exchange, asked: dict[str, Any]) -> PretendChannel:
    identifier = str(asked.get("channelId") or f"sandbox-{exchange.next_number()}")
    _check(asked, identifier)
    if identifier in exchange.channels:
        raise RefusalError(409, "Channel with given unique ID already exists")
    endpoint = str(asked["endpoint"])
    outcome = _outcome(exchange, endpoint)
    channel = _channel(exchange, asked, identifier, endpoint)
    channel.outcome = outcome
    exchange.channels[identifier] = channel
    if channel.far is not None:
        exchange.channels[channel.far.id] = channel.far
    for half in (channel, channel.far):
        if half is not None:
            exchange.emit("ChannelCreated", [], {"channel": half.shown()}, to_all=True)
    return channel


def _check(asked: dict[str, Any], identifier: str) -> None:
    """What Asterisk looks at before anything else, in its order."""
    endpoint = str(asked.get("endpoint") or "")
    if not endpoint:
        raise RefusalError(400, "Endpoint must be specified")
    if not endpoint.partition("/")[2]:
        raise RefusalError(400, "Invalid endpoint specified")
    if not asked.get("app") and not asked.get("extension"):
        raise RefusalError(400, "Application or extension must be specified")
    variables = asked.get("variables") or {}
    if not isinstance(variables, dict) or not all(isinstance(value, str | dict) for value in variables.values()):
        told = "Each value in 'variables' must be a string or an object with 'value' and optional 'report_events'"
        raise RefusalError(400, told)
    if len(identifier) > LONGEST_ID:
        raise RefusalError(400, f"Uniqueid length exceeds maximum of {LONGEST_ID}")
    if asked.get("formats"):
        raise RefusalError(400, f"Provided format ({asked['formats']}) was not found")


def _outcome(exchange: Exchange, endpoint: str) -> Outcome:
    technology, _, resource = endpoint.partition("/")
    outcome: Outcome | None = None
    if endpoint in exchange.scripted:
        outcome = exchange.scripted[endpoint]
    elif technology == LOCAL:
        outcome = BY_EXTENSION.get(resource.partition("@")[0], Outcome())
    elif technology == "PJSIP":
        outcome = outcome_of_number(resource)
    if outcome is None:
        raise RefusalError(500, "Allocation failed", key="error")
    return outcome


def _channel(exchange: Exchange, asked: dict[str, Any], identifier: str, endpoint: str) -> PretendChannel:
    technology, _, resource = endpoint.partition("/")
    is_local = technology == LOCAL
    number = exchange.next_number()
    timeout = asked.get("timeout")
    # A timeout that is no whole number, and 0, are passed over.
    ring_seconds = timeout if isinstance(timeout, int) and not isinstance(timeout, bool) and timeout else None
    caller = _CALLER_ID.fullmatch(str(asked.get("callerId") or ""))
    exten, _, context = resource.removesuffix("/n").partition("@")
    base = f"{technology}/{resource}-{number:08x}"
    created = exchange.moment()

    def half(suffix: str, mark: str, state: str) -> PretendChannel:
        return PretendChannel(
            id=identifier + suffix,
            name=base + mark,
            state=state,
            caller={"name": (caller and caller["name"]) or "", "number": (caller and caller["number"]) or ""},
            dialplan={
                "context": context if is_local else "default",
                "exten": exten if is_local else "s",
                "priority": 1,
                "app_name": "AppDial2",
                "app_data": "(Outgoing Line)",
            },
            created=created,
            protocol_id="" if is_local else str(uuid4()),
        )

    channel = half("", ";1" if is_local else "", "Down")
    channel.far = half(";2", ";2", "Ring") if is_local else None
    # A context that no dialplan has; the pretend one has no other.
    variables = asked.get("variables") or {}
    channel.follows_forwarding = "FORWARD_CONTEXT" not in variables
    channel.follows_transfer = "TRANSFER_CONTEXT" not in variables
    channel.ring_seconds = float(DEFAULT_RING_SECONDS if ring_seconds is None else ring_seconds)
    if asked.get("app"):
        channel.application = str(asked["app"])
        channel.arguments = [part for part in str(asked.get("appArgs") or "").split(",") if part]
    else:
        priority = asked.get("priority") if isinstance(asked.get("priority"), int) else 1
        channel.goes_on = (str(asked.get("context") or "default"), str(asked["extension"]), int(priority or 1))
    return channel


def _subscribe(exchange: Exchange, channel: PretendChannel) -> None:
    """The application of an originated channel hears of both its halves from the start."""
    application = exchange.applications.get(channel.application)
    if application is not None:
        application.channels.add(channel.id)
        if channel.far is not None:
            application.channels.add(channel.far.id)


def _cause(asked: dict[str, Any]) -> int:
    reason, code = asked.get("reason"), asked.get("reason_code")
    if reason and code:
        raise RefusalError(400, "The reason and reason_code can't both be specified")
    if code:
        return int(code) if str(code).isdigit() else _NORMAL
    if reason and reason not in _REASONS:
        raise RefusalError(400, "Invalid reason for hangup reason provided")
    return _REASONS[str(reason)] if reason else _NORMAL
