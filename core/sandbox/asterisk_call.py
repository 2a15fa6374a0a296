"""The course of one call at the pretend Asterisk, in the order of events that a real one was recorded with."""

import asyncio
from dataclasses import replace

from core.sandbox.asterisk_exchange import LOCAL, Exchange, PretendBridge, PretendChannel
from core.sandbox.asterisk_outcomes import CAUSE_TEXTS, Outcome

SOFT_HANGUP = 32
_DIGIT_SECONDS = 0.35
_BEFORE_TRANSFER_SECONDS, _AFTER_TRANSFER_SECONDS = 1.5, 2.5
_NO_ANSWER, _NORMAL = 19, 16
_RING_OUT_CODE = 480


async def run_call(exchange: Exchange, channel: PretendChannel) -> None:
    """Dial, ring, answer, end: whatever the channel's outcome says, unless its timeout comes first."""
    exchange.dial(channel, "")
    _nested(exchange, channel, "")
    ring_seconds = channel.ring_seconds
    try:
        async with asyncio.timeout(ring_seconds * exchange.scale):
            answered = await _until_answer(exchange, channel)
    except TimeoutError:
        _ring_out(exchange, channel)
        return
    if answered:
        await _after_answer(exchange, channel)


async def _until_answer(exchange: Exchange, channel: PretendChannel) -> bool:
    outcome = channel.outcome
    if outcome.rings_after is not None:
        await exchange.wait(outcome.rings_after)
        if outcome.has_early_media:
            exchange.dial(channel, "PROGRESS")
        else:
            _change_state(exchange, channel, "Ringing")
            _nested(exchange, channel, "RINGING")
            exchange.dial(channel, "RINGING")
    if outcome.answers_after is None:
        await exchange.wait(outcome.ends_after)
        _refuse(exchange, channel, outcome)
        return False
    await exchange.wait(outcome.answers_after)
    _nested(exchange, channel, "ANSWER")
    if channel.far is not None:
        _change_state(exchange, channel.far, "Up")
    _change_state(exchange, channel, "Up")
    exchange.dial(channel, "ANSWER")
    return True


async def _after_answer(exchange: Exchange, channel: PretendChannel) -> None:
    outcome = channel.outcome
    if channel.goes_on is not None:
        if channel.goes_on[1] != "stasis":
            await exchange.wait(1.0)
            end(exchange, channel, _NORMAL, hangup={"cause": _NORMAL, "soft": True})
            return
        channel.application, channel.arguments = "tollwatch", ["from-dialplan"]
    if channel.application and not enter(exchange, channel):
        return
    for digit in outcome.digits:
        await exchange.wait(_DIGIT_SECONDS)
        exchange.of_channel("ChannelDtmfReceived", channel, digit=digit, duration_ms=150)
    if outcome.transfers_to or outcome.is_handed_over:
        await exchange.wait(_BEFORE_TRANSFER_SECONDS)
        if _pass_on(exchange, channel):
            await exchange.wait(_AFTER_TRANSFER_SECONDS)
            end(exchange, channel, _NORMAL, hangup={"cause": _NORMAL})
            return
    await exchange.wait(outcome.ends_after)
    is_bye = channel.far is None and outcome.cause == 0
    if channel.far is not None:
        exchange.of_channel("ChannelHangupRequest", channel.far, cause=_NORMAL, soft=True)
    # A SIP peer's goodbye comes without a cause.
    code = None if channel.far is not None else outcome.sip_code
    hangup: dict[str, object] = {} if is_bye else {"cause": outcome.cause}
    end(exchange, channel, 0 if is_bye else outcome.cause, hangup=hangup, sip_code=code)


def _pass_on(exchange: Exchange, channel: PretendChannel) -> bool:
    """Put a channel in the place of one whose peer transfers the call; whether that one lives on for a moment.

    A number is dialled for a channel in a bridge alone, and refused where the channel's transfers lead nowhere. Of a
    channel that lost its place nothing is told any more to the application, not even its end.
    """
    bridge = next((one for one in exchange.bridges.values() if channel.id in one.channels), None)
    application = exchange.applications.get(channel.application)
    is_refused = bool(channel.outcome.transfers_to) and (bridge is None or not channel.follows_transfer)
    if application is None or is_refused:
        return False
    number = exchange.next_number()
    name = f"Local/{channel.outcome.transfers_to or '_attended'}@default-{number:08x};1"
    other = replace(channel, id=f"sandbox-{number}", name=name, arguments=[], protocol_id="", task=None)
    other.dialplan = {**channel.dialplan, "app_name": "Stasis", "app_data": application.name}
    exchange.channels[other.id] = other
    application.channels.add(other.id)
    told = {"args": [], "channel": other.shown(), "replace_channel": channel.shown()}
    exchange.emit("StasisStart", [other.id], told)
    channel.is_replaced = True
    if bridge is None:
        end(exchange, channel, _NORMAL)
        return True
    _change_places(exchange, bridge, channel, other)
    return True


