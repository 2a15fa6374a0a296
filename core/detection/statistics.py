"""Tails of counts, and distances from what is typical: how surprising a figure is."""

import math
import statistics
from collections.abc import Sequence


def poisson_tail(count: int, mean: float) -> float:
    """P(X ≥ count) for a Poisson count with that mean."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    term = math.exp(-mean + count * math.log(mean) - math.lgamma(count + 1))
    total, number = 0.0, count
    while term > total * 1e-12 or number < mean:
        total += term
        number += 1
        term *= mean / number
    return min(1.0, total)


def negative_binomial_tail(count: int, mean: float, spread: float) -> float:
    """P(X ≥ count) for a count of that mean with variance ``mean + spread · mean²``; Poisson where ``spread`` is 0."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if spread <= 0:
        return poisson_tail(count, mean)
    size = 1 / spread
    chance = mean / (mean + size)
    logarithm = (
        math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
        - size * math.log1p(mean / size) + count * math.log(chance)
    )  # fmt: skip
    term = math.exp(logarithm)
    total, number = 0.0, count
    while term > total * 1e-12 or number < mean:
        total += term
        term *= chance * (number + size) / (number + 1)
        number += 1
    return min(1.0, total)


def overdispersion(counts: Sequence[float], mean: float, least: float = 0.05, most: float = 1.5) -> float:
    """By how much counts vary beyond Poisson: the median of ((y − μ)² − μ)/μ², bounded."""
    if mean <= 0 or not counts:
        return least
    return max(least, min(most, statistics.median(((count - mean) ** 2 - mean) / mean**2 for count in counts)))


def robust_z(value: float, others: Sequence[float], least_scale: float) -> float:
    """How many robust standard deviations ``value`` lies above the median of ``others``; 0 when there are none."""
    if not others:
        return 0.0
    middle = statistics.median(others)
    scale = 1.4826 * statistics.median(abs(other - middle) for other in others)
    return (value - middle) / max(scale, least_scale)
