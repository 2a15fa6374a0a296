"""Calls at night, on weekends and holidays, by people who are not used to call then."""

from core.detection.calendar import HOURS_A_DAY
from core.detection.finding import Finding, Parameters
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene, Weighed
from core.detection.statistics import poisson_tail

NIGHT_BEGINS, NIGHT_ENDS = 22, 6
HALF_DAY = 12 * 3600
ON_CALL = 2700


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Weigh the calls of one night or free day; a number the user often dials weighs little, deep night more."""
    if leg.redirected or not scene.unusual_hour or scene.in_campaign or scene.person.service or scene.age < 7:
        return None
    weight = p["known_contact"] if leg.number in scene.person.contacts else 1.0
    if _was_rung(leg, scene):
        weight *= p["after_a_ring"]
    scored = [
        entry
        for entry in scene.windows.weighed("after_hours", leg.user, leg, weight, HALF_DAY)
        if entry[0].started > leg.started - HALF_DAY
    ]
    total = sum(each for _, each in scored)
    legs = [each for each, _ in scored]
    usual = scene.usual
    minutes = sum(each.seconds for each in legs) / 60
    by_night = _is_busy_night(scored, scene, p)
    by_day = total >= max(p["calls_evening"], p["of_a_day"] * usual.out, p["ratio"] * usual.quiet_most)
    if not (by_night or (by_day and minutes >= p["minutes_evening"])):
        return None
    expected = p["caution"] * max(usual.quiet, p["least_expected"])
    if poisson_tail(int(total), expected) > 10 ** -p["surprise"] or _everybody_calls(leg, scene, p):
        return None
    abroad = sum(each.to.foreign for each in legs)
    return Finding(
        "high" if abroad >= 3 and abroad * 2 >= len(legs) else "medium",
        legs,
        group="night",
        observed={"calls": len(legs), "minutes": round(minutes), "abroad": abroad},
        expected={"calls": round(expected, 2), "calls_most": usual.quiet_most},
    )


def _is_busy_night(scored: Weighed, scene: Scene, p: Parameters) -> bool:
    """A few long calls, or many of any length, between ten at night and six."""
    deep = [(leg, weight) for leg, weight in scored if is_deep_night(leg)]
    usual = p["ratio"] * scene.usual.quiet_most
    minutes = sum(leg.seconds for leg, _ in deep) / 60
    points = sum(weight * min(2.0, 0.4 + leg.seconds / 600) for leg, weight in deep)
    count = sum(weight for _, weight in deep)
    if minutes >= p["minutes"] and points >= max(p["points"], usual):
        return True
    return minutes >= p["minutes_short"] and count >= max(p["calls"], usual)


def _was_rung(leg: Observation, scene: Scene) -> bool:
    """Whether somebody rang the user shortly before: who is on call rings back."""
    rung = scene.person.inbound.between(leg.started - ON_CALL, leg.started)
    return any(each.answered for each in rung)


def is_deep_night(leg: Observation) -> bool:
    """Whether the leg began between ten at night and six in the morning."""
    hour = leg.cell % HOURS_A_DAY
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS


def _everybody_calls(leg: Observation, scene: Scene, p: Parameters) -> bool:
    """Whether many others at the site call at the same unusual time: then it is an event."""
    kept = scene.windows.timeline("after_hours_site", f"{leg.location}|{is_deep_night(leg)}", leg, DAY / 2)
    users = {each.user for each in kept.between(leg.started - HALF_DAY, leg.started + HALF_DAY)}
    return len(users) > 1 + p["site_busy"] * scene.habits.people_at(leg.location)