def _change_places(exchange: Exchange, bridge: PretendBridge, gone: PretendChannel, come: PretendChannel) -> None:
    bridge.channels.remove(gone.id)
    exchange.emit("ChannelLeftBridge", [gone.id], {"bridge": bridge.shown(), "channel": gone.shown()})
    bridge.channels.append(come.id)
    exchange.emit("ChannelEnteredBridge", [come.id], {"bridge": bridge.shown(), "channel": come.shown()})
    exchange.finish_recording(f"bridge:{bridge.id}", [come.id])


def go_on(exchange: Exchange, channel: PretendChannel, extension: str) -> None:
    """Let the dialplan go on with an answered channel: it plays something and hangs up, or gives the call back."""
    if channel.task is not None:
        channel.task.cancel()
    channel.in_application = False
    exchange.of_channel("StasisEnd", channel)
    exchange.of_channel("ChannelVarset", channel, variable="STASISSTATUS", value="SUCCESS")

    async def course() -> None:
        await exchange.wait(1.0)
        if extension == "stasis":
            channel.arguments = ["from-dialplan"]
            enter(exchange, channel)
        else:
            end(exchange, channel, _NORMAL)

    channel.task = exchange.begin(course())


def enter(exchange: Exchange, channel: PretendChannel) -> bool:
    """Hand a channel to its application; one that nobody serves loses the call at once."""
    application = exchange.applications.get(channel.application)
    if application is None:
        channel.application = ""
        end(exchange, channel, _NORMAL, hangup={"cause": _NORMAL})
        return False
    channel.in_application = True
    told = ",".join([channel.application, *channel.arguments])
    channel.dialplan.update(app_name="Stasis", app_data=told)
    exchange.of_channel("ChannelVarset", channel, variable="STASISSTATUS", value="")
    exchange.of_channel("StasisStart", channel, args=list(channel.arguments))
    return True


def hang_up(exchange: Exchange, channel: PretendChannel, cause: int) -> None:
    """End a channel by our own request, as ``DELETE`` does."""
    if channel.task is not None:
        channel.task.cancel()
    exchange.of_channel("ChannelHangupRequest", channel, cause=SOFT_HANGUP, soft=True)
    if channel.state != "Up" and not channel.is_created_only:
        exchange.dial(channel, "NOANSWER")
    _end_far_requested(exchange, channel, cause)
    end(exchange, channel, cause)


def end(
    exchange: Exchange,
    channel: PretendChannel,
    cause: int,
    *,
    hangup: dict[str, object] | None = None,
    sip_code: int | None = None,
    word: str = "",
) -> None:
    """The last events of a channel and of its far half; ``hangup`` is what a request to hang up says, if one comes."""
    code = {} if sip_code is None else {"tech_cause": sip_code}
    if hangup is not None:
        exchange.of_channel("ChannelHangupRequest", channel, **hangup, **code)
    for bridge in exchange.bridges.values():
        if channel.id in bridge.channels:
            bridge.channels.remove(channel.id)
            facts = {"bridge": bridge.shown(), "channel": channel.shown()}
            exchange.emit("ChannelLeftBridge", [channel.id], facts)
            if not bridge.channels:
                _stop_playing(exchange, f"bridge:{bridge.id}", channel.id)
                exchange.finish_recording(f"bridge:{bridge.id}", [channel.id])
    _stop_playing(exchange, f"channel:{channel.id}", channel.id)
    exchange.finish_recording(f"channel:{channel.id}", [channel.id])
    if channel.in_application:
        exchange.of_channel("StasisEnd", channel)
        exchange.of_channel("ChannelVarset", channel, variable="STASISSTATUS", value="SUCCESS")
        if channel.goes_on is not None:
            exchange.of_channel("ChannelHangupRequest", channel, cause=_NORMAL, soft=True)
    if word:
        exchange.dial(channel, word)
    _destroy(exchange, channel, cause, code)
    if channel.far is not None:
        _destroy(exchange, channel.far, cause, {})


def _destroy(exchange: Exchange, channel: PretendChannel, cause: int, code: dict[str, int]) -> None:
    text = CAUSE_TEXTS.get(cause, "Unknown")
    if channel.is_replaced:
        for application in exchange.applications.values():
            application.channels.discard(channel.id)
    exchange.of_channel("ChannelDestroyed", channel, cause=cause, cause_txt=text, **code)
    exchange.forget(channel)


