"""Ends an exchange that takes too long or that nobody waits for any more, whatever part of it drips.

The timeouts of the HTTP library start anew with every byte. So a thread looks at the clock meanwhile and shuts the
connection down, which wakes whoever reads from it.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.clock import Clock
from core.errors import TransientError
from core.webex.errors import SlowAnswerError, StopRequestedError

STOP_GRACE_SECONDS = 5.0
"""How long an exchange may still take when the process is asked to stop; a supervisor kills after ten."""

_SLICE_SECONDS = 0.25
_CONNECTED = (".connect_tcp.complete", ".start_tls.complete")


class ExchangeWatch:
    """Watches the exchanges of one wire, one after the other."""

    def __init__(self, clock: Clock, stopping: Callable[[], bool], longest_seconds: float) -> None:
        self._clock = clock
        self._stopping = stopping
        self._longest_seconds = longest_seconds
        self._sockets: list[socket.socket] = []
        self._verdict: TransientError | None = None

    def note(self, event: str, info: Mapping[str, Any]) -> None:
        """The ``trace`` callback of httpcore: keeps hold of the connections it opens."""
        if event.endswith(_CONNECTED):
            opened = info["return_value"].get_extra_info("socket")
            self._sockets = [known for known in self._sockets if known.fileno() >= 0] + [opened]

    @contextlib.contextmanager
    def over(self, path: str) -> Iterator[None]:
        """Watch one exchange. Raises ``SlowAnswerError`` or ``StopRequestedError`` when it was cut off."""
        self._verdict = None
        done = threading.Event()
        watching = threading.Thread(target=self._watch, args=(path, done), name="webex-exchange-watch", daemon=True)
        watching.start()
        try:
            yield
        finally:
            done.set()
            watching.join()
            self.check()

    def check(self) -> None:
        """Raise what cut the exchange off, if anything did."""
        if self._verdict is not None:
            raise self._verdict

    def _watch(self, path: str, done: threading.Event) -> None:
        deadline = self._clock.monotonic() + self._longest_seconds
        late: TransientError = SlowAnswerError(path=path, problem="SlowAnswer")
        while not done.wait(_SLICE_SECONDS):
            if isinstance(late, SlowAnswerError) and self._stopping():
                late = StopRequestedError()
                deadline = min(deadline, self._clock.monotonic() + STOP_GRACE_SECONDS)
            if self._clock.monotonic() > deadline:
                self._verdict = late
                self._cut()

    def _cut(self) -> None:
        for opened in self._sockets:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(opened, socket.SHUT_RDWR)
