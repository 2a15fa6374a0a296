"""What a call was for each queue, agent and phone on its way: the stays that figures of queues and agents count."""

from enum import StrEnum
from typing import NamedTuple

from core.journeys.model import OUR_PEOPLE, PEOPLE, SERVICES, Journey, Kind, Reason, Stage
from core.journeys.route import entry_label

BEHIND_QUEUE = (Reason.QUEUE, Reason.HUNT_GROUP, Reason.PICKUP)
"""Reasons by which a person takes a call out of a queue or hunt group."""


class QueueEnd(StrEnum):
    """How a call left a queue or hunt group; the text of each stands under ``journeys.queue_end``."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    REFUSED = "refused"


class QueueStay(NamedTuple):
    """One call in one queue or hunt group: its name, its kind, seconds of waiting, how it left, who took it."""

    queue: str
    kind: str
    wait: float
    end: str
    agent: str


class AgentStay(NamedTuple):
    """One answer of one of our people: UUID, name, the queue it was for (or empty), seconds of talk, hold and ring."""

    agent: str
    name: str
    queue: str
    talk: float
    hold: float
    ring: float


class MissedRing(NamedTuple):
    """A phone that rang for a queue or group in vain; ``elsewhere`` when another one took the call."""

    agent: str
    name: str
    queue: str
    seconds: float
    elsewhere: bool


def queue_stays(journey: Journey) -> list[QueueStay]:
    """The stays of a call in queues and hunt groups, in order."""
    return [
        _queue_stay(stage, [other for other in journey.stages if other.source == stage.report_id], journey)
        for stage in journey.stages
        if stage.kind in (Kind.QUEUE, Kind.HUNT_GROUP)
    ]


def agent_stays(journey: Journey) -> list[AgentStay]:
    """The answers of our people, in order."""
    queues = {stage.report_id: stage for stage in journey.stages if stage.kind in (Kind.QUEUE, Kind.HUNT_GROUP)}
    return [
        AgentStay(
            stage.uuid or stage.number,
            stage.name,
            _label(queues.get(stage.source)),
            stage.talk_seconds,
            stage.hold_seconds,
            stage.ring_seconds,
        )
        for stage in journey.stages
        if stage.kind in OUR_PEOPLE and stage.answered and (stage.uuid or stage.number)
    ]


def missed_rings(journey: Journey) -> list[MissedRing]:
    """The phones of our people that rang for a queue or group and did not take the call."""
    return [
        MissedRing(ring.uuid or ring.number, ring.name, ring.service, ring.seconds, ring.elsewhere)
        for ring in journey.rings
        if ring.reason in BEHIND_QUEUE and ring.service and (ring.uuid or ring.number)
    ]


def flow(journey: Journey) -> list[str]:
    """The way of a call through services as ``kind|name`` texts: where it came in, each service, how it ended.

    Our own people are one place, so that a picture of many calls shows ways and not names.
    """
    places = [f"entry|{entry_label(journey)}"]
    for stage in journey.stages:
        place = _place(stage)
        if place is not None and place != places[-1]:
            places.append(place)
    places.append(f"result|{journey.result}")
    return places


def _place(stage: Stage) -> str | None:
    if stage.reason is Reason.CONSULT or stage.kind in (Kind.SUPERVISOR, Kind.CALLBACK):
        return None
    if stage.kind in SERVICES:
        return f"{stage.kind}|{_label(stage)}"
    if stage.kind in OUR_PEOPLE:
        return "people|"
    return f"{stage.kind}|"


def _queue_stay(stage: Stage, onward: list[Stage], journey: Journey) -> QueueStay:
    taker = next(
        (other for other in onward if other.answered and other.kind in PEOPLE and other.reason in BEHIND_QUEUE), None
    )
    end = QueueEnd.ANSWERED if taker is not None else _end(stage, onward, journey)
    return QueueStay(_label(stage), str(stage.kind), stage.seconds, str(end), taker.uuid if taker is not None else "")


def _end(stage: Stage, onward: list[Stage], journey: Journey) -> QueueEnd:
    if any(other.reason is Reason.CALLBACK for other in onward):
        return QueueEnd.CALLBACK
    if any(other.kind is Kind.VOICEMAIL for other in onward):
        return QueueEnd.VOICEMAIL
    if onward:
        return QueueEnd.OVERFLOWED
    if not stage.answered and str(journey.result) in ("busy", "refused", "failed"):
        return QueueEnd.REFUSED
    return QueueEnd.ABANDONED


def _label(stage: Stage | None) -> str:
    return "" if stage is None else stage.name or stage.number
