"""Calls at night, on weekends and holidays, by people who are not used to call then."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene
from core.detection.statistics import poisson_tail


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """The calls of one night or free day against what this user and colleagues make then."""
    if leg.redirected or not scene.unusual_hour or scene.in_campaign or scene.person.service or scene.age < 10:
        return None
    usual = scene.usual
    tally = scene.person.tallies[leg.day]
    if tally.quiet < max(p["calls"], p["ratio"] * usual.quiet_most + 2) or tally.quiet_seconds < 60 * p["minutes"]:
        return None
    expected = p["caution"] * max(usual.quiet, scene.peers.quiet, p["least_expected"])
    if poisson_tail(tally.quiet, expected) > 10 ** -p["surprise"]:
        return None
    if scene.habits.busy_quiet_hours(leg) > p["site_busy"]:
        return None
    legs = [
        each for each in scene.person.out.between(leg.started - 86_400, leg.started + 3600) if _same_night(each, leg)
    ]
    abroad = sum(each.to.foreign for each in legs)
    return Finding(
        "high" if abroad >= 3 and abroad * 2 >= len(legs) else "medium",
        legs,
        group="night",
        observed={"calls": tally.quiet, "minutes": round(tally.quiet_seconds / 60), "abroad": abroad},
        expected={"calls": round(expected, 2), "calls_most": usual.quiet_most},
    )


def _same_night(one: Observation, other: Observation) -> bool:
    return one.day == other.day and one.quiet
