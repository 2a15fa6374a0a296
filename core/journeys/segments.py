"""What each participant of a call did when, to scale: ring, talk, hold, transfer and wait as bars in time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.journeys.model import PEOPLE, SERVICES, Journey, Kind, Reason, Stage
from core.journeys.participants import CALLER_KEY, Cast, Participant
from core.journeys.stages import RINGS


class Doing(StrEnum):
    """What a bar stands for; the text of each stands under ``journey_page.doing``."""

    RING = "ring"
    TALK = "talk"
    HOLD = "hold"
    TRANSFER = "transfer"
    WAIT = "wait"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Segment:
    """One bar of a participant; instants are aware UTC, ``since <= until``, both inside the call."""

    participant: str
    doing: Doing
    since: datetime
    until: datetime

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.until - self.since).total_seconds()


@dataclass(frozen=True, slots=True)
class Segments:
    """The rows and bars of one call; ``missing`` are the instants at which a record is lacking."""

    started: datetime
    ended: datetime
    participants: tuple[Participant, ...]
    bars: tuple[Segment, ...]
    missing: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class StageTimes:
    """A stage in three instants: the phone started to ring (or the service was reached), somebody took it, left."""

    rang: datetime
    taken: datetime
    left: datetime


_TRANSFERS = (Reason.TRANSFER, Reason.CONSULT_TRANSFER)
_WAITS = SERVICES | {Kind.PARK, Kind.CONTACT_CENTER, Kind.PAGING, Kind.SERVICE}


def times_of_stage(stage: Stage, source: Stage | None, journey: Journey) -> StageTimes:
    """When the stage rang, was taken and was left; ``source`` is the stage the call came from.

    Behind a queue or hunt group ``entered`` is the answer, elsewhere the first ring (``model.Stage``).
    """
    ring = timedelta(seconds=stage.ring_seconds)
    behind = source is not None and source.kind in (Kind.QUEUE, Kind.HUNT_GROUP)
    if stage.answered and behind and stage.reason in RINGS:
        return StageTimes(max(stage.entered - ring, journey.started), stage.entered, stage.left)
    if not stage.answered:
        return StageTimes(stage.entered, stage.left, stage.left)
    return StageTimes(stage.entered, min(stage.entered + ring, stage.left), stage.left)


def segments_of(journey: Journey) -> Segments:
    """The bars of a call, by participant and time; pure, the same for every order of its legs."""
    cast = Cast(journey)
    bars = [*_of_caller(journey, cast), *_of_stages(journey, cast), *_of_rings(journey, cast)]
    rows = {participant.key: row for row, participant in enumerate(cast.participants)}
    bars.sort(key=lambda bar: (rows[bar.participant], bar.since, bar.until, bar.doing))
    missing = tuple(sorted(min(max(gap.at, journey.started), journey.ended) for gap in journey.gaps))
    return Segments(journey.started, journey.ended, cast.participants, tuple(bars), missing)


def _of_stages(journey: Journey, cast: Cast) -> Iterator[Segment]:
    for position, stage in enumerate(journey.stages):
        key = cast.of_stage(position)
        if key == CALLER_KEY:
            continue
        times = times_of_stage(stage, cast.source_of(stage)[1], journey)
        yield from _bars(key, stage, times, Doing.RING)


def _of_rings(journey: Journey, cast: Cast) -> Iterator[Segment]:
    for ring in journey.rings:
        key = cast.of_ring(ring)
        since = min(max(ring.at, journey.started), journey.ended)
        until = min(since + timedelta(seconds=ring.seconds), journey.ended)
        if key is not None and key != CALLER_KEY and until > since:
            yield Segment(key, Doing.RING, since, until)


def _of_caller(journey: Journey, cast: Cast) -> Iterator[Segment]:
    """What the caller lived through: no two bars at once, as one person has one ear."""
    heard: list[Segment] = []
    for stage in journey.stages:
        if stage.reason is Reason.CONSULT or stage.kind in (Kind.SUPERVISOR, Kind.CALLBACK):
            continue
        times = times_of_stage(stage, cast.source_of(stage)[1], journey)
        ringing = Doing.TRANSFER if stage.reason in _TRANSFERS else Doing.RING
        heard += _bars(CALLER_KEY, stage, times, ringing)
    heard.sort(key=lambda bar: (bar.doing not in (Doing.TALK, Doing.HOLD), bar.since, bar.until))
    taken: list[Segment] = []
    for bar in heard:
        taken += _free_parts(bar, taken)
    yield from taken


def _free_parts(bar: Segment, taken: list[Segment]) -> list[Segment]:
    """What is left of a bar where the bars before it already stand."""
    free = [(bar.since, bar.until)]
    for other in taken:
        free = [
            part
            for since, until in free
            for part in ((since, min(until, other.since)), (max(since, other.until), until))
            if part[0] < part[1]
        ]
    return [Segment(bar.participant, bar.doing, since, until) for since, until in free]


def _bars(key: str, stage: Stage, times: StageTimes, ringing: Doing) -> list[Segment]:
    if stage.kind in _WAITS:
        found = [Segment(key, Doing.WAIT, times.rang, times.left)]
    elif stage.kind not in PEOPLE and stage.kind is not Kind.SUPERVISOR:
        found = [Segment(key, Doing.MESSAGE, times.rang, times.left)]
    else:
        talked = times.left - times.taken
        held = min(timedelta(seconds=stage.hold_seconds), talked)
        found = [
            Segment(key, ringing, times.rang, times.taken),
            Segment(key, Doing.TALK, times.taken, times.left - held),
            Segment(key, Doing.HOLD, times.left - held, times.left),
        ]
    return [bar for bar in found if bar.until > bar.since]
