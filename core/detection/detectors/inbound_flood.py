"""Calls pouring in on one person or service until nobody else gets through."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene

TEN_MINUTES = 600
SHORT = 20


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Compare with the busiest ten minutes of four weeks; on a busy service the calls must also look like an attack."""
    count = scene.person.inbound.busiest(leg.started, TEN_MINUTES)
    floor = p["floor_service"] if scene.person.service else p["floor"]
    if count < floor:
        return None
    usual = scene.usual
    limit = max(floor, p["ratio"] * usual.inbound_peak + p["margin"])
    if count < limit:
        return None
    legs = scene.person.inbound.around(leg.started, TEN_MINUTES)
    hollow = sum(not each.answered or each.seconds < SHORT for each in legs) / len(legs)
    repeated = 1 - len({each.number for each in legs}) / len(legs)
    if max(hollow, repeated) < p["hollow"] and count < p["any_kind"] * limit:
        return None
    return Finding(
        "critical" if count >= 5 * limit else "high",
        legs,
        group="inbound",
        observed={"calls_in_ten_minutes": count, "without_conversation": round(hollow, 2)},
        expected={"busiest_ten_minutes": usual.inbound_peak, "limit": round(limit)},
    )
