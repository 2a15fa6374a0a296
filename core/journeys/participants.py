"""Who and what took part in a call: one line of the ladder and one row of the segments each."""

from dataclasses import dataclass

from core.journeys.model import PEOPLE, Journey, Kind, Party, Reason, Ring, Stage

MOST_PARTICIPANTS = 10
"""A queue may ring hundreds of phones; the phones beyond this many are told as a number, not as lines."""

_ONE_PERSON = PEOPLE | {Kind.SUPERVISOR}
CALLER_KEY = "caller"


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody or something on a call. ``role`` is a stage's kind, or ``caller``; ``key`` names it in the call."""

    key: str
    role: str
    name: str
    number: str


class Cast:
    """The participants of one call in the order in which they come up: the caller, the stages, who only rang."""

    def __init__(self, journey: Journey) -> None:
        self._by_key: dict[str, Participant] = {}
        self._key_of_stage: list[str] = []
        self._by_report: dict[str, tuple[str, Stage]] = {}
        caller = journey.caller
        self._aliases = {_identity(caller): CALLER_KEY} if caller.label or caller.uuid else {}
        self._add(CALLER_KEY, CALLER_KEY, caller.name, caller.number)
        for stage in journey.stages:
            key = self._key(stage)
            self._add(key, str(stage.kind), stage.name, stage.number)
            self._key_of_stage.append(key)
            self._by_report.setdefault(stage.report_id, (key, stage))
        self.unnamed_rings = sum(not self._invite(ring) for ring in journey.rings)
        self._stages = journey.stages

    @property
    def participants(self) -> tuple[Participant, ...]:
        """All of them, the caller first."""
        return tuple(self._by_key.values())

    def of_stage(self, position: int) -> str:
        """The key of the participant of the stage at ``position``."""
        return self._key_of_stage[position]

    def of_ring(self, ring: Ring) -> str | None:
        """The key of the participant whose phone rang; ``None`` when it has no line of its own."""
        key = self._person(Party(ring.name, ring.number, ring.uuid), ring.report_id)
        return key if key in self._by_key else None

    def source_of(self, stage: Stage) -> tuple[str, Stage | None]:
        """Where the call came from to a stage: the participant and its stage, or the caller."""
        own = self._by_report.get(stage.report_id)
        if own is not None and own[1] is not stage:
            return own
        return self._by_report.get(stage.source, (CALLER_KEY, None))

    def rang_by(self, ring: Ring) -> str:
        """Who rang the phone: the service of that name which the call had reached, else the caller."""
        reached = [
            key
            for key, stage in zip(self._key_of_stage, self._stages, strict=True)
            if ring.service and ring.service in (stage.name, stage.number) and stage.entered <= ring.at
        ]
        return reached[-1] if reached else CALLER_KEY

    def of_report(self, report_id: str) -> str:
        """The participant a record is about, as far as it leads to a stage; else the caller."""
        found = self._by_report.get(report_id)
        return found[0] if found is not None else CALLER_KEY

    def _invite(self, ring: Ring) -> bool:
        key = self._person(Party(ring.name, ring.number, ring.uuid), ring.report_id)
        if key not in self._by_key and len(self._by_key) >= MOST_PARTICIPANTS:
            return False
        self._add(key, str(Kind.USER), ring.name, ring.number)
        return True

    def _add(self, key: str, role: str, name: str, number: str) -> None:
        self._by_key.setdefault(key, Participant(key, role, name, number))

    def _key(self, stage: Stage) -> str:
        if stage.kind in _ONE_PERSON:
            return self._person(Party(stage.name, stage.number, stage.uuid), stage.report_id)
        if stage.kind is Kind.PARK and stage.reason is Reason.PARK:
            return str(Kind.PARK)
        return f"{stage.kind} {stage.uuid or stage.number or stage.name}"

    def _person(self, party: Party, report_id: str) -> str:
        identity = _identity(party) or f"record {report_id}"
        return self._aliases.get(identity, identity)


def _identity(party: Party) -> str:
    known = party.uuid or party.number or party.name
    return f"person {known}" if known else ""
