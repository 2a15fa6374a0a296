"""North America's numbers that look domestic and are not: the Caribbean and the Pacific territories."""

from core.detection.detectors.international_calls import faded, spread_factor, weight_of
from core.detection.finding import Finding, Parameters
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Unfamiliar calls to them, whatever Webex calls their type; a few suffice."""
    if leg.to.kind != "caribbean" or not leg.to.foreign:
        return None
    weight = weight_of(leg, scene, p)
    if weight < p["least_weight"]:
        return None
    scored = scene.windows.weighed("caribbean", leg.user, leg, weight, 7 * DAY)
    legs = [each for each, _ in scored]
    score = faded(scored, leg.reported) * spread_factor(legs, p)
    if score < p["score"] or len(scored) < p["calls"]:
        return None
    return Finding(
        "high" if score >= p["high"] else "medium",
        legs,
        group="abroad",
        observed={"score": round(score, 1), "calls": len(legs)},
        expected={"score": p["score"]},
    )
