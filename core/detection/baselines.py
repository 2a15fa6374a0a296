"""What is ordinary for somebody: tallies by local day, and figures of the last four weeks drawn from them.

A day under an alert, or inside a declared campaign, never counts; the running day never counts either, so that an
attack cannot teach its own baseline. While somebody is new the figures are drawn towards colleagues'.
"""

from collections.abc import Iterable
from typing import NamedTuple

from core.detection.calendar import CELLS, HOURS_A_DAY

MEMORY_DAYS = 28
YOUNG_DAYS = 7
"""Until this many active days a user's own figures are drawn towards colleagues'."""

_SHRINKING = 4.0
"""Days of colleagues' habits that a young user's own days are mixed with (reference: 3 to 5)."""


class DayTally:
    """What one user did on one local day."""

    __slots__ = (
        "abroad",
        "abroad_seconds",
        "cost",
        "excluded",
        "forwarded",
        "inbound",
        "inbound_peak",
        "live",
        "longest",
        "out",
        "peak_hour",
        "peak_ten",
        "quiet",
        "quiet_seconds",
        "under_alert",
    )

    def __init__(self) -> None:
        self.out = self.abroad = self.abroad_seconds = self.quiet = self.quiet_seconds = 0
        self.peak_ten = self.peak_hour = self.live = self.inbound = self.inbound_peak = 0
        self.forwarded = self.longest = 0
        self.cost = 0.0
        self.excluded = self.under_alert = False


class Baseline(NamedTuple):
    """Means a day and maxima over the untainted days of the last four weeks; ``days`` with any call."""

    days: int
    out: float
    quiet: float
    quiet_most: int
    quiet_minutes_most: float
    abroad: float
    abroad_most: int
    abroad_minutes_most: float
    cost_most: float
    peak_ten: int
    peak_hour: int
    live: int
    inbound: float
    inbound_peak: int
    forwarded_most: int
    longest: int

    @property
    def is_young(self) -> bool:
        """Whether there are too few days to judge by."""
        return self.days < YOUNG_DAYS


def baseline_of(days: Iterable[DayTally]) -> Baseline:
    """The figures of some days; excluded ones are left out."""
    used = [day for day in days if not (day.excluded or day.under_alert)]
    if not used:
        return NO_BASELINE
    count = len(used)
    return Baseline(
        days=count,
        out=sum(day.out for day in used) / count,
        quiet=sum(day.quiet for day in used) / count,
        quiet_most=max(day.quiet for day in used),
        quiet_minutes_most=max(day.quiet_seconds for day in used) / 60,
        abroad=sum(day.abroad for day in used) / count,
        abroad_most=max(day.abroad for day in used),
        abroad_minutes_most=max(day.abroad_seconds for day in used) / 60,
        cost_most=max(day.cost for day in used),
        peak_ten=max(day.peak_ten for day in used),
        peak_hour=max(day.peak_hour for day in used),
        live=max(day.live for day in used),
        inbound=sum(day.inbound for day in used) / count,
        inbound_peak=max(day.inbound_peak for day in used),
        forwarded_most=max(day.forwarded for day in used),
        longest=max(day.longest for day in used),
    )


NO_BASELINE = Baseline(*(0 for _ in Baseline._fields))


def towards_peers(own: Baseline, peers: Baseline) -> Baseline:
    """A young user's figures drawn towards colleagues': means by days known, maxima by whichever is greater."""
    if not own.is_young or not peers.days:
        return own
    share = own.days / (own.days + _SHRINKING)
    means = {name: share * getattr(own, name) + (1 - share) * getattr(peers, name) for name in _MEANS}
    most = {name: max(getattr(own, name), getattr(peers, name)) for name in _MAXIMA}
    return own._replace(**means, **most)


_MEANS = ("out", "quiet", "abroad", "inbound")
_MAXIMA = tuple(name for name in Baseline._fields if name not in (*_MEANS, "days"))
_TYPICAL = 0.8
_LEAST_CALLS, _LEAST_SHARE = 4, 0.015


def typical_of(members: Iterable[Baseline]) -> Baseline:
    """What is usual among colleagues: of each figure the value that four in five do not exceed."""
    known = [member for member in members if not member.is_young]
    if not known:
        return NO_BASELINE
    position = min(len(known) - 1, int(_TYPICAL * len(known)))
    return Baseline(*(sorted(column)[position] for column in zip(*known, strict=True)))


class Hours:
    """At which hours of which kinds of day somebody calls; old calls fade with each fortnight."""

    __slots__ = ("_counts", "_faded", "total")

    def __init__(self) -> None:
        self._counts = [0.0] * CELLS
        self._faded = 0
        self.total = 0.0

    def add(self, cell: int, day: int) -> None:
        """Count one call."""
        if day - self._faded >= MEMORY_DAYS // 2:
            if self._faded:
                self._counts = [count / 2 for count in self._counts]
                self.total /= 2
            self._faded = day
        self._counts[cell] += 1
        self.total += 1

    def share(self, cell: int) -> float:
        """The share of calls in that hour and its two neighbours, of all calls on that kind of day.

        Zero where the user hardly calls on such days at all.
        """
        kind = cell - cell % HOURS_A_DAY
        on_such_days = sum(self._counts[kind : kind + HOURS_A_DAY])
        if on_such_days < max(_LEAST_CALLS, _LEAST_SHARE * self.total):
            return 0.0
        hour = cell % HOURS_A_DAY
        near = (kind + (hour - 1) % HOURS_A_DAY, cell, kind + (hour + 1) % HOURS_A_DAY)
        return sum(self._counts[each] for each in near) / on_such_days


class Relation(NamedTuple):
    """How long and how often somebody calls a destination; ``first`` in seconds since 1970."""

    first: float
    last_day: int
    days: int
    calls: int

    def again(self, day: int) -> "Relation":
        """One more call on ``day``."""
        return Relation(self.first, day, self.days + (day != self.last_day), self.calls + 1)
