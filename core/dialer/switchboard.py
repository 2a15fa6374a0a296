"""The keeper of outbound calls: places them, hears what becomes of them, ends them, and settles what it missed.

One runs at a time, in the active sidecar. What it does rests on three rules: a call is marked as leaving before its
request leaves, so that none is ever sent twice; whatever happened while nobody listened is looked up and never
guessed; and nothing is dialled while the event socket is down.
"""

import asyncio
import contextlib
import inspect
import random
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ParamSpec, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.asterisk.address import AsteriskAddress
from core.asterisk.client import AsteriskClient
from core.asterisk.events import EnteredApplication
from core.asterisk.listener import Closed, Heard, Listener, Opened, Taken, Word
from core.clock import Clock
from core.dialer import connection
from core.dialer.after_answer import AfterAnswer
from core.dialer.ledger import Happening, Ledger
from core.dialer.names import is_substitute
from core.dialer.pace import Pace
from core.dialer.placing import Placing
from core.dialer.vocabulary import WAKE_TOPIC
from core.errors import TollwatchError, TransientError
from core.store import commands, crash_points
from core.store.change_signal import ChangeSignal
from core.store.engine import NOT_ANSWERING, Database
from core.store.leases import LeaseLostError
from core.store.models.dialer import OutboundCallRow

MOST_LEAVING = 40
"""Calls whose requests are under way at once; the client has connections left for hanging up."""
OVERDUE_SECONDS = 5.0
"""A call that rang this much longer than Asterisk was asked to let it is looked up."""

