"""How detectors were tuned: changed parameters, detectors switched off, caps of severity; every change is kept.

The engine is given ``parameter_changes`` and ``policy``; whoever keeps an engine makes it anew when the data version
``DATA_VERSION`` grows, which every change here, of campaigns, allowed destinations, days off and tariffs does.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.detection.finding import SEVERITIES, Severity
from core.detection.policy import Policy
from core.detection.registry import Detector, detector, detectors
from core.detection.suppression import DATA_VERSION, allowed_destinations, campaigns, days_off, plain_reason
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.store import audit, data_version
from core.store.models.detection import DetectorTuning, TuningChange

__all__ = [
    "DATA_VERSION", "Because", "Tuning", "allowed_destinations", "campaigns", "change", "days_off", "history",
    "parameter_changes", "policy", "revert", "tuning_of", "tunings",
]  # fmt: skip


@dataclass(frozen=True)
class Tuning:
    """How a detector is set; ``parameters`` holds only what differs from its data file."""

    parameters: Mapping[str, float] = field(default_factory=dict)
    is_enabled: bool = True
    severity_cap: Severity | None = None

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from the data file."""
        return bool(self.parameters) or not self.is_enabled or self.severity_cap is not None

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "parameters": dict(self.parameters)}


@dataclass(frozen=True)
class Because:
    """Who changes something, when (aware) and why."""

    actor: str
    at: datetime
    reason: str


def tuning_from(told: Mapping[str, Any]) -> Tuning:
    """The tuning of ``Tuning.told``."""
    cap = told.get("severity_cap") or None
    return Tuning(dict(told.get("parameters") or {}), bool(told.get("is_enabled", True)), cap)


def checked(known: Detector, wanted: Tuning) -> Tuning:
    """``wanted`` without values that are the default. Raises ``InvalidInputError`` for what is out of bounds."""
    known.with_changes(wanted.parameters)
    if wanted.severity_cap is not None and wanted.severity_cap not in SEVERITIES:
        raise InvalidInputError(field=f"{known.id}.severity_cap", problem=str(wanted.severity_cap)[:20])
    defaults = known.defaults()
    parameters = {name: float(value) for name, value in wanted.parameters.items() if value != defaults[name]}
    return Tuning(parameters, wanted.is_enabled, wanted.severity_cap)


def tunings(session: Session) -> dict[str, tuple[Tuning, int]]:
    """Every detector's tuning as it stands, and its version, by id; what newer bounds forbid counts as the default."""
    rows = {row.detector: row for row in session.scalars(select(DetectorTuning))}
    return {known.id: _usable(known, rows.get(known.id)) for known in detectors()}


def tuning_of(session: Session, detector_id: str) -> tuple[Tuning, int]:
    """One detector's tuning and its version. Raises ``InvalidInputError`` for an unknown detector."""
    return _usable(detector(detector_id), session.get(DetectorTuning, detector_id))


def _usable(known: Detector, row: DetectorTuning | None) -> tuple[Tuning, int]:
    if row is None:
        return Tuning(), 0
    bounds = {parameter.name: parameter for parameter in known.parameters}
    kept = {
        name: value
        for name, value in row.parameters.items()
        if name in bounds and bounds[name].minimum <= value <= bounds[name].maximum
    }
    cap = next((severity for severity in SEVERITIES if severity == row.severity_cap), None)
    return Tuning(kept, row.is_enabled, cap), row.version


def parameter_changes(session: Session) -> dict[str, dict[str, float]]:
    """The changed parameters by detector, as ``Engine`` takes them."""
    return {name: dict(tuning.parameters) for name, (tuning, _) in tunings(session).items() if tuning.parameters}


def policy(session: Session, proposed: Mapping[str, Tuning] | None = None) -> Policy:
    """Detectors off or capped and destinations allowed, as ``Engine`` takes them; ``proposed`` stands in for some."""
    standing = {name: tuning for name, (tuning, _) in tunings(session).items()} | dict(proposed or {})
    return Policy(
        disabled=frozenset(name for name, tuning in standing.items() if not tuning.is_enabled),
        caps={name: tuning.severity_cap for name, tuning in standing.items() if tuning.severity_cap is not None},
        allowed=allowed_destinations(session),
    )


def change(
    session: Session,
    detector_id: str,
    wanted: Tuning,
    *,
    version: int,
    why: Because,
    reverts: int | None = None,
) -> TuningChange:
    """Set a detector's tuning, audited with what stood before; takes effect with the next pass of detection.

    ``version`` is the one the change was made from. Raises ``ConflictError`` when somebody was quicker,
    ``InvalidInputError`` for a value out of bounds, a missing reason, or a change of nothing.
    """
    wanted = checked(detector(detector_id), wanted)
    row = session.get(DetectorTuning, detector_id, with_for_update=True)
    standing, known_version = _usable(detector(detector_id), row)
    if known_version != version:
        raise ConflictError(what=f"detector {detector_id}")
    if standing == wanted:
        raise InvalidInputError(field=detector_id, problem="=")
    if row is None:
        row = DetectorTuning(detector=detector_id, version=0)
        session.add(row)
    row.parameters, row.is_enabled = dict(wanted.parameters), wanted.is_enabled
    row.severity_cap = wanted.severity_cap or ""
    row.version, row.changed_at, row.changed_by = version + 1, why.at, why.actor
    made = TuningChange(
        detector=detector_id,
        at=why.at,
        actor=why.actor,
        reason=plain_reason(why.reason),
        before=standing.told(),
        after=wanted.told(),
        reverts=reverts,
    )
    session.add(made)
    data_version.bump(session, DATA_VERSION, why.at)
    audit.record(
        session,
        actor=why.actor,
        action="detector.tuned",
        subject=detector_id,
        detail={"reason": made.reason, "before": made.before, "after": made.after, "reverts": reverts},
        at=why.at,
    )
    session.flush()
    return made


def revert(session: Session, change_id: int, *, version: int, why: Because) -> TuningChange:
    """Set a detector back to what stood before a change. Raises as ``change``, and ``NotFoundError``."""
    taken_back = session.get(TuningChange, change_id)
    if taken_back is None:
        raise NotFoundError(what=f"change {change_id}")
    return change(
        session,
        taken_back.detector,
        tuning_from(taken_back.before),
        version=version,
        why=why,
        reverts=change_id,
    )


def history(
    session: Session, detector_id: str | None = None, *, before: int | None = None, limit: int = 50
) -> list[TuningChange]:
    """Changes, newest first; ``before`` continues after the last id of a former page."""
    statement = select(TuningChange).order_by(TuningChange.id.desc()).limit(limit)
    if detector_id:
        statement = statement.where(TuningChange.detector == detector_id)
    if before is not None:
        statement = statement.where(TuningChange.id < before)
    return list(session.scalars(statement))
