"""Attempt after attempt that fails: somebody tries destinations, or guesses authorisation codes."""

from core.detection.finding import Finding, Parameters, Severity
from core.detection.observation import Observation
from core.detection.scene import Scene

SPAN = 1800


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Failures within half an hour, most of the attempts; several codes tried weigh more; a success after them most."""
    if leg.failed:
        scene.windows.timeline("failing_site", leg.location, leg, SPAN)
    if scene.in_campaign:
        return None
    attempts = scene.person.out.between(leg.started - SPAN, leg.started)
    failures = [each for each in attempts if each.failed]
    if not failures or len(attempts) < p["codes"]:
        return None
    codes = {each.code for each in attempts if each.code}
    guessed = [each for each in failures if each.code]
    abroad = sum(each.to.foreign or each.premium for each in failures)
    least = p["failures_abroad"] if abroad >= p["share"] * len(failures) else p["failures"]
    many = len(failures) >= least and len(failures) >= p["share"] * len(attempts)
    guessing = len(codes) >= p["codes"] and len(guessed) >= p["codes"] - 1
    if not (many or guessing):
        return None
    if many and not guessing and len({each.number for each in failures}) < p["numbers"]:
        return None
    if not guessing and _site_is_failing(leg, scene, p):
        return None
    return Finding(
        _severity(leg, guessing),
        [*failures, leg] if leg.answered else failures,
        group="probes",
        observed={"failures": len(failures), "attempts": len(attempts), "codes": len(codes)},
        expected={"failures": 0},
    )


def _site_is_failing(leg: Observation, scene: Scene, p: Parameters) -> bool:
    """Whether other people's calls at the site fail too: then a carrier is down and nobody probes."""
    kept = scene.windows.kept("failing_site", leg.location)
    around = kept.between(leg.started - SPAN, leg.started + SPAN) if kept else []
    return len({each.user for each in around} - {leg.user}) >= p["site_failing"]


def _severity(leg: Observation, guessing: bool) -> Severity:
    if leg.answered and (leg.to.foreign or leg.premium):
        return "critical"
    return "high" if guessing else "medium"
