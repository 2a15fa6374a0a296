"""Calls to satellite and international networks, the dearest numbers there are, by users not known to make them."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """One answered call is enough, several attempts are too."""
    if leg.to.kind != "satellite" or scene.unfamiliarity < p["unfamiliarity"]:
        return None
    scored = scene.windows.weighed("satellite", leg.user, leg, 1.0 if leg.answered else 0.4, 7 * DAY)
    if sum(weight for _, weight in scored) < p["calls"]:
        return None
    legs = [each for each, _ in scored]
    cost = sum(each.cost for each in legs)
    return Finding(
        "critical" if cost >= 150 else "high",
        legs,
        group="satellite",
        observed={"calls": len(legs), "cost": round(cost, 2)},
        expected={"calls": 0},
    )
