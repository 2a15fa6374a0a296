"""Calls abroad that fit nobody's habits: each weighs by novelty, risk, hour and length; weights add up and fade."""

import math

from core.detection.finding import Finding, Parameters, Severity
from core.detection.numbering import CARIBBEAN
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene, Weighed

KEEP = 7 * DAY
HAMMERED = 6
EVIDENCE = 2 * DAY
TIER_WEIGHTS = (0.0, 1.0, 1.6, 3.0, 4.0)
LEAST_WEIGHT = 0.25
"""What weighs less is an everyday call and no evidence."""


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Score the user's unfamiliar calls of the last week; half of a weight is gone after two days."""
    if not leg.to.foreign or leg.to.kind in ("premium", "satellite", "toll_free"):
        return None
    weight = weight_of(leg, scene, p)
    if weight < LEAST_WEIGHT:
        return None
    scored = scene.windows.weighed("international_calls", leg.user, leg, weight, KEEP)
    legs = [each for each, _ in scored]
    score = faded(scored, leg.reported) * spread_factor(legs, p)
    if score < threshold(scene, p) or not _enough(legs, p):
        return None
    severity = _severity(score, legs, scene, p)
    recent = [each for each in legs if each.reported > leg.reported - EVIDENCE]
    if not _enough(recent, p):
        return None
    return Finding(
        severity,
        recent,
        group="abroad",
        observed={
            "score": round(score, 1),
            "calls": len(legs),
            "minutes": round(sum(each.seconds for each in legs) / 60),
        },
        expected={"score": threshold(scene, p), "calls_a_day": round(scene.usual.abroad, 2)},
    )


def weight_of(leg: Observation, scene: Scene, p: Parameters) -> float:
    """How much one call abroad speaks for abuse."""
    weight = TIER_WEIGHTS[leg.to.tier] * scene.unfamiliarity * _by_length(leg.seconds)
    if scene.unusual_hour:
        weight *= p["unusual_hour"]
    if not leg.answered:
        weight *= p["unanswered"]
    if scene.new_device:
        weight *= p["new_device"]
    if scene.in_campaign and leg.to.tier <= 1:
        weight *= 0.5
    return weight * _maturity(scene.age)


def _by_length(seconds: int) -> float:
    """Abuse is paid by the minute: an errand of a minute weighs a fifth of a call of twenty."""
    return min(3.5, 0.5 + seconds / 360)


def _maturity(age: float) -> float:
    """Novelty says little while everything is new."""
    return 0.15 if age < 7 else 0.5 if age < 14 else 1.0


def spread_factor(legs: list[Observation], p: Parameters) -> float:
    """Abuse dials many numbers or hammers one; an errand dials one number a few times."""
    numbers = len({each.number for each in legs})
    if numbers == 1:
        return p["one_number"] if len(legs) < HAMMERED else 1.0
    return p["many_numbers"] if numbers >= 0.7 * len(legs) else 1.0


def faded(scored: Weighed, now: float) -> float:
    """The sum of weights, each halved with every two days of age."""
    return sum(weight * math.pow(0.5, (now - each.reported) / (2 * DAY)) for each, weight in scored)


def threshold(scene: Scene, p: Parameters) -> float:
    """The score to reach: higher for those who call abroad a lot, whose novelties mean less."""
    return p["score"] * (1 + min(1.0, scene.usual.abroad * p["habit"]))


def _enough(legs: list[Observation], p: Parameters) -> bool:
    """Two calls only count when they are long: a booking or a wrong number is two short ones."""
    if len(legs) > p["calls"]:
        return True
    return len(legs) == p["calls"] and sum(each.seconds for each in legs) >= 60 * p["minutes"]


def _severity(score: float, legs: list[Observation], scene: Scene, p: Parameters) -> Severity:
    today = [each for each in legs if each.reported > legs[-1].reported - DAY]
    risky = any(each.to.tier >= 3 or each.to.country in CARIBBEAN for each in today)
    if score >= 6 * p["score"] and (risky or len(today) >= 8):
        return "critical"
    high = score >= p["high"] * (1 if risky else 1.5) or (risky and scene.unusual_hour and len(today) >= 3)
    return "high" if high else "medium"
