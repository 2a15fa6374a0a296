"""Child processes that live and end together, their output marked with who says it."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from core.clock import Clock

_GRACE_SECONDS = 30.0
_LOOK_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
SCREENFUL = 40
"""So many lines of the children's logs push what was said before out of a terminal."""


def _end_with_parent() -> None:
    """Ask Linux to end this child when the launcher is killed and cannot do it itself (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One child in a process group of its own: Ctrl-C reaches it only through us, and its own children end with it."""

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], output: TextIO) -> None:
        self.name = name
        self.lines = 0
        self.process = subprocess.Popen(  # noqa: S603 - our own modules, no outside words
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        self._reader = threading.Thread(target=self._relay, args=(output,), daemon=True)
        self._reader.start()

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to the child and all it started."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def finish_output(self) -> None:
        """Wait until the last words are printed."""
        self._reader.join(timeout=2)

    def _relay(self, output: TextIO) -> None:
        for line in self.process.stdout or ():
            output.write(f"{self.name:>8} | {line}")
            output.flush()
            self.lines += 1


class Family:
    """Starts children, watches them, ends all when one ends or when asked."""

    def __init__(self, clock: Clock, output: TextIO) -> None:
        self._clock = clock
        self._output = output
        self._children: list[Child] = []
        self.stopping = False
        """Set by a signal handler, which must not set an event: the thread it interrupts may be holding its lock."""

    def start(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Start ``python ARGUMENTS`` as a child called ``name``."""
        child = Child(name, arguments, environment, self._output)
        self._children.append(child)
        return child

    def dead(self) -> Child | None:
        """The first child that ended by itself."""
        return next((child for child in self._children if not child.running), None)

    def watch(self, remind: Callable[[], None] = lambda: None) -> Child | None:
        """Wait until asked to stop (``None``) or a child ended by itself (that child).

        On a terminal ``remind`` says again what the children's logs have pushed out of sight.
        """
        told = self._lines()
        while not self.stopping:
            if dead := self.dead():
                return dead
            if self._output.isatty() and self._lines() - told >= SCREENFUL:
                remind()
                told = self._lines()
            self._clock.sleep(_LOOK_SECONDS)
        return None

    def _lines(self) -> int:
        return sum(child.lines for child in self._children)

    def end(self) -> None:
        """Ask all to end, last started first; kill what does not within half a minute."""
        for child in reversed(self._children):
            child.signal(signal.SIGTERM)
        ends = self._clock.monotonic() + _GRACE_SECONDS
        for child in self._children:
            try:
                child.process.wait(timeout=max(ends - self._clock.monotonic(), 0.0))
            except subprocess.TimeoutExpired:
                child.signal(signal.SIGKILL)
                child.process.wait()
            child.signal(signal.SIGKILL)
            child.finish_output()
