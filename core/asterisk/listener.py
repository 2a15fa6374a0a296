"""The event socket: kept open, read as fast as it comes, and everything handed on in order with our own time.

Asterisk keeps nothing for a socket that is gone and drops a slow one after a tenth of a second. So this reads and
queues, and whoever takes from the queue may be slow; what was lost in between is for it to look up after ``Opened``.
"""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import datetime

import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from core.asterisk.address import AsteriskAddress
from core.asterisk.errors import (
    AsteriskCredentialsError,
    AsteriskFailedError,
    AsteriskMalformedError,
    AsteriskRefusedError,
    AsteriskUnreachableError,
)
from core.asterisk.events import LONGEST_EVENT_BYTES, ApplicationReplaced, Event, UnreadableEventError, read_event
from core.asterisk.unreached import unreached
from core.clock import Clock
from core.errors import TollwatchError

PING_SECONDS = 20.0
PONG_SECONDS = 10.0
OPEN_SECONDS = 10.0
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 10.0
STEADY_SECONDS = 5.0
"""A connection that lasted this long was good: the next wait is short again."""
MOST_QUEUED = 50_000
_JITTER = 0.3

log = structlog.get_logger(__name__)


def _silent_logger() -> logging.Logger:
    """For the socket library: at DEBUG it would write the header with our password."""
    silent = logging.getLogger("core.asterisk.socket")
    silent.setLevel(logging.WARNING)
    return silent


@dataclass(frozen=True)
class Opened:
    """Events come from now on; whatever happened before is to be looked up."""

    at: datetime


@dataclass(frozen=True)
class Heard:
    """An event and when it reached us, aware, by our clock."""

    at: datetime
    event: Event


@dataclass(frozen=True)
class Closed:
    """Events come no more until the next ``Opened``; ``error`` says why."""

    at: datetime
    error: TollwatchError


@dataclass(frozen=True)
class Taken:
    """Another program took our application name: the listener has stopped, and starting it again takes it back."""

    at: datetime


Word = Opened | Heard | Closed | Taken


class Listener:
    """Reads one application's events into ``words`` until it is cancelled or the name is taken over."""

    def __init__(
        self,
        address: AsteriskAddress,
        clock: Clock,
        words: "asyncio.Queue[Word]",
        *,
        chance: random.Random | None = None,
        ping_seconds: float = PING_SECONDS,
        pong_seconds: float = PONG_SECONDS,
    ) -> None:
        self._address = address
        self._clock = clock
        self._words = words
        self._chance = chance or random.Random()
        self._ping_seconds = ping_seconds
        self._pong_seconds = pong_seconds
        self._failures = 0

    async def run(self) -> None:
        """Connect, read, connect again with growing waits; returns after ``Taken`` alone."""
        while True:
            began = self._clock.monotonic()
            try:
                if await self._listen():
                    return
                error: TollwatchError = AsteriskUnreachableError(host=self._address.host, problem="closed")
            except TollwatchError as raised:
                error = raised
            self._tell(Closed(self._clock.now(), error))
            steady = self._clock.monotonic() - began >= STEADY_SECONDS
            self._failures = 0 if steady else self._failures + 1
            wait = min(FIRST_WAIT_SECONDS * 2.0 ** min(self._failures, 16), LONGEST_WAIT_SECONDS)
            await asyncio.sleep(wait * self._chance.uniform(1 - _JITTER, 1 + _JITTER))

    async def _listen(self) -> bool:
        """One connection from its opening to its end; whether the name was taken over."""
        try:
            async with connect(
                self._address.events,
                additional_headers={"Authorization": self._address.authorization},
                ssl=self._address.tls,
                proxy=None,
                compression=None,
                logger=_silent_logger(),
                open_timeout=OPEN_SECONDS,
                close_timeout=1,
                ping_interval=self._ping_seconds,
                ping_timeout=self._pong_seconds,
                max_size=LONGEST_EVENT_BYTES,
            ) as socket:
                self._tell(Opened(self._clock.now()))
                async for message in socket:
                    if self._take(message):
                        return True
        except InvalidStatus as error:
            raise _of_status(error.response.status_code) from error
        except InvalidHandshake as error:
            raise AsteriskMalformedError(problem=type(error).__name__) from error
        except (WebSocketException, OSError, TimeoutError) as error:
            raise unreached(error, self._address.host) from error
        return False

    def _take(self, message: str | bytes) -> bool:
        at = self._clock.now()
        try:
            event = read_event(message)
        except UnreadableEventError as error:
            log.warning("unreadable event passed over", problem=error.facts.get("problem"))
            return False
        if isinstance(event, ApplicationReplaced):
            self._tell(Taken(at))
            return True
        if event is not None:
            self._tell(Heard(at, event))
        if self._words.qsize() > MOST_QUEUED:
            raise AsteriskFailedError(status=0, detail="more events than can be stored")
        return False

    def _tell(self, word: Word) -> None:
        self._words.put_nowait(word)


def _of_status(status: int) -> TollwatchError:
    if status == 404:
        return AsteriskMalformedError(problem="HTTP 404")
    if status == 401:
        return AsteriskCredentialsError()
    if status >= 500:
        return AsteriskFailedError(status=status, detail="")
    return AsteriskRefusedError(status=status, detail="")
