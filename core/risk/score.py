"""The risk score of a user: alerts weigh by severity, and each weight halves every three days.

R = 100·(1 − exp(−Σ rᵢ·2^(−age/3 d)/60)) with r 10, 25, 50, 90 for low to critical. As all weights fade
alike, the sum at one instant gives the score at every later one.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from core.detection.finding import Severity

WEIGHTS: dict[str, float] = {"low": 10.0, "medium": 25.0, "high": 50.0, "critical": 90.0}
HALF_LIFE = timedelta(days=3)
SCALE = 60.0
FORGOTTEN = timedelta(days=45)
"""After fifteen half-lives even a critical alert weighs less than a hundredth of a point."""

Band = Literal["calm", "watch", "elevated", "severe"]
BANDS: tuple[Band, ...] = get_args(Band)
_FROM: dict[Band, float] = {"calm": 0.0, "watch": 20.0, "elevated": 45.0, "severe": 75.0}


@dataclass(frozen=True)
class Weighed:
    """One alert that counts: its severity, when it was raised and when its last evidence was; aware UTC."""

    severity: Severity
    raised_at: datetime
    last_seen: datetime


def weight_sum(alerts: Iterable[Weighed], at: datetime) -> float:
    """The faded weights of what was raised by ``at``."""
    return sum(_faded(WEIGHTS[alert.severity], at - alert.last_seen) for alert in alerts if alert.raised_at <= at)


def _faded(weight: float, age: timedelta) -> float:
    return float(weight * math.pow(0.5, max(0.0, age / HALF_LIFE)))


def score(total: float, age: timedelta = timedelta(0)) -> float:
    """The score, 0 to 100, of a sum of weights that was taken ``age`` ago."""
    return 100 * (1 - math.exp(-_faded(total, age) / SCALE))


def band(value: float) -> Band:
    """The band of a score: calm below 20, watch below 45, elevated to 75, severe above."""
    if value > _FROM["severe"]:
        return "severe"
    return "elevated" if value >= _FROM["elevated"] else "watch" if value >= _FROM["watch"] else "calm"


def sums_of(wanted: Band) -> tuple[float, float]:
    """The sums of weights whose score lies in a band: from, and below (infinite for the last)."""
    following = BANDS.index(wanted) + 1
    upper = _sum_of(_FROM[BANDS[following]]) if following < len(BANDS) else math.inf
    return _sum_of(_FROM[wanted]), upper


def _sum_of(value: float) -> float:
    return -SCALE * math.log(1 - value / 100)


def history(alerts: Sequence[Weighed], until: datetime, days: int, step: timedelta) -> list[tuple[datetime, float]]:
    """The score over the last ``days`` in steps, oldest first, by what is known of the alerts today."""
    count = int(timedelta(days=days) / step)
    instants = [until - step * position for position in range(count, -1, -1)]
    return [(at, score(weight_sum(alerts, at))) for at in instants]
