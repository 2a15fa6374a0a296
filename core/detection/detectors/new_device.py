"""A telephone nobody has seen before calls in somebody's name, and the calls are risky ones."""

from core.detection.detectors.international_calls import weight_of
from core.detection.finding import Finding, Parameters
from core.detection.observation import DAY, Observation
from core.detection.registry import detector
from core.detection.scene import Scene

WEIGHING = "international_calls"


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """People change telephones all the time: only what the new one dials abroad makes it worth telling."""
    if not scene.new_device or len(scene.usual_devices) > p["devices"] or scene.usual.is_young:
        return None
    if not leg.to.foreign or leg.to.kind == "toll_free" or scene.in_campaign:
        return None
    weight = weight_of(leg, scene, detector(WEIGHING).defaults())
    scored = scene.windows.weighed("new_device", f"{leg.user}|{leg.device}", leg, weight, DAY)
    legs = [each for each, _ in scored]
    minutes = sum(each.seconds for each in legs) / 60
    risk = sum(each for _, each in scored)
    if len(legs) < p["calls"] or risk < p["risk"] or minutes < p["minutes"]:
        return None
    return Finding(
        "low",
        legs,
        group="device",
        observed={"risk": round(risk, 1), "calls": len(legs), "minutes": round(minutes)},
        expected={"devices": len(scene.usual_devices)},
    )
