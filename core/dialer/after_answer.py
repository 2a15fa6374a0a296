"""What the callee gets after the answer: a sound, an extension, silence; recorded where that was asked for.

Playing and recording on one channel follow each other at Asterisk, so a call that is recorded is put into a bridge, and
both happen there. Everything here bears a repetition: names follow from the call, and what is gone is no error.
"""

from collections.abc import Awaitable
from typing import Any, Protocol

from core.asterisk.client import AsteriskClient, Origination
from core.asterisk.errors import (
    AsteriskFailedError,
    AsteriskRefusedError,
    AsteriskSilentError,
    ChannelExistsError,
)
from core.dialer import names
from core.dialer.ledger import Ledger
from core.dialer.vocabulary import BRIDGE, BY_END_OF_PROMPT, BY_OTHER_SIDE, DIALPLAN, PLAY
from core.errors import PermanentError
from core.store.models.dialer import OutboundCallRow


class Stored(Protocol):
    """Does something with the database without keeping the event socket waiting."""

    def __call__(self, work: Any, *arguments: Any, **named: Any) -> Awaitable[Any]: ...


class AfterAnswer:
    """Sets going, resumes and clears away what belongs to an answered call."""

    def __init__(self, client: AsteriskClient, ledger: Ledger, stored: Stored) -> None:
        self._client = client
        self._ledger = ledger
        self._stored = stored

    async def begin(self, call: OutboundCallRow) -> None:
        """Begin what was asked for, once; a call that cannot get it is ended, and its steps say why."""
        current = await self._stored(self._ledger.current, call.id)
        if not current.is_open or current.answer_done_at is not None:
            return
        try:
            word, facts = await self._begun(call)
        except (PermanentError, AsteriskFailedError) as error:
            # What Asterisk itself fails at (5xx) it fails at again, while the callee listens to nothing.
            failed = "bridge_failed" if call.after_answer == BRIDGE else "play_failed"
            await self._stored(self._ledger.answer_done, call.id, failed, {"reason": error.code})
            await self._end(call)
            return
        await self._stored(self._ledger.answer_done, call.id, word, facts)

    async def join(self, call: OutboundCallRow) -> None:
        """The extension answered: bring both together."""
        if await self._joined(call):
            await self._stored(self._ledger.note, call.id, "bridged")
            if await self.record(call):
                await self._stored(self._ledger.note, call.id, "recording")

    async def record(self, call: OutboundCallRow) -> bool:
        """Record the call's bridge, or go on with that; whether it is. One that cannot be goes on without."""
        if not call.recording_name:
            return False
        try:
            return await self._client.record(names.bridge(call.channel_id), call.recording_name, call.max_seconds)
        except (AsteriskFailedError, AsteriskRefusedError) as error:
            await self._stored(self._ledger.note, call.id, "recording_failed", {"reason": str(error)})
            return False

    async def resume(self, call: OutboundCallRow) -> None:
        """After a time without events: see whether what was begun goes on, and end the call where it does not."""
        if call.answer_done_at is None:
            return
        if call.after_answer == PLAY and not await self._client.is_playing(names.playback(call.channel_id)):
            await self._end(call)
        elif call.after_answer != BRIDGE or await self._is_joined_still(call):
            await self.record(call)

    async def clear(self, call: OutboundCallRow) -> None:
        """Remove the extension's leg and the bridge of a call that ended."""
        if call.after_answer == BRIDGE:
            await self._client.hang_up(names.bridge_leg(call.channel_id))
        if leaves_traces(call):
            bridge = names.bridge(call.channel_id)
            # Besides the legs: whoever came in by a transfer.
            for channel in await self._client.in_bridge(bridge):
                await self._client.hang_up(channel)
            await self._client.remove_bridge(bridge)

    async def _begun(self, call: OutboundCallRow) -> tuple[str, dict[str, str]]:
        if call.after_answer == DIALPLAN:
            await self._client.go_on(call.channel_id, call.context, call.extension, call.priority)
            return "dialplan", {"context": call.context, "extension": call.extension}
        target = await self._in_bridge(call) if leaves_traces(call) else f"channels/{call.channel_id}"
        if call.after_answer == BRIDGE:
            await self._ring_extension(call)
            return "bridging", {"endpoint": call.bridge_endpoint}
        is_recorded = await self.record(call)
        if call.after_answer == PLAY:
            await self._client.play(target, call.media, names.playback(call.channel_id))
        return ("recording", {}) if is_recorded else ("", {})

    async def _in_bridge(self, call: OutboundCallRow) -> str:
        """The call's bridge, as a target. A bridge that nobody is in is not recorded: Asterisk would end that."""
        bridge = names.bridge(call.channel_id)
        await self._client.make_bridge(bridge)
        # By itself Asterisk tells of a bridge a moment after a channel came in: a missing sound has failed by then.
        await self._client.subscribe_bridge(bridge)
        if call.after_answer != BRIDGE:
            await self._client.add_to_bridge(bridge, call.channel_id)
        return f"bridges/{bridge}"

    async def _ring_extension(self, call: OutboundCallRow) -> None:
        await self._client.ring(call.channel_id)
        leg = names.bridge_leg(call.channel_id)
        order = Origination(
            channel_id=leg,
            endpoint=call.bridge_endpoint,
            application=self._client.address.application,
            ring_seconds=call.ring_seconds,
            max_seconds=call.max_seconds,
            arguments=(names.EXTENSION, call.call_id),
            caller_id=call.number,
        )
        try:
            await self._client.originate(order)
        except ChannelExistsError:
            return
        except AsteriskSilentError:
            if await self._client.channel(leg) is None:
                raise

    async def _joined(self, call: OutboundCallRow) -> bool:
        bridge = names.bridge(call.channel_id)
        await self._client.stop_ringing(call.channel_id)
        legs = (call.channel_id, names.bridge_leg(call.channel_id))
        # A channel that is added again leaves and comes back, which both sides hear.
        inside = await self._client.in_bridge(bridge)
        return all([leg in inside or await self._client.add_to_bridge(bridge, leg) for leg in legs])

    async def _is_joined_still(self, call: OutboundCallRow) -> bool:
        leg = await self._client.channel(names.bridge_leg(call.channel_id))
        if leg is None:
            await self._end(call)
            return False
        await self._client.subscribe(leg.id)
        return leg.state == "Up" and await self._joined(call)

    async def _end(self, call: OutboundCallRow) -> None:
        who = BY_OTHER_SIDE if call.after_answer == BRIDGE else BY_END_OF_PROMPT
        await self._stored(self._ledger.end_by, call.id, who)


def leaves_traces(call: OutboundCallRow) -> bool:
    """Whether something besides the channel is made for a call at Asterisk."""
    return call.after_answer == BRIDGE or bool(call.recording_name)
