"""Named places where a test lets the process die as if it had been killed.

A product process reads one environment variable and otherwise does nothing. ``TOLLWATCH_CRASH_AT=name`` dies at
the first visit to ``name``, ``TOLLWATCH_CRASH_AT=name:3`` at the third.
"""

import os
from collections import Counter

VARIABLE = "TOLLWATCH_CRASH_AT"
KILLED = 137
"""Exit code of a process that got SIGKILL, as a shell reports it."""

_visits: Counter[str] = Counter()


def reached(point: str) -> None:
    """Die here, without flushing or cleaning up, when the environment asks for it."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    name, _, visit = wanted.partition(":")
    if name != point:
        return
    _visits[point] += 1
    if _visits[point] >= int(visit or 1):
        os._exit(KILLED)
