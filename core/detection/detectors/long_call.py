"""A call far longer than this user ever makes: a line left open to a number that pays by the minute."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene

EVERYDAY = 0.05


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Hours at home, or an hour abroad to an unfamiliar destination, and well beyond the user's own longest."""
    if not leg.answered or leg.to.kind == "toll_free" or leg.seconds < 60 * p["minutes_abroad"]:
        return None
    abroad = (leg.to.foreign or leg.premium) and scene.unfamiliarity >= p["unfamiliarity"]
    least = 60 * (p["minutes_abroad"] if abroad else p["minutes_home"])
    if leg.to.foreign and not abroad and scene.unfamiliarity >= EVERYDAY:
        least = 120 * p["minutes_abroad"]
    longest = scene.usual.longest
    limit = max(least, p["ratio"] * longest, p["peers"] * scene.peers.longest)
    if leg.seconds < limit or scene.age < 7:
        return None
    return Finding(
        "high" if abroad and leg.seconds >= 2 * least else "medium",
        [leg],
        group="long",
        observed={"minutes": round(leg.seconds / 60)},
        expected={"longest_minutes": round(longest / 60)},
    )