def _refuse(exchange: Exchange, channel: PretendChannel, outcome: Outcome) -> None:
    """A call that was not answered ends by the other side."""
    if outcome.forwards_to:
        _forward(exchange, channel, outcome)
        return
    if outcome.is_released_by_dialplan and channel.far is not None:
        _nested(exchange, channel, outcome.dial_word)
        _change_state(exchange, channel.far, "Busy")
        exchange.dial(channel, outcome.dial_word)
        far, channel.far = channel.far, None
        _destroy(exchange, channel, 0, {})
        exchange.of_channel("ChannelHangupRequest", far, cause=0)
        exchange.of_channel("ChannelHangupRequest", far, cause=_NORMAL, soft=True)
        _destroy(exchange, far, outcome.cause, {})
        return
    _nested(exchange, channel, outcome.dial_word)
    if channel.far is not None:
        exchange.of_channel("ChannelHangupRequest", channel.far, cause=_NORMAL, soft=True)
    word = "" if channel.is_created_only else outcome.dial_word
    code = None if channel.name.startswith(LOCAL) else outcome.sip_code
    end(exchange, channel, outcome.cause, hangup={"cause": outcome.cause}, sip_code=code, word=word)


def _forward(exchange: Exchange, channel: PretendChannel, outcome: Outcome) -> None:
    """Dial where the peer sends calls on to, in a channel of Asterisk's own naming that takes the place of ours."""
    code = {"tech_cause": outcome.sip_code}
    exchange.of_channel("ChannelHangupRequest", channel, cause=outcome.cause, **code)
    told: dict[str, object] = {"dialstatus": "CANCEL", "forward": outcome.forwards_to, "dialstring": ""}
    other = None
    if channel.follows_forwarding:
        name = f"Local/{outcome.forwards_to}@default-{exchange.next_number():08x};1"
        other = replace(channel, id=f"sandbox-{exchange.next_number()}", name=name, protocol_id="", task=None)
        exchange.channels[other.id] = other
        told["forwarded"] = other.shown()
    exchange.emit("Dial", [channel.id], {**told, "peer": channel.shown()})
    end(exchange, channel, outcome.cause, sip_code=outcome.sip_code)
    application = exchange.applications.get(channel.application)
    if other is not None and application is not None:
        other.state = "Up"
        application.channels.add(other.id)
        enter(exchange, other)


def _ring_out(exchange: Exchange, channel: PretendChannel) -> None:
    """Our own timeout: no last word of dialling and no request to hang up."""
    _end_far_requested(exchange, channel, _NO_ANSWER)
    if channel.is_created_only:
        end(exchange, channel, _NO_ANSWER, hangup={"cause": SOFT_HANGUP, "soft": True})
        return
    end(exchange, channel, _NO_ANSWER, sip_code=None if channel.name.startswith(LOCAL) else _RING_OUT_CODE)


def _end_far_requested(exchange: Exchange, channel: PretendChannel, cause: int) -> None:
    if channel.far is not None:
        exchange.of_channel("ChannelHangupRequest", channel.far, cause=cause)
        exchange.of_channel("ChannelHangupRequest", channel.far, cause=_NORMAL, soft=True)


def _change_state(exchange: Exchange, channel: PretendChannel, state: str) -> None:
    channel.state = state
    exchange.of_channel("ChannelStateChange", channel)


def _nested(exchange: Exchange, channel: PretendChannel, word: str) -> None:
    """The dialling of a further leg, which the far half's dialplan makes: its ids are none of ours."""
    if not channel.outcome.is_nested or channel.far is None:
        return
    state = {"": "Down", "RINGING": "Ringing", "ANSWER": "Up"}.get(word, "Ringing")
    inner = {**channel.shown(), "id": f"sandbox-{channel.created}.1", "state": state}
    facts = {"dialstatus": word, "forward": "", "dialstring": "inner@scenarios", "caller": channel.far.shown()}
    exchange.emit("Dial", [channel.far.id], {**facts, "peer": inner})


def _stop_playing(exchange: Exchange, target: str, concerned: str) -> None:
    """What the end of a call cuts short is said to have failed."""
    for playback in [one for one in exchange.playbacks.values() if one["target_uri"] == target]:
        finish_playing(exchange, str(playback["id"]), [concerned], "failed")


def finish_playing(exchange: Exchange, playback_id: str, concerned: list[str], state: str = "done") -> None:
    """A sound ends, if it has not ended."""
    playback = exchange.playbacks.pop(playback_id, None)
    if playback is not None:
        exchange.emit("PlaybackFinished", concerned, {"playback": {**playback, "state": state}})
