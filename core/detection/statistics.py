"""Tails of counts: how surprising it is to see at least so many."""

import math


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
