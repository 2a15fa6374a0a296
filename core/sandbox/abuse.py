"""Incidents: which kinds there are, when each is likely, who suffers it, and the label that says so.

Everything is decided by the seed, the kind, the start and the strength, so an incident can be made again at will.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Any, Literal

from core.sandbox import abuse_inbound, abuse_outbound
from core.sandbox.legs import Leg, Templates
from core.sandbox.randomness import named_uuid, stream
from core.sandbox.scene import Scene, local_instant
from core.sandbox.working_days import is_employed
from core.sandbox.world import Person, Service, World


@dataclass(frozen=True)
class Kind:
    """A kind of abuse: how to write it, the local hours it begins in, and whom it concerns."""

    write: Callable[[Scene, Any], None]
    hours: tuple[float, float]
    entity: Literal["user", "location", "queue"] = "user"
    days_it_lasts: int = 1


_NIGHT, _DAYTIME, _EVENING, _MORNING = (22.5, 26.0), (9.0, 15.5), (18.0, 20.5), (9.0, 11.0)

KINDS: dict[str, Kind] = {
    "irsf_burst": Kind(abuse_outbound.irsf_burst, _NIGHT),
    "slow_drip": Kind(abuse_outbound.slow_drip, _EVENING, days_it_lasts=4),
    "premium": Kind(abuse_outbound.premium, _EVENING),
    "caribbean": Kind(abuse_outbound.caribbean, _DAYTIME),
    "satellite": Kind(abuse_outbound.satellite, _DAYTIME),
    "wangiri": Kind(abuse_inbound.wangiri, _MORNING, "location"),
    "mass_dialling": Kind(abuse_outbound.mass_dialling, _DAYTIME),
    "robodial": Kind(abuse_outbound.robodial, _DAYTIME),
    "sequential_dialling": Kind(abuse_outbound.sequential_dialling, _EVENING),
    "scan": Kind(abuse_inbound.scan, _DAYTIME, "location"),
    "forwarding": Kind(abuse_inbound.forwarding, _EVENING),
    "tdos": Kind(abuse_inbound.tdos, _DAYTIME, "queue"),
    "code_guessing": Kind(abuse_outbound.code_guessing, _NIGHT),
    "concurrency": Kind(abuse_outbound.concurrency, _NIGHT),
    "long_calls": Kind(abuse_outbound.long_calls, _EVENING),
    "new_device": Kind(abuse_outbound.new_device, _NIGHT),
    "after_hours": Kind(abuse_outbound.after_hours, _NIGHT),
}


@dataclass(frozen=True)
class Plan:
    """An incident before it is written; ``known_from`` (ms) is when its records may first be stored."""

    kind: str
    start: int
    strength: float
    victim: int
    known_from: int = 0


@dataclass(frozen=True)
class Incident:
    """An incident with its records. ``entity`` is a user's or queue's UUID, or a location's."""

    id: str
    kind: str
    entity: str
    entity_kind: str
    location: str
    strength: float
    started: datetime
    ended: datetime
    known_from: int
    legs: tuple[Leg, ...]

    @property
    def report_ids(self) -> tuple[str, ...]:
        """The records that are the incident's, by report time."""
        return tuple(leg.record["Report ID"] for leg in self.legs)

    def label(self) -> dict[str, Any]:
        """The truth about it, as written beside an exported history; times in epoch seconds."""
        return {
            "id": self.id,
            "kind": self.kind,
            "entity": self.entity,
            "entity_kind": self.entity_kind,
            "location": self.location,
            "strength": self.strength,
            "started": self.started.timestamp(),
            "ended": self.ended.timestamp(),
            "report_ids": list(self.report_ids),
        }


def write_incident(world: World, templates: Templates, plan: Plan) -> Incident:
    """The incident of ``plan``; ``plan.victim`` is a person's index, or for a flooded queue the queue's position."""
    kind = KINDS[plan.kind]
    draw = stream(world.seed, "incident", plan.kind, plan.start, plan.victim, plan.strength)
    scene = Scene(world, templates, draw, plan.start, plan.strength)
    concerned = _queues(world)[plan.victim] if kind.entity == "queue" else world.people[plan.victim]
    kind.write(scene, concerned)
    legs = tuple(scene.legs())
    return Incident(
        id=named_uuid(world.seed, "incident id", plan.kind, plan.start, plan.victim),
        kind=plan.kind,
        entity=concerned.site.uuid if kind.entity == "location" else concerned.uuid,
        entity_kind="location" if kind.entity == "location" else "user",
        location=concerned.site.uuid,
        strength=plan.strength,
        started=datetime.fromtimestamp(min(leg.start for leg in legs) / 1000, UTC),
        ended=datetime.fromtimestamp(max(leg.report for leg in legs) / 1000, UTC),
        known_from=plan.known_from,
        legs=legs,
    )


def plan_incident(world: World, kind: str, day: date, draw: Random, strength: float = 1.0) -> Plan:
    """An incident of that kind beginning on ``day``, at an hour that suits it, with a victim that suits it."""
    victim = draw_victim(world, kind, day, draw)
    concerned = _queues(world)[victim] if KINDS[kind].entity == "queue" else world.people[victim]
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    start = local_instant(concerned.site, midnight, draw.uniform(*KINDS[kind].hours))
    return Plan(kind, start, strength, victim)


def draw_victim(world: World, kind: str, day: date, draw: Random) -> int:
    """Whom an incident of that kind hits: nobody whose ordinary work looks like it."""
    if KINDS[kind].entity == "queue":
        return draw.randrange(len(_queues(world)))
    fit = [person.index for person in world.people if _suits(person, kind, day)]
    return draw.choice(fit or [world.administrator.index])


def _suits(person: Person, kind: str, day: date) -> bool:
    if not person.is_human or not person.direct_number or not is_employed(person, day):
        return False
    if kind in {"mass_dialling", "robodial", "concurrency"}:
        return person.department not in {"Collections", "Customer Support"}
    if kind in {"after_hours", "irsf_burst"}:
        return not person.traits & {"night", "on_call"}
    return True


def _queues(world: World) -> list[Service]:
    return [service for service in world.services if service.user_type.startswith("CallCenter")]


def find_victim(world: World, kind: str, uuid: str) -> int | None:
    """The number of the victim with that UUID, if an incident of that kind can hit it."""
    candidates: list[Person] | list[Service] = _queues(world) if KINDS[kind].entity == "queue" else list(world.people)
    return next((at for at, each in enumerate(candidates) if each.uuid == uuid), None)
