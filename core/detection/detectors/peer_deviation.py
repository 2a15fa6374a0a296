"""A second net: one user far from what colleagues of the same department and site ever do abroad or by night."""

import math
from collections.abc import Callable

from core.detection.baselines import Baseline
from core.detection.finding import Finding, Parameters
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene
from core.detection.statistics import robust_z

LEAST_SCALE = 0.5
STRANGE = 0.3
LONG_SECONDS = 300


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Minutes of the last day, on a logarithmic scale, against the most that each colleague had in four weeks."""
    person = scene.person
    if person.service or scene.in_campaign or scene.usual.is_young or scene.age < p["age"]:
        return None
    if leg.to.foreign and not leg.premium:
        if scene.unfamiliarity < STRANGE:
            return None
        legs = [each for each in person.abroad.between(leg.started - DAY, leg.started) if not each.redirected]
        return _compared(legs, scene, p, _abroad, "abroad")
    if not scene.unusual_hour or leg.number in person.contacts:
        return None
    legs = [each for each in person.out.between(leg.started - DAY / 2, leg.started) if each.quiet]
    return _compared(legs, scene, p, _quiet, "night")


def _compared(
    legs: list[Observation], scene: Scene, p: Parameters, figure: Callable[[Baseline], float], what: str
) -> Finding | None:
    minutes = sum(each.seconds for each in legs) / 60
    long_ones = sum(each.seconds >= LONG_SECONDS for each in legs)
    if minutes < p["minutes"] or long_ones < p["calls"] or minutes < p["ratio"] * figure(scene.usual):
        return None
    others = [figure(each) for each in scene.peer_days]
    if len(others) < p["peers"]:
        return None
    distance = robust_z(math.log1p(minutes), [math.log1p(other) for other in others], LEAST_SCALE)
    if distance < p["distance"] or minutes < p["ratio"] * max(others):
        return None
    return Finding(
        "low",
        legs,
        group=what,
        observed={"minutes": round(minutes), "calls": len(legs), "distance": round(distance, 1)},
        expected={"minutes_most": round(figure(scene.usual)), "peers": len(others), "peers_most": round(max(others))},
    )


def _abroad(of: Baseline) -> float:
    return of.abroad_minutes_most


def _quiet(of: Baseline) -> float:
    return of.quiet_minutes_most
