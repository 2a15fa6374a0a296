"""Calls at night, on weekends and holidays, by people who are not used to call then."""

from core.detection.calendar import HOURS_A_DAY
from core.detection.finding import Finding, Parameters
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene
from core.detection.statistics import poisson_tail

NIGHT_BEGINS, NIGHT_ENDS = 22, 6
HALF_DAY = 12 * 3600


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Weigh the calls of one night or free day; a number the user often dials weighs little, deep night more."""
    if leg.redirected or not scene.unusual_hour or scene.in_campaign or scene.person.service or scene.age < 7:
        return None
    weight = p["known_contact"] if leg.number in scene.person.contacts else 1.0
    scored = [
        entry
        for entry in scene.windows.weighed("after_hours", leg.user, leg, weight, HALF_DAY)
        if entry[0].started > leg.started - HALF_DAY
    ]
    total = sum(each for _, each in scored)
    legs = [each for each, _ in scored]
    usual = scene.usual
    deep = sum(each for each_leg, each in scored if is_deep_night(each_leg))
    by_night = deep >= max(p["calls"], p["ratio"] * usual.quiet_most)
    by_day = total >= max(p["calls_evening"], p["of_a_day"] * usual.out, p["ratio"] * usual.quiet_most)
    if not (by_night or by_day) or sum(each.seconds for each in legs) < 60 * p["minutes"]:
        return None
    expected = p["caution"] * max(usual.quiet, p["least_expected"])
    if poisson_tail(int(total), expected) > 10 ** -p["surprise"] or _everybody_calls(leg, scene, p):
        return None
    abroad = sum(each.to.foreign for each in legs)
    return Finding(
        "high" if abroad >= 3 and abroad * 2 >= len(legs) else "medium",
        legs,
        group="night",
        observed={"calls": len(legs), "minutes": round(sum(each.seconds for each in legs) / 60), "abroad": abroad},
        expected={"calls": round(expected, 2), "calls_most": usual.quiet_most},
    )


def is_deep_night(leg: Observation) -> bool:
    """Whether the leg began between ten at night and six in the morning."""
    hour = leg.cell % HOURS_A_DAY
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS


def _everybody_calls(leg: Observation, scene: Scene, p: Parameters) -> bool:
    """Whether many others at the site call at the same unusual time: then it is an event."""
    kept = scene.windows.timeline("after_hours_site", f"{leg.location}|{is_deep_night(leg)}", leg, DAY / 2)
    users = {each.user for each in kept.between(leg.started - HALF_DAY, leg.started + HALF_DAY)}
    return len(users) > 1 + p["site_busy"] * scene.habits.people_at(leg.location)
