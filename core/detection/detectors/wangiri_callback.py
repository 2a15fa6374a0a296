"""A foreign number rings once and hangs up, and people call it back: the call back is what costs."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene

MOST_RISKY, STRANGE = 3, 0.8


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Put one-ring calls aside; a call to such a number within a day is a call back."""
    if not leg.number or not any(digit.isdigit() for digit in leg.number):
        return None
    if not leg.outbound:
        rang_once = not leg.answered and max(leg.ring, leg.ended - leg.started) <= p["ring"]
        if rang_once and _is_suspect(leg, scene):
            scene.windows.timeline("wangiri_bait", leg.number, leg, DAY)
        return None
    return _called_back(leg, scene, p)


def _called_back(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    if leg.redirected or leg.to.kind == "toll_free":
        return None
    bait = scene.windows.kept("wangiri_bait", leg.number)
    rang = bait.between(leg.started - DAY, leg.started) if bait else []
    if not rang:
        return None
    calls = scene.windows.timeline("wangiri_calls", leg.number, leg, DAY).between(leg.started - DAY, leg.started + DAY)
    people = {each.user for each in calls}
    rung = {each.call for each in rang}
    risky = leg.to.tier >= p["tier"]
    fresh = leg.to.foreign and scene.unfamiliarity >= p["unfamiliarity"]
    several = len(rung) >= 2 and (len(people) >= p["people"] or (risky and fresh) or len(rung) >= p["rung"])
    alone = leg.to.tier >= MOST_RISKY and scene.unfamiliarity >= STRANGE
    if not fresh or scene.age < 3 or not (several or alone):
        return None
    return Finding(
        "high" if leg.to.foreign else "medium",
        [*rang, *calls],
        group=leg.number,
        entity_kind="user",
        observed={"called_back": len(people), "rung": len(rung), "minutes": round(sum(c.seconds for c in calls) / 60)},
        expected={"called_back": 0},
        notes=("bait",),
    )


def _is_suspect(leg: Observation, scene: Scene) -> bool:
    """A foreign number that nobody here knows since longer than a day."""
    first = scene.habits.known_numbers.get(leg.number)
    return leg.to.foreign and (first is None or first > leg.reported - DAY)
