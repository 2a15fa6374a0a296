"""How grave an announcement is, and which of two is worse."""

from core.detection.finding import SEVERITIES

NONE = "none"
"""Of what has no severity: a visit, a report, a test."""


def rank(severity: str) -> int:
    """Position on the scale; what is not on it comes before everything."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1


def at_least(severity: str) -> list[str]:
    """The severities from that one up."""
    return [each for each in SEVERITIES if rank(each) >= rank(severity)]
