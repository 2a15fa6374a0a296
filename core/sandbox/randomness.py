"""Randomness by name: the same seed and names give the same draws in every process and every release of Python."""

import math
from hashlib import blake2b
from random import Random

_VARIANTS = "89ab"


def stream(*names: object) -> Random:
    """A generator of its own for ``names``; draws from one stream never move another."""
    text = "|".join(str(name) for name in names)
    return Random(int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big"))


def share(*names: object) -> float:
    """A fixed number in [0, 1) for ``names``: a coin that always falls the same way."""
    text = "|".join(str(name) for name in names)
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big") / float(1 << 56)


def new_uuid(draw: Random, version: int = 4) -> str:
    """A UUID from ``draw``; Webex numbers its reports with version 3, everything else with version 4."""
    digits = f"{draw.getrandbits(128):032x}"
    variant = _VARIANTS[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def named_uuid(*names: object) -> str:
    """The UUID that belongs to ``names``."""
    return new_uuid(stream(*names))


def poisson(draw: Random, mean: float) -> int:
    """A Poisson count; above 40 by the normal approximation, whose error is below the model's own."""
    if mean <= 0:
        return 0
    if mean > 40:
        return max(0, round(draw.gauss(mean, math.sqrt(mean))))
    limit = math.exp(-mean)
    count, product = 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


def spread(draw: Random, variance: float) -> float:
    """A factor with mean 1 and the given variance (gamma): some days are simply busier."""
    return draw.gammavariate(1 / variance, variance)


def seconds(draw: Random, median: float, sigma: float = 0.9, longest: float = 7200) -> float:
    """A log-normal length in seconds, at least one, at most ``longest``."""
    return min(longest, max(1.0, median * math.exp(draw.gauss(0, sigma))))
