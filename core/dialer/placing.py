"""Sending a call to Asterisk once, and finding out what became of one nobody heard of."""

import asyncio

import structlog

from core.asterisk.client import AsteriskClient, Origination
from core.asterisk.errors import AsteriskSilentError, ChannelExistsError
from core.dialer import names
from core.dialer.after_answer import AfterAnswer, Stored, leaves_traces
from core.dialer.ledger import Ledger
from core.dialer.pace import Pace
from core.errors import TollwatchError, TransientError
from core.store import crash_points
from core.store.models.dialer import OutboundCallRow

log = structlog.get_logger(__name__)


class Placing:
    """The requests of calls: their one origination, their look-ups, and the removal of what they leave."""

    def __init__(self, client: AsteriskClient, ledger: Ledger, after: AfterAnswer, stored: Stored, pace: Pace) -> None:
        self._client = client
        self._ledger = ledger
        self._after = after
        self._stored = stored
        self._pace = pace

    async def place(self, call: OutboundCallRow, *, is_connected: bool) -> None:
        """Send the one request of a call and store what was answered."""
        if not is_connected:
            await self._stored(self._ledger.put_back, call.id)
            return
        try:
            await self._client.originate(self._order(call))
            crash_points.reached("dialer.sent")
        except ChannelExistsError:
            await self.settle(call)
        except AsteriskSilentError:
            log.warning("the answer to a call was lost, it is looked up", call=call.call_id)
            await self._find_out(call)
        except TollwatchError as error:
            await self._stored(self._ledger.refused, call.id, error)
            await self.clear(call)
        else:
            await self._stored(self._ledger.accepted, call.id)

    def _order(self, call: OutboundCallRow) -> Origination:
        return Origination(
            channel_id=call.channel_id,
            endpoint=call.endpoint,
            application=self._client.address.application,
            ring_seconds=call.ring_seconds,
            max_seconds=call.max_seconds,
            arguments=(names.CALLEE, call.call_id),
            caller_id=call.caller_id,
        )

    async def _find_out(self, call: OutboundCallRow) -> None:
        """A request whose answer was lost: events or a look-up tell whether the call was made; it is never repeated."""
        for seconds in self._pace.look_again:
            await asyncio.sleep(seconds)
            if await self._is_known(call):
                return
        await self._stored(self._ledger.lost, call.id)

    async def _is_known(self, call: OutboundCallRow) -> bool:
        current = await self._stored(self._ledger.current, call.id)
        if current.status != "pending":
            return True
        try:
            channel = await self._client.channel(call.channel_id)
        except TransientError:
            return False
        if channel is not None:
            await self._stored(self._ledger.observed, call.id, channel)
        return channel is not None

    async def settle(self, call: OutboundCallRow) -> None:
        """Look a call up: what it is now, or that it ended unseen. An end that is on its way is waited for."""
        channel = await self._client.channel(call.channel_id)
        if channel is None:
            await asyncio.sleep(self._pace.settle)
            current = await self._stored(self._ledger.current, call.id)
            if current.is_open and current.status == "pending":
                await self._find_out(call)
            else:
                await self._stored(self._ledger.lost, call.id)
            current = await self._stored(self._ledger.current, call.id)
            if not current.is_open:
                await self.clear(call)
        else:
            await self._client.subscribe(call.channel_id)
            current = await self._stored(self._ledger.observed, call.id, channel)
            if current.answered_at is not None:
                await self._after.resume(current)

    async def clear(self, call: OutboundCallRow) -> None:
        """Remove what is left at Asterisk of a call that ended."""
        if leaves_traces(call):
            await self._after.clear(call)
            await self._stored(self._ledger.cleared, [call.id])
