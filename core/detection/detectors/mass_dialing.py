"""One user dialling far more numbers an hour than ever: robocalls, vishing or collection from a hijacked account."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene

HOUR = 3600


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Calls within sixty minutes against the user's own busiest hour of four weeks, and colleagues'."""
    if scene.in_campaign:
        return None
    count = scene.person.out.busiest(leg.started, HOUR)
    if count < p["floor"]:
        return None
    usual = scene.usual
    if not usual.days and count < p["unknown_user"] * p["floor"]:
        return None
    limit = max(
        p["floor"], p["ratio"] * usual.peak_hour + p["margin"], p["peers"] * scene.peers.peak_hour + p["margin"]
    )
    if count < limit:
        return None
    legs = scene.person.out.around(leg.started, HOUR)
    distinct = len({each.number for each in legs})
    if distinct < p["distinct"] * len(legs):
        return None
    return Finding(
        "high" if count >= 1.5 * limit or (count >= 60 and not usual.is_young) else "medium",
        legs,
        group="dialling",
        observed={"calls_an_hour": count, "distinct": distinct},
        expected={"busiest_hour": usual.peak_hour, "limit": round(limit)},
    )
