"""Money or minutes abroad far beyond the user's own four weeks, also to destinations that are familiar."""

from core.detection.finding import Finding, Parameters, severity_of_cost
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene

STRANGE = 0.3


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Compare the last 24 hours with the worst day of the last four weeks."""
    if not (leg.to.foreign or leg.premium):
        return None
    usual = scene.usual
    legs = scene.person.abroad.between(leg.started - DAY, leg.started + DAY)
    if len(legs) < p["calls"]:
        return None
    cost = sum(each.cost for each in legs)
    minutes = sum(each.seconds for each in legs) / 60
    caution = 2.5 if scene.in_campaign or scene.age < 14 else 1.0
    dear = cost > caution * max(p["cost"], p["ratio"] * usual.cost_most)
    many = len(legs) > caution * max(p["calls_floor"], p["ratio"] * usual.abroad_most + 4)
    long = minutes > caution * max(p["minutes_floor"], p["ratio"] * usual.abroad_minutes_most)
    if not (dear or many or long):
        return None
    unknown = sum(scene.habits.unfamiliarity(each, scene.person) for each in legs) / len(legs)
    if unknown < p["unfamiliarity"] and not scene.unusual_hour and not (many and len(legs) >= 2 * p["calls_floor"]):
        return None
    strange = [each for each in legs if scene.habits.unfamiliarity(each, scene.person) >= STRANGE]
    return Finding(
        severity_of_cost(cost, "medium"),
        strange or legs,
        group="abroad",
        observed={"cost": round(cost, 2), "minutes": round(minutes), "calls": len(legs)},
        expected={
            "cost_most": round(usual.cost_most, 2),
            "minutes_most": round(usual.abroad_minutes_most),
            "calls_most": usual.abroad_most,
        },
    )
