"""What a detector says, and the draft of an alert that the engine makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core.detection.observation import Observation

Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
EntityKind = Literal["user", "location", "org", "number"]
Parameters = Mapping[str, float]


@dataclass(frozen=True)
class Finding:
    """A detector's verdict on what it just saw.

    ``observed`` and ``expected`` are figures by name; ``group`` tells destinations (or callers) apart, so that one
    abuse gives one alert; ``evidence`` are the legs it rests on.
    """

    severity: Severity
    evidence: Sequence[Observation]
    group: str = ""
    entity_kind: EntityKind = "user"
    entity: str = ""
    observed: Mapping[str, float] = field(default_factory=dict)
    expected: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass
class AlertDraft:
    """An alert as the engine hands it on; ``emitted_at`` in seconds since 1970.

    The same ``dedupe_key`` again means: more evidence for the same alert. ``is_new`` is true the first time.
    ``explanation`` holds the only figures that a written explanation may use.
    """

    detector: str
    severity: Severity
    entity_kind: EntityKind
    entity: str
    entity_name: str
    destination_group: str
    local_day: str
    emitted_at: int
    evidence: list[str]
    explanation: dict[str, Any]
    cost: float
    dedupe_key: str
    is_new: bool = True


def is_worse(one: Severity, other: Severity) -> bool:
    """Whether ``one`` is more severe than ``other``."""
    return SEVERITIES.index(one) > SEVERITIES.index(other)


def raised(severity: Severity, levels: int = 1) -> Severity:
    """The severity some levels up (or down, when negative), within the scale."""
    position = SEVERITIES.index(severity) + levels
    return SEVERITIES[max(0, min(position, len(SEVERITIES) - 1))]


def severity_of_cost(cost: float, at_least: Severity) -> Severity:
    """Severity by estimated loss of a day : from $25 high, from $150 critical (docs/detectors.md)."""
    if cost >= 150:
        return "critical"
    return "high" if cost >= 25 and at_least in ("low", "medium") else at_least
