"""The request limits of the call history API, kept per token as Webex keeps them."""

import math
from collections import deque
from dataclasses import dataclass, field

from core.clock import Clock

FIRST_REQUESTS = 1
PAGES = 10
PER_SECONDS = 60.0


@dataclass
class RequestLimits:
    """One first request and ten further pages a minute and token (Webex, since 2026).

    ``scale`` shortens the minute. ``Retry-After`` tells whole seconds really to wait, at least one.
    """

    clock: Clock
    scale: float = 1.0
    _taken: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def wait_seconds(self, token: str, kind: str) -> int:
        """Take one request of ``kind`` (``first`` or ``page``); 0, or the seconds to wait if none is left."""
        allowed = FIRST_REQUESTS if kind == "first" else PAGES
        period = PER_SECONDS * self.scale
        now = self.clock.monotonic()
        taken = self._taken.setdefault((token, kind), deque())
        while taken and taken[0] <= now - period:
            taken.popleft()
        if len(taken) < allowed:
            taken.append(now)
            return 0
        return max(1, math.ceil(taken[0] + period - now))
