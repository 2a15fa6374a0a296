"""The one engine behind live runs, "analyse this user" and ``backtest``: legs in by Report time, drafts of alerts out.

Every leg is first remembered, then shown to the detectors that look at its kind. A leg is judged only by what was
reported before it; the caller feeds legs in the order of Report time.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.detection.calendar import day_name
from core.detection.directory import Directory
from core.detection.finding import AlertDraft, EntityKind, Finding, is_worse
from core.detection.habits import Habits, Person
from core.detection.observation import DAY, Observation
from core.detection.policy import NO_POLICY, Policy
from core.detection.registry import Detector, Look, Sight, detectors
from core.detection.scene import Scene, Windows

STAYS_OPEN = 2 * DAY
"""More evidence of one abuse extends its alert while the last was seen less than this long ago."""

CASE_HOURS = 24
MOST_EVIDENCE = 500
_OVERLAP = 0.5
_MEMORY = ("habits", "_windows", "_open", "_owner", "_by_entity", "_swept")
_SAMPLE = 10


@dataclass
class _Open:
    """An alert that more evidence may still extend."""

    draft: AlertDraft
    last: float
    known: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)


class Engine:
    """Detectors over one organisation's memory.

    ``changes`` are parameter values by detector id; ``only`` restricts to some detectors, or users (whose legs alone
    raise alerts; everybody's still teach). ``policy`` is what people decided about detectors and destinations.
    """

    def __init__(
        self,
        directory: Directory,
        changes: Mapping[str, Mapping[str, float]] | None = None,
        only: Collection[str] | None = None,
        users: Collection[str] | None = None,
        policy: Policy = NO_POLICY,
    ) -> None:
        changes = changes or {}
        self._directory = directory
        self._users = users
        self._policy = policy
        self.habits = Habits()
        self._windows = Windows()
        self._open: dict[tuple[str, str, str], _Open] = {}
        self._owner: dict[str, _Open] = {}
        self._by_entity: dict[str, _Open] = {}
        self._swept = 0.0
        self._looks: dict[Sight, list[tuple[Detector, Look, dict[str, float]]]] = {}
        for known in detectors():
            if known.look is None or known.id in policy.disabled or (only is not None and known.id not in only):
                continue
            values = known.with_changes(changes.get(known.id, {}))
            for sight in known.looks_at:
                self._looks.setdefault(sight, []).append((known, known.look, values))

    def memory(self) -> dict[str, Any]:
        """Everything the engine knows, for ``recall`` of another process; not a copy."""
        return {name: getattr(self, name) for name in _MEMORY}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Know what another engine knew when its ``memory`` was taken."""
        for name in _MEMORY:
            setattr(self, name, memory[name])

    def decide(self, verdicts: Mapping[str, str]) -> None:
        """Hear how alerts were closed, as verdicts by Report ID of their evidence.

        Legs of ``true_positive`` alerts never enter a baseline; those of ``benign`` and ``tuned`` ones do after all.
        """
        self.habits.decide(verdicts)

    def feed(self, legs: Iterable[Observation]) -> list[AlertDraft]:
        """Take legs in the order of Report time; gives new alerts and, with ``is_new`` false, those that grew."""
        drafts: list[AlertDraft] = []
        for leg in legs:
            self._take(leg, drafts)
        return drafts

    def _take(self, leg: Observation, drafts: list[AlertDraft]) -> None:
        habits = self.habits
        person = habits.person(leg)
        habits.advance(leg.reported)
        scene = Scene(leg, person, habits, self._windows, self._directory.in_campaign(leg.user, leg.day))
        habits.note(leg, person, counted=not scene.in_campaign)
        sight = sight_of(leg)
        if sight is None or (self._users is not None and leg.user not in self._users):
            return
        for known, look, values in self._looks.get(sight, ()):
            finding = look(leg, scene, values)
            if finding is not None:
                finding = self._policy.judge(known.id, finding)
            if finding is not None:
                draft = self._draft(known, finding, leg, scene)
                if draft is not None:
                    drafts.append(draft)
        if leg.reported - self._swept > DAY:
            self._sweep(leg.reported)

    def _draft(self, known: Detector, finding: Finding, leg: Observation, scene: Scene) -> AlertDraft | None:
        kind, entity, name = self._entity(finding, leg, scene.person)
        self.habits.taint(list(finding.evidence))
        earlier = self._earlier(known, finding, entity, leg.reported)
        if earlier is not None:
            return self._extend(earlier, finding, leg, known.id)
        draft = self._new_draft(known, finding, leg, (kind, entity, name))
        opened = _Open(draft, leg.reported)
        self._open[known.id, entity, finding.group] = opened
        self._by_entity[entity] = opened
        self._grow(opened, finding)
        draft.explanation.update(_context(leg, scene))
        return replace(draft, evidence=list(draft.evidence))

    def _entity(self, finding: Finding, leg: Observation, person: Person) -> tuple[EntityKind, str, str]:
        if finding.entity_kind == "user":
            return "user", finding.entity or leg.user, person.name
        if finding.entity_kind == "location":
            entity = finding.entity or leg.location
            place = self._directory.places.get(entity)
            return "location", entity, place.name if place else entity
        return "org", self._directory.org, self._directory.org

    def _earlier(self, known: Detector, finding: Finding, entity: str, now: float) -> _Open | None:
        """The open alert that this finding belongs to: the same abuse, the same legs, or the same user's day."""
        same = self._open.get((known.id, entity, finding.group))
        if same is not None and now - same.last < STAYS_OPEN:
            return same
        owners = [
            owner
            for each in finding.evidence
            if (owner := self._owner.get(each.report_id)) is not None and now - owner.last < STAYS_OPEN
        ]
        if owners and len(owners) >= _OVERLAP * len(finding.evidence):
            return owners[-1]
        recent = self._by_entity.get(entity) if finding.entity_kind == "user" or known.second_net else None
        if recent is None or now - recent.last > CASE_HOURS * 3600:
            return None
        if known.second_net:
            return recent
        return recent if recent.countries >= {each.to.country for each in finding.evidence} else None

    def _extend(self, opened: _Open, finding: Finding, leg: Observation, detector_id: str) -> AlertDraft | None:
        draft = opened.draft
        opened.last = leg.reported
        fresh = self._grow(opened, finding)
        worse = is_worse(finding.severity, draft.severity)
        if worse:
            draft.severity = finding.severity
        also = draft.explanation.setdefault("also_seen_by", [])
        if detector_id != draft.detector and detector_id not in also:
            also.append(detector_id)
        if not fresh and not worse:
            return None
        return replace(draft, evidence=list(draft.evidence), is_new=False)

    def _grow(self, opened: _Open, finding: Finding) -> bool:
        grown = False
        for each in finding.evidence:
            if each.report_id in opened.known or len(opened.known) >= MOST_EVIDENCE:
                continue
            grown = True
            opened.known.add(each.report_id)
            opened.countries.add(each.to.country)
            opened.draft.evidence.append(each.report_id)
            opened.draft.cost += each.cost
            self._owner[each.report_id] = opened
        return grown

    def _new_draft(
        self, known: Detector, finding: Finding, leg: Observation, who: tuple[EntityKind, str, str]
    ) -> AlertDraft:
        kind, entity, name = who
        day = day_name(leg.day)
        return AlertDraft(
            detector=known.id,
            severity=finding.severity,
            entity_kind=kind,
            entity=entity,
            entity_name=name,
            destination_group=finding.group,
            local_day=day,
            emitted_at=math.ceil(self.habits.now),
            evidence=[],
            explanation=_explanation(known, finding),
            cost=0.0,
            dedupe_key=f"{known.id}|{entity}|{finding.group}|{day}",
        )

    def _sweep(self, now: float) -> None:
        self._swept = now
        self._windows.sweep(now)
        self.habits.withheld.forget(now)
        self._open = {key: kept for key, kept in self._open.items() if now - kept.last < STAYS_OPEN}
        self._owner = {key: kept for key, kept in self._owner.items() if now - kept.last < 8 * DAY}
        self._by_entity = {key: kept for key, kept in self._by_entity.items() if now - kept.last < STAYS_OPEN}


def sight_of(leg: Observation) -> Sight | None:
    """The kind of leg, as detectors name it in ``looks_at``."""
    if leg.outbound:
        if not leg.external:
            return "inside"
        return "forwarded_out" if leg.redirected else "dialled_out"
    return "came_in" if leg.inbound_public else None


def _explanation(known: Detector, finding: Finding) -> dict[str, object]:
    """The fields that a written explanation may use ; no number comes from anywhere else."""
    evidence = list(finding.evidence)
    by_country: dict[str, list[Observation]] = {}
    for each in evidence:
        by_country.setdefault(each.to.country or "-", []).append(each)
    return {
        "detector": known.id,
        "version": known.version,
        "window": [min(each.started for each in evidence), max(each.ended for each in evidence)],
        "observed": dict(finding.observed),
        "expected": dict(finding.expected),
        "notes": list(finding.notes),
        "destinations": [
            {
                "country": country,
                "tier": legs[0].to.tier,
                "kind": legs[0].to.kind,
                "calls": len(legs),
                "minutes": round(sum(each.seconds for each in legs) / 60, 1),
                "cost": round(sum(each.cost for each in legs), 2),
            }
            for country, legs in sorted(by_country.items())
        ],
        "sample": [each.report_id for each in evidence[:_SAMPLE]],
    }


def _context(leg: Observation, scene: Scene) -> dict[str, object]:
    return {
        "baseline_days": scene.usual.days,
        "outside_office_hours": leg.quiet,
        "unusual_hour": scene.unusual_hour,
        "new_device": scene.new_device,
        "in_campaign": scene.in_campaign,
        "unfamiliarity": round(scene.unfamiliarity, 3) if leg.to.country else 0.0,
    }
