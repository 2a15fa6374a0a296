"""One user in more answered outside calls at once than a person can hold."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene

LEAST_SECONDS = 60


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Answered outside calls of at least a minute that overlap, against the user's own maximum."""
    if not leg.answered or leg.seconds < LEAST_SECONDS or scene.person.service or scene.in_campaign:
        return None
    limit = max(p["floor"], scene.usual.live + p["margin"])
    if scene.person.tallies[leg.day].live < limit:
        return None
    legs = scene.habits.simultaneous(leg, scene.person)
    if len(legs) < limit:
        return None
    return Finding(
        "critical" if len(legs) >= p["critical"] else "high",
        legs,
        group="concurrent",
        observed={"at_once": len(legs)},
        expected={"at_once_most": scene.usual.live},
    )
