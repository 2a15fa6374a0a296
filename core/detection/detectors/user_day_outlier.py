"""A second net over whole days: a user's day unlike any day of anybody, by an Isolation Forest grown in the sidecar."""

from collections.abc import Sequence
from typing import NamedTuple

from core.detection.finding import Finding, Parameters
from core.detection.statistics import robust_z
from core.detection.user_days import FEATURES, UserDay, features

LEAST_SCALE = 0.35
MOST_FEATURES = 3
FEW = 3
"""In a small organisation so many odd days of the past do not excuse another."""


class Oddity(NamedTuple):
    """A day with its forest score and what it is compared with: scores of the training days, the user's own days."""

    day: UserDay
    score: float
    training: Sequence[float]
    own: Sequence[Sequence[float]]


def verdict(oddity: Oddity, p: Parameters) -> Finding | None:
    """Tell a day whose score lies beyond all but a few of the training days and far from the user's own days."""
    legs = [leg for leg in oddity.day.legs if leg.external]
    if len(legs) < p["calls"] or len(oddity.own) < p["own_days"]:
        return None
    as_odd = sum(score >= oddity.score for score in oddity.training)
    if as_odd > max(FEW, p["share"] / 1000 * len(oddity.training)):
        return None
    figures = features(oddity.day.legs)
    distances = {
        name: robust_z(value, [day[place] for day in oddity.own], LEAST_SCALE)
        for place, (name, value) in enumerate(zip(FEATURES, figures, strict=True))
    }
    furthest = sorted(distances, key=lambda name: -distances[name])[:MOST_FEATURES]
    if sum(distances[name] >= p["distance"] for name in furthest) < p["features"]:
        return None
    return Finding(
        "low",
        legs,
        group="day",
        observed={name: round(distances[name], 1) for name in furthest},
        expected={"days_as_odd": as_odd, "training_days": len(oddity.training)},
    )
