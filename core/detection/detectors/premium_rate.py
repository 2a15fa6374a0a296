"""Calls to premium lines, at home or abroad, that the user is not known to make."""

import re

from core.detection.finding import Finding, Parameters
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene

LONG_CALL = 600
EXCHANGE_976 = re.compile(r"\+1\d{3}976")
"""Premium in the USA's and Canada's old plans; by now an ordinary exchange in many area codes."""


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Two calls within a week, or a long one, to premium lines new to the user and the site."""
    doubtful = not leg.premium and EXCHANGE_976.match(leg.number) is not None
    if not (leg.premium or doubtful) or scene.unfamiliarity < p["unfamiliarity"]:
        return None
    number = leg.number
    first = scene.habits.known_numbers.get(number)
    if number in scene.person.contacts or (first is not None and first < leg.reported - 7 * DAY):
        return None
    weight = (1.0 if leg.answered else 0.5) * (p["exchange_976"] if doubtful else 1.0)
    scored = scene.windows.weighed("premium_rate", leg.user, leg, weight, 7 * DAY)
    total = sum(each for _, each in scored)
    legs = [each for each, _ in scored]
    if total < p["calls"] and (doubtful or leg.seconds < LONG_CALL):
        return None
    cost = sum(each.cost for each in legs)
    return Finding(
        "critical" if cost >= 150 else "high",
        legs,
        group="premium",
        observed={"calls": len(legs), "cost": round(cost, 2)},
        expected={"calls": 0},
    )
