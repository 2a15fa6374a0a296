"""Bursts of calls within ten minutes, most of them seconds long: robodialling, or missed calls left as bait."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene

TEN_MINUTES = 600
SHORT = 15


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Calls within ten minutes against the user's own busiest ten minutes, and colleagues'."""
    if scene.in_campaign:
        return None
    count = scene.person.out.busiest(leg.started, TEN_MINUTES)
    if count < p["floor"]:
        return None
    usual = scene.usual
    if not usual.days and count < p["unknown_user"] * p["floor"]:
        return None
    limit = max(p["floor"], p["ratio"] * usual.peak_ten + p["margin"], p["peers"] * scene.peers.peak_ten + p["margin"])
    if count < limit:
        return None
    legs = scene.person.out.around(leg.started, TEN_MINUTES)
    short = sum(not each.answered or each.seconds < SHORT for each in legs)
    if short < p["short"] * len(legs) and count < p["any_length"] * limit:
        return None
    return Finding(
        "critical" if short > 0.8 * len(legs) and len(legs) > 100 else "high" if count >= 1.5 * limit else "medium",
        legs,
        group="dialling",
        observed={"calls_in_ten_minutes": count, "short": short},
        expected={"busiest_ten_minutes": usual.peak_ten, "limit": round(limit)},
    )
