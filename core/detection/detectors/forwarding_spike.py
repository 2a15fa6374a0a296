"""Far more calls sent on to a new outside number than the line usually gets: a forward used to pump traffic."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Calls sent on to one new target within a day against the calls this line gets on an ordinary day."""
    if scene.person.service or leg.to.kind == "toll_free" or scene.in_campaign:
        return None
    known = scene.person.forward_targets.get(leg.number)
    if known is not None and known.first < leg.reported - 4 * DAY:
        return None
    timeline = scene.windows.timeline("forwarding_spike", f"{leg.user}|{leg.number}", leg, DAY)
    legs = timeline.between(leg.started - DAY, leg.started + DAY)
    usual = scene.usual
    floor = p["floor"] if leg.to.foreign else p["floor_home"]
    limit = max(floor, p["ratio"] * usual.inbound + 4, usual.forwarded_most * 1.5 + 4)
    if len(legs) < limit or scene.age < 10:
        return None
    return Finding(
        "high" if leg.to.foreign or len(legs) >= 2 * limit else "medium",
        legs,
        group=f"forward:{leg.number}",
        observed={"forwarded": len(legs)},
        expected={"inbound_a_day": round(usual.inbound, 1), "forwarded_most": usual.forwarded_most},
    )
