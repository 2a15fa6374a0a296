"""What people decided about detection: detectors switched off or capped, destinations that may be called.

Suppression lowers severity by one level and never hides satellite, premium or costly calls (docs/detectors.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.detection.finding import Finding, Severity, is_worse, raised
from core.detection.observation import Observation

ALWAYS_TOLD_TIER = 4
ALWAYS_TOLD_COST = 150.0
"""Dollars of estimated loss from which an alert is critical (docs/detectors.md): nothing quietens that."""


@dataclass(frozen=True)
class Allowed:
    """A destination that a scope may call until ``expires`` (seconds since 1970).

    ``kind`` is country (ISO 3166 alpha-2), prefix or number (both E.164 with ``+``); ``scope_kind`` is org, location
    or user, ``scope`` the UUID of the latter two.
    """

    kind: str
    value: str
    scope_kind: str
    scope: str
    expires: float

    def covers(self, leg: Observation) -> bool:
        """Whether ``leg`` is a call that this entry allows."""
        if not leg.outbound or leg.started >= self.expires:
            return False
        if self.scope_kind != "org" and self.scope != (leg.user if self.scope_kind == "user" else leg.location):
            return False
        if self.kind == "country":
            return leg.to.country == self.value
        return leg.number.startswith(self.value) if self.kind == "prefix" else leg.number == self.value


@dataclass(frozen=True)
class Policy:
    """Applied by the engine to every finding, before it becomes an alert."""

    disabled: frozenset[str] = frozenset()
    caps: Mapping[str, Severity] = field(default_factory=dict)
    allowed: tuple[Allowed, ...] = ()

    def judge(self, detector_id: str, finding: Finding) -> Finding | None:
        """The finding as it may be told; ``None`` when an allowed destination leaves nothing of it."""
        severity, notes = finding.severity, finding.notes
        if self._is_allowed(finding):
            if severity == "low":
                return None
            severity, notes = raised(severity, -1), (*notes, "allowed_destination")
        cap = self.caps.get(detector_id)
        if cap is not None and is_worse(severity, cap):
            severity, notes = cap, (*notes, "severity_cap")
        return finding if severity == finding.severity else replace(finding, severity=severity, notes=notes)

    def _is_allowed(self, finding: Finding) -> bool:
        if not self.allowed or not finding.evidence:
            return False
        if sum(leg.cost for leg in finding.evidence) > ALWAYS_TOLD_COST:
            return False
        return all(
            leg.to.tier < ALWAYS_TOLD_TIER and any(entry.covers(leg) for entry in self.allowed)
            for leg in finding.evidence
        )


NO_POLICY = Policy()
