"""One user in more answered outside calls at once than a person can hold."""

from core.detection.baselines import YOUNG_DAYS
from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene

LEAST_SECONDS = 60
UNFAMILIAR = 0.3


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Answered outside calls of at least a minute that overlap, against the user's own maximum."""
    if not leg.answered or leg.seconds < LEAST_SECONDS or scene.person.service or scene.in_campaign:
        return None
    if scene.person.tallies[leg.day].live < p["abroad"]:
        return None
    legs = scene.habits.simultaneous(leg, scene.person)
    limit = max(p["floor"], p["ratio"] * scene.usual.live + 1)
    unfamiliar = (
        scene.age >= YOUNG_DAYS
        and scene.usual.live < p["abroad"]
        and leg.to.foreign
        and scene.unfamiliarity >= UNFAMILIAR
    )
    abroad = sum(each.to.foreign for each in legs) if unfamiliar else 0
    if len(legs) < limit and abroad < p["abroad"]:
        return None
    if scene.usual.is_young and len(legs) < 2 * limit and not unfamiliar:
        return None
    return Finding(
        "critical" if len(legs) >= p["critical"] else "high",
        legs,
        group="concurrent",
        observed={"at_once": len(legs)},
        expected={"at_once_most": scene.usual.live},
    )
