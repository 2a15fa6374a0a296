"""One user's local day in fifteen figures, for methods that look at whole days instead of single calls."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from core.detection.observation import Observation

SHORT_SECONDS = 10
FEATURES = (
    "calls_out", "calls_abroad", "calls_in", "numbers", "outside_hours", "forwarded", "failed", "short_calls",
    "minutes_out", "minutes_abroad", "longest_minutes", "cost", "riskiest_tier", "countries", "missed",
)  # fmt: skip


class UserDay(NamedTuple):
    """One user's legs of one local day (days since 1970, begun at five)."""

    user: str
    day: int
    legs: Sequence[Observation]


def features(legs: Sequence[Observation]) -> list[float]:
    """The figures of ``FEATURES``, each as log(1 + x)."""
    out = [leg for leg in legs if leg.outbound and leg.external]
    abroad = [leg for leg in out if leg.to.foreign or leg.premium]
    inbound = [leg for leg in legs if leg.inbound_public]
    counts = (
        len(out), len(abroad), len(inbound), len({leg.number for leg in out}), sum(leg.quiet for leg in out),
        sum(leg.redirected for leg in out), sum(leg.failed for leg in out),
        sum(leg.seconds < SHORT_SECONDS for leg in out), sum(leg.seconds for leg in out) / 60,
        sum(leg.seconds for leg in abroad) / 60, max((leg.seconds for leg in out), default=0) / 60,
        sum(leg.cost for leg in out), max((leg.to.tier for leg in out), default=0),
        len({leg.to.country for leg in abroad}), sum(not leg.answered for leg in inbound),
    )  # fmt: skip
    return [math.log1p(count) for count in counts]
