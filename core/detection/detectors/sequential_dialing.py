"""Dialling numbers in a row, outside or inside: somebody looks for lines that answer."""

from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene

SPAN = 1800
SHORT = 20


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Count near neighbours among the distinct numbers dialled within half an hour."""
    if scene.person.service or leg.redirected or as_number(leg.number) is None:
        return None
    timeline = scene.person.out if leg.external else scene.person.inside
    legs = timeline.between(leg.started - SPAN, leg.started + SPAN)
    least = p["calls"] if leg.external else p["calls_inside"]
    if len(legs) < least:
        return None
    run = in_a_row(legs, int(p["step"]))
    if len(run) < least or len(run) < p["share"] * len(legs):
        return None
    hollow = sum(not each.answered or each.seconds < SHORT for each in run)
    if hollow < p["hollow"] * len(run) and (not leg.external or len(run) < 2 * least):
        return None
    return Finding(
        "high" if leg.external or len(run) >= 2 * least else "medium",
        run,
        group="sequence",
        observed={"in_a_row": len(run), "calls": len(legs)},
        expected={"in_a_row": least},
    )


def as_number(number: str) -> int | None:
    """The digits as a number; ``None`` for what is no number."""
    digits = number.removeprefix("+")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None


def in_a_row(legs: list[Observation], step: int) -> list[Observation]:
    """The legs of the longest chain of distinct numbers, each within ``step`` of the next, one leg a number."""
    by_number: dict[int, Observation] = {}
    for leg in legs:
        number = as_number(leg.number)
        if number is not None:
            by_number.setdefault(number, leg)
    best: list[int] = []
    chain: list[int] = []
    for number in sorted(by_number):
        chain = [*chain, number] if chain and number - chain[-1] <= step else [number]
        best = max(best, chain, key=len)
    return [by_number[number] for number in best]