log = structlog.get_logger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class _Now:
    """What the keeper knows of the present moment and may forget."""

    is_connected: bool = False
    is_taken: bool = False
    successor: LeaseLostError | None = None
    placing: set[int] = field(default_factory=set)
    unsettled: set[int] = field(default_factory=set)
    busy: set[int] = field(default_factory=set)
    hung_up: dict[int, float] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Switchboard:
    """Keeps the calls of one database at one Asterisk. ``run`` until asked to stop."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        address: AsteriskAddress,
        *,
        fence: Callable[[Session], None] = lambda _session: None,
        pace: Pace | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._clock = clock
        self._address = address
        self._pace = pace or Pace()
        self._chance = chance
        self._ledger = Ledger(database, clock, fence)
        self._signal = ChangeSignal(database, WAKE_TOPIC)
        self._store = ThreadPoolExecutor(1, "dialer store")
        self._words: asyncio.Queue[Word]
        self._client: AsteriskClient
        self._after: AfterAnswer
        self._placing: Placing
        self._now = _Now()

    async def run(self, stopping: Callable[[], bool]) -> None:
        """Keep the calls until ``stopping``; raises ``LeaseLostError`` when a successor keeps them by now."""
        self._words = asyncio.Queue()
        self._client = AsteriskClient(self._address, self._clock, seconds=self._pace.request)
        self._after = AfterAnswer(self._client, self._ledger, self._stored)
        self._placing = Placing(self._client, self._ledger, self._after, self._stored, self._pace)
        parts = [asyncio.ensure_future(part) for part in (self._listen(), self._hear(), self._look_after())]
        is_stopped = False
        try:
            while not stopping():
                done, _ = await asyncio.wait(parts, timeout=self._pace.wake * 5, return_when=asyncio.FIRST_EXCEPTION)
                for part in done:
                    part.result()
                if self._now.successor is not None:
                    raise self._now.successor
            is_stopped = True
        finally:
            await self._end([*parts, *self._now.tasks], is_stopped=is_stopped)

    async def _end(self, parts: Iterable[asyncio.Future[None]], *, is_stopped: bool) -> None:
        for part in (waiting := list(parts)):
            part.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if is_stopped:
            # Last of all: a keep-alive under way would call the connection well again.
            with contextlib.suppress(*NOT_ANSWERING, LeaseLostError):
                await self._stored(self._ledger.publish, connection.STOPPED)
        await self._client.close()
        self._store.shutdown()
        self._signal.close()

    async def _stored(self, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Do something with the database in the one thread kept for it, so that the socket is read meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._store, partial(work, *arguments, **named))

    async def _listen(self) -> None:
        """Hold the event socket; after another program took our name, wait for a person to say otherwise."""
        while True:
            await Listener(
                self._address,
                self._clock,
                self._words,
                chance=self._chance,
                ping_seconds=self._pace.ping,
                pong_seconds=self._pace.pong,
            ).run()
            taken_at = self._clock.now()
            while not await self._tried(self._ledger.reconnect_requested_since, taken_at):
                await asyncio.sleep(self._pace.round)

    async def _hear(self) -> None:
        """Take words from the queue in their order, all that are there at once."""
        while True:
            words = [await self._words.get()]
            while not self._words.empty():
                words.append(self._words.get_nowait())
            for word in words:
                if not isinstance(word, Heard):
                    await self._turned(word)
            await self._apply([word for word in words if isinstance(word, Heard)])
            if any(isinstance(word, Opened) for word in words):
                self._begin(self._settle_all())

    async def _turned(self, word: Opened | Closed | Taken) -> None:
        """The connection opened, closed or was taken over."""
        is_open = isinstance(word, Opened)
        was_open, self._now.is_connected = self._now.is_connected, is_open
        self._now.is_taken = isinstance(word, Taken)
        state = connection.DOWN
        told: dict[str, Any] = {}
        match word:
            case Opened():
                state, told = connection.CONNECTED, {"error": None, "application": self._address.application}
                log.info("connected to asterisk", host=self._address.host)
            case Closed(error=error):
                told = {"error": commands.describe(error)}
                if was_open:
                    log.warning(
                        "connection to asterisk lost",
                        host=self._address.host,
                        reason=str(error),
                        problem=error.facts.get("problem"),
                    )
            case Taken():
                state, told = connection.TAKEN, {"application": self._address.application}
                log.error("another program took our name at asterisk", application=self._address.application)
        await self._tried(self._ledger.publish, state, **told)

    async def _apply(self, heard: list[Heard]) -> None:
        for word in heard:
            event = word.event
            if isinstance(event, EnteredApplication) and is_substitute(
                event.channel.id, event.arguments, event.replaced
            ):
                log.warning("a channel took the place of ours, it is ended", channel=event.channel.id)
                self._begin(self._client.hang_up(event.channel.id))
        while heard:
            crash_points.reached("dialer.heard")
            try:
                happenings = await self._stored(self._ledger.apply, heard)
                crash_points.reached("dialer.stored")
            except LeaseLostError:
                raise
            except (SQLAlchemyError, TransientError) as error:
                # What was heard is kept: it cannot be asked for again.
                log.warning("database does not answer", reason=type(error).__name__)
                await asyncio.sleep(self._pace.round)
                continue
            for happening in happenings:
                self._react(happening)
            return

    def _react(self, happening: Happening) -> None:
        call = happening.call
        match happening.word:
            case "entered":
                self._once(call, self._after.begin(call))
            case "leg_up":
                self._begin(self._after.join(call))
            case "recording_ended":
                self._begin(self._after.record(call))
            case "ended":
                self._once(call, self._placing.clear(call))
            case "forwarded":
                log.warning("a callee forwards, which is not followed", call=call.call_id)
                self._begin(self._client.hang_up(happening.channel_id))
            case "left":
                self._begin(self._look_up_left(call))
            case "transferred":
                log.warning("a call was transferred, which is not followed", call=call.call_id)
                self._begin(self._client.hang_up(call.channel_id))
            case "stray":
                log.warning("a call that was given up lives at asterisk, it is ended", call=call.call_id)
                self._begin(self._client.hang_up(call.channel_id))

    async def _look_after(self) -> None:
        """Wake when somebody wrote, and once a second; place, end, limit, settle, clear, beat."""
        rounded = beaten = float("-inf")
        while True:
            now = self._clock.monotonic()
            if not self._signal.is_open:
                await self._tried(self._signal.open)
            if self._signal.changed() or now - rounded >= self._pace.round:
                await self._tried(self._do_urgent)
            if now - rounded >= self._pace.round:
                rounded = now
                await self._tried(self._do_round)
            if now - beaten >= self._pace.beat:
                beaten = now
                self._begin(self._beat())
            await asyncio.sleep(self._pace.wake)

    async def _do_urgent(self) -> None:
        free = MOST_LEAVING - len(self._now.placing) if self._now.is_connected else 0
        urgent = await self._stored(self._ledger.urgent, max(free, 0))
        fresh = [call.id for call in urgent if call.placing_at is None]
        for call in await self._stored(self._ledger.take, fresh) if fresh else ():
            self._now.placing.add(call.id)
            self._begin(self._leave(call))
        for call in urgent:
            if call.placing_at is not None:
                self._hang_up(call)

    async def _leave(self, call: OutboundCallRow) -> None:
        crash_points.reached("dialer.taken")
        self._now.unsettled.add(call.id)
        try:
            await self._placing.place(call, is_connected=self._now.is_connected)
            self._now.unsettled.discard(call.id)
        finally:
            self._now.placing.discard(call.id)
            # Somebody may have wanted to hang up before there was anything to hang up.
            self._now.hung_up.pop(call.id, None)

    async def _settle(self, call: OutboundCallRow) -> None:
        self._now.unsettled.add(call.id)
        await self._placing.settle(call)
        self._now.unsettled.discard(call.id)

    async def _look_up_left(self, call: OutboundCallRow) -> None:
        """A channel that left our application is ending, as a rule; one that was led away tells us nothing more."""
        await asyncio.sleep(self._pace.left)
        current = await self._stored(self._ledger.current, call.id)
        if current.is_open:
            await self._settle(current)

    def _hang_up(self, call: OutboundCallRow) -> None:
        now = self._clock.monotonic()
        if now - self._now.hung_up.get(call.id, float("-inf")) < self._pace.hangup_again:
            return
        self._now.hung_up[call.id] = now
        self._begin(self._end_channel(call))

    async def _end_channel(self, call: OutboundCallRow) -> None:
        if not await self._client.hang_up(call.channel_id) and call.id not in self._now.placing:
            await self._settle(call)

    async def _do_round(self) -> None:
        """What nobody calls for: limits, calls that were missed, and what is left of ended ones."""
        await self._stored(self._ledger.give_up_old)
        unfinished = await self._stored(self._ledger.unfinished)
        await self._stored(self._ledger.over_limit, unfinished)
        known = {call.id for call in unfinished}
        self._now.hung_up = {key: at for key, at in self._now.hung_up.items() if key in known}
        for call in unfinished:
            if call.id in self._now.placing or (call.placing_at is None and call.is_open):
                continue
            if not call.is_open:
                self._once(call, self._placing.clear(call))
            elif call.id in self._now.unsettled or self._now.is_taken or self._is_overdue(call):
                self._once(call, self._settle(call))
            elif call.answered_at is not None and call.answer_done_at is None and self._now.is_connected:
                self._once(call, self._after.begin(call))

    def _is_overdue(self, call: OutboundCallRow) -> bool:
        if call.answered_at is not None or call.placing_at is None:
            return False
        rung = (self._clock.now() - call.placing_at).total_seconds()
        return rung > call.ring_seconds + OVERDUE_SECONDS

    async def _settle_all(self) -> None:
        """After each connection: every unfinished call that was placed."""
        for call in await self._stored(self._ledger.unfinished):
            if call.is_open and call.placing_at is not None and call.id not in self._now.placing:
                self._now.unsettled.add(call.id)
                self._once(call, self._settle(call))

    async def _beat(self) -> None:
        """Say that we live, and how long Asterisk takes to answer."""
        told: dict[str, Any] = {}
        if self._now.is_connected:
            with contextlib.suppress(TollwatchError):
                told["round_trip_ms"] = round(await self._client.ping() * 1000, 2)
                told["version"] = await self._client.version()
        # Looked at after the requests: the connection may have been lost while they waited.
        state = connection.TAKEN if self._now.is_taken else connection.DOWN
        if self._now.is_connected:
            state = connection.CONNECTED
        await self._stored(self._ledger.publish, state, **told)

    def _once(self, call: OutboundCallRow, work: Awaitable[None]) -> None:
        """Begin something for a call unless something is under way for it; the next round asks again."""
        if call.id in self._now.busy:
            _discard(work)
            return
        self._now.busy.add(call.id)
        self._begin(work, lambda: self._now.busy.discard(call.id))

    def _begin(self, work: Awaitable[Any], afterwards: Callable[[], None] = lambda: None) -> None:
        task = asyncio.ensure_future(self._sent(work))
        self._now.tasks.add(task)

        def ended(done: asyncio.Task[None]) -> None:
            self._now.tasks.discard(done)
            afterwards()

        task.add_done_callback(ended)

    async def _sent(self, work: Awaitable[Any]) -> None:
        """Wait for work whose failure is tried again by the next round."""
        try:
            await work
        except LeaseLostError as error:
            self._now.successor = error
        except (TollwatchError, SQLAlchemyError) as error:
            log.warning("not done, is tried again", reason=str(error) or type(error).__name__)
        except Exception:
            log.exception("a call could not be looked after")

    async def _tried(self, work: Callable[P, Any], *arguments: P.args, **named: P.kwargs) -> Any:
        """``work`` in the thread of the database, or here if it is our own; ``None`` when the database is away."""
        try:
            if inspect.iscoroutinefunction(work):
                return await work(*arguments, **named)
            return await self._stored(work, *arguments, **named)
        except LeaseLostError:
            raise
        except (TollwatchError, SQLAlchemyError) as error:
            log.warning("database does not answer", reason=type(error).__name__)
            return None


def _discard(work: Awaitable[None]) -> None:
    close = getattr(work, "close", None)
    if close is not None:
        close()
