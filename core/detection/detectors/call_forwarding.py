"""Calls sent on to a foreign or premium number: a forward somebody set, or a transfer out of an attendant."""

from core.detection.finding import Finding, Parameters, Severity
from core.detection.observation import DAY, Observation
from core.detection.scene import Scene

TIER_WEIGHTS = (0.0, 1.0, 2.0, 3.0, 4.0)
KEEP = 3 * DAY
NEW_TARGET = 4 * DAY


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Weigh legs sent on to a new target abroad; familiar countries weigh less, answered ones more."""
    if not (leg.to.foreign or leg.premium) or leg.to.kind == "toll_free":
        return None
    known = scene.person.forward_targets.get(leg.number)
    if known is not None and known.first < leg.reported - NEW_TARGET:
        return None
    tier = 4 if leg.premium else leg.to.tier
    weight = TIER_WEIGHTS[tier] * (p["familiar"] + (1 - p["familiar"]) * scene.unfamiliarity)
    weight *= (
        (1.0 if leg.answered else 0.5) * (1 + min(leg.seconds, 1800) / 1800) * (1.5 if scene.unusual_hour else 1.0)
    )
    weight *= 1.0 if scene.age >= 7 else 0.3
    key = f"{leg.user}|{leg.to.country}"
    scored = scene.windows.weighed("call_forwarding", key, leg, weight, KEEP)
    score = sum(each for _, each in scored)
    if score < p["score"] or len(scored) < p["calls"]:
        return None
    legs = [each for each, _ in scored]
    return Finding(
        _severity(score, tier, scene, p),
        legs,
        group=f"forward:{leg.to.country}",
        observed={"score": round(score, 1), "calls": len(legs), "targets": len({each.number for each in legs})},
        expected={"score": p["score"]},
    )


def _severity(score: float, tier: int, scene: Scene, p: Parameters) -> Severity:
    if tier >= 3:
        return "critical" if score >= 3 * p["score"] else "high"
    return "high" if score >= p["high"] or scene.person.service else "medium"
