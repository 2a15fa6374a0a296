"""Outside calls of each site by the hour: the running hour, and what such hours held in the last weeks."""

from collections import deque
from typing import NamedTuple

from core.detection.calendar import DAY_BEGINS, HOURS_A_DAY
from core.detection.observation import Observation

KEPT = 20
"""Hours kept of each kind: four working weeks of the same hour."""

LONGEST_GAP = 12
"""Hours without any call that are taken for a quiet time; a longer gap is a night or a closed day."""

_MOST_EVIDENCE = 500


class HourCount(NamedTuple):
    """One hour of a site: its number since 1970, its kind of day and hour, and its calls."""

    hour: int
    cell: int
    calls: int


class SiteHours:
    """Hours of one site; ``calls`` are those of the running hour."""

    __slots__ = ("_earlier", "calls", "cell", "hour", "last", "legs", "today", "users")

    def __init__(self) -> None:
        self.hour = -1
        self.cell = 0
        self.calls = 0
        self.legs: list[Observation] = []
        self.last: Observation | None = None
        self.users: dict[str, int] = {}
        self.today: list[HourCount] = []
        self._earlier: dict[int, deque[int]] = {}

    def add(self, leg: Observation) -> None:
        """Count a leg in its hour; one of an hour already over is passed over."""
        hour = hour_of(leg)
        if hour < self.hour:
            return
        if hour > self.hour:
            self._turn(hour, leg.cell)
        self.last = leg
        self.calls += 1
        if len(self.legs) < _MOST_EVIDENCE:
            self.legs.append(leg)
        self.users[leg.user] = self.users.get(leg.user, 0) + 1

    def earlier(self, cell: int) -> deque[int]:
        """What such hours held, the newest last."""
        return self._earlier.get(cell, deque())

    def expected(self, hours_on: int) -> float:
        """The usual calls of the hour that many hours after the running one, were it the same kind of day."""
        kind = self.cell - self.cell % HOURS_A_DAY
        earlier = self.earlier(kind + (self.cell + hours_on) % HOURS_A_DAY)
        return sum(earlier) / len(earlier) if earlier else 0.0

    def _turn(self, hour: int, cell: int) -> None:
        if self.hour >= 0:
            self._close(self.hour, self.cell, self.calls)
            gap = range(self.hour + 1, hour)
            if len(gap) <= LONGEST_GAP:
                kind = self.cell - self.cell % HOURS_A_DAY
                for quiet in gap:
                    self._close(quiet, kind + (quiet + DAY_BEGINS // 3600) % HOURS_A_DAY, 0)
            if hour // HOURS_A_DAY != self.hour // HOURS_A_DAY:
                self.today = []
        self.hour, self.cell, self.calls, self.legs, self.users = hour, cell, 0, [], {}

    def _close(self, hour: int, cell: int, calls: int) -> None:
        self._earlier.setdefault(cell, deque(maxlen=KEPT)).append(calls)
        self.today.append(HourCount(hour, cell, calls))


def hour_of(leg: Observation) -> int:
    """The local hour of a leg, counted since 1970; days begin at five."""
    return leg.day * HOURS_A_DAY + (leg.cell % HOURS_A_DAY - DAY_BEGINS // 3600) % HOURS_A_DAY
