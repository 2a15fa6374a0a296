"""The stages of a call, from its tree of hops: where it was, from when to when, and which phones only rang."""

from dataclasses import dataclass

from core.journeys.causes import CallTree
from core.journeys.kinds import ELSEWHERE
from core.journeys.model import SERVICES, Kind, Reason, Ring, Stage, instant
from core.journeys.pairing import Hop

RINGS = (
    Reason.QUEUE,
    Reason.HUNT_GROUP,
    Reason.SIMULTANEOUS_RING,
    Reason.SEQUENTIAL_RING,
    Reason.FIND_ME,
    Reason.EXECUTIVE,
    Reason.CALLBACK,
)
"""Reasons that ring several phones for one call; those that did not take it are rings, not stages."""

_BESIDE = (Kind.SUPERVISOR, Kind.CALLBACK)
_TAKES_BACK = (Reason.PARK_RETRIEVE, Reason.RECALL)


@dataclass(frozen=True, slots=True)
class Span:
    """A stage in the making: its hop and its bounds in microseconds since 1970."""

    hop: Hop
    entered: int
    left: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Course:
    """Bounds of the call and its stages in the order in which they were entered; the rings beside them."""

    started: int
    ended: int
    spans: list[Span]
    rings: list[Hop]


def course_of(tree: CallTree) -> Course:
    """Lay the hops of a call out in time."""
    started = min(hop.start for hop in tree.hops)
    ended = max(max(hop.end, *(leg.release_time or 0 for leg in hop.legs)) for hop in tree.hops)
    if len(tree.hops) == 1:
        alone = [_span(tree.root, tree, started, ended)]
        return Course(started, ended, [*alone, *_parked(alone, ended)], [])
    rings = [hop for hop in tree.hops if _only_rang(hop, tree)]
    passed = {id(hop) for hop in rings}
    staged = [hop for hop in tree.hops if id(hop) not in passed]
    if not staged:
        staged = [tree.root]
        rings = [hop for hop in rings if hop is not tree.root]
    spans = [_span(hop, tree, started, ended) for hop in staged]
    spans += _parked(spans, ended)
    spans.sort(key=lambda span: (span.entered, _depth(span.hop), span.hop.order, span.kind is Kind.PARK))
    return Course(started, ended, spans, rings)


def _only_rang(hop: Hop, tree: CallTree) -> bool:
    if hop.answered or hop.children or not hop.is_person or hop.kind is Kind.CALLBACK:
        return False
    if hop.reason in RINGS:
        return True
    if any(leg.answered_elsewhere in ELSEWHERE for leg in hop.legs):
        return True
    siblings = hop.parent.children if hop.parent is not None else tree.hops if hop.shared else []
    return any(
        other is not hop and other.human and other.start < hop.end and hop.start < other.end and _beside(hop, other)
        for other in siblings
    )


def _beside(hop: Hop, other: Hop) -> bool:
    """Whether two hops rang for the same attempt to reach somebody."""
    if hop.shared or other.shared:
        return hop.origin is other.origin
    return hop.parent is not None and hop.parent is other.parent and not other.side_call


def _span(hop: Hop, tree: CallTree, started: int, ended: int) -> Span:
    entered = min(max(_entered(hop), started), ended)
    left = min(max(_left(hop, tree), entered), ended)
    return Span(hop, entered, left, hop.kind)


def _entered(hop: Hop) -> int:
    if hop.answer is None:
        return hop.start
    behind = hop.parent is not None and hop.parent.kind in (Kind.QUEUE, Kind.HUNT_GROUP)
    by_answer = hop.kind in SERVICES or hop.kind is Kind.VOICEMAIL or (behind and hop.reason in RINGS)
    return hop.answer if by_answer else hop.start


def _left(hop: Hop, tree: CallTree) -> int:
    if hop.kind is Kind.PARK:
        back = [_taken(other) for other in tree.hops if other.reason in _TAKES_BACK and other.start >= hop.start]
        return min(back, default=hop.end)
    onward = [child for child in hop.children if child.kind not in _BESIDE and not child.side_call]
    if hop.kind in SERVICES:
        left = _left_service(hop, onward)
        return left if hop.main.release_time is None else min(left, max(hop.end, _entered(hop)))
    if hop.human or not onward:
        return hop.end
    return min(_taken(child) if child.reason is Reason.PICKUP else child.start for child in onward)


def _left_service(hop: Hop, onward: list[Hop]) -> int:
    onward = [child for child in onward if child.reason is not Reason.CALLBACK]
    taken = [child.answer for child in onward if child.human and child.answer is not None and child.reason in RINGS]
    if taken:
        return min(taken)
    moved = [child.start for child in onward if child.answered or child.children or child.reason not in RINGS]
    if not moved:
        return hop.end
    return max(moved) if hop.kind in (Kind.ATTENDANT, Kind.AI_RECEPTIONIST) else min(moved)


def _taken(hop: Hop) -> int:
    return hop.answer if hop.answer is not None and hop.reason is not Reason.RECALL else hop.start


def _parked(spans: list[Span], ended: int) -> list[Span]:
    """The park of a call whose only sign is the related reason on the leg of the one who parked it."""
    if any(span.kind is Kind.PARK for span in spans):
        return []
    for span in spans:
        leg = span.hop.target
        if leg is None or leg.related_reason != "callpark" or not span.hop.human:
            continue
        back = [_taken(other.hop) for other in spans if other.hop.reason in _TAKES_BACK]
        until = min((at for at in back if at >= span.left), default=ended)
        if until > span.left:
            return [Span(span.hop, span.left, until, Kind.PARK)]
    return []


def _depth(hop: Hop) -> int:
    depth = 0
    above = hop.parent
    while above is not None:
        depth += 1
        above = above.parent
    return depth


def stage_of(span: Span) -> Stage:
    """The stage as it is kept and shown."""
    hop = span.hop
    reached = hop.reached
    synthetic = span.kind is not hop.kind
    lasted = span.left - span.entered
    talk = min(hop.talk_us, lasted) if hop.is_person and not synthetic else 0
    key = hop.main.auto_attendant_key_pressed if hop.target is hop.main else None
    return Stage(
        kind=span.kind,
        name=reached.name,
        number=reached.number,
        uuid=reached.uuid,
        entered=instant(span.entered),
        left=instant(span.left),
        seconds=seconds(lasted),
        ring_seconds=0.0 if synthetic or span.kind in SERVICES else seconds(min(hop.ring_us, hop.end - hop.start)),
        talk_seconds=seconds(talk),
        hold_seconds=seconds(min(hop.hold_us, talk)) if talk else 0.0,
        answered=hop.answered,
        reason=Reason.PARK if synthetic else hop.reason,
        key=key or "",
        report_id=hop.main.report_id,
        source=hop.parent.main.report_id if hop.parent is not None else "",
    )


def ring_of(hop: Hop) -> Ring:
    """A phone that rang in vain, as it is kept and shown."""
    reached = hop.reached
    return Ring(
        name=reached.name,
        number=reached.number,
        uuid=reached.uuid,
        at=instant(hop.start),
        seconds=seconds(hop.ring_us),
        service=hop.parent.reached.label if hop.parent is not None else "",
        reason=hop.reason,
        elsewhere=any(leg.answered_elsewhere in ELSEWHERE for leg in hop.legs),
        report_id=hop.main.report_id,
    )


def seconds(microseconds: int) -> float:
    """Seconds, in whole milliseconds."""
    return microseconds // 1000 / 1000
