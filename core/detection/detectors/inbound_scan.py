"""One caller, or a block of callers, ringing one number after the other and hanging up."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene

HOUR = 3600
SHORT = 12
_BLOCK_DIGITS = 3


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Distinct people rung by one caller within an hour without a conversation."""
    if not leg.inbound_public or leg.redirected or (leg.answered and leg.seconds >= SHORT):
        return None
    for key, least in ((leg.number, p["targets"]), (f"{leg.number[:-_BLOCK_DIGITS]}…", p["targets_of_block"])):
        if len(leg.number) < 2 * _BLOCK_DIGITS or not any(digit.isdigit() for digit in key):
            continue
        legs = scene.windows.timeline("inbound_scan", key, leg, HOUR).between(leg.started - HOUR, leg.started + HOUR)
        first_by_target = {each.user: each for each in legs}
        if len(first_by_target) < least or len({each.call for each in legs}) < least:
            continue
        return Finding(
            "medium" if len(first_by_target) < 3 * least else "high",
            legs,
            group=key,
            entity_kind="location",
            entity=leg.location,
            observed={"targets": len(first_by_target), "calls": len(legs)},
            expected={"targets": least},
        )
    return None
