"""How a call ended: whether a person took it, who, which way it crossed the network, and who hung up."""

from core.calls.outcomes import BUSY_REASONS, NOBODY_CAME_REASONS
from core.journeys.causes import CallTree
from core.journeys.kinds import ELSEWHERE, POST_REDIRECTION, is_inbound, is_off_net, rings_own_mobile
from core.journeys.legs import Leg, folded
from core.journeys.model import ATTENDANTS, SERVICES, Direction, Kind, Party, Reason, ReleasedBy, Result
from core.journeys.pairing import Hop
from core.journeys.stages import Course

_TAKES_FOR_GOOD = (Kind.CONTACT_CENTER, Kind.PAGING)
"""Services in which the call is where it should be, although no leg shows a person."""

_BUSY = frozenset(folded(reason) for reason in BUSY_REASONS)
_NOBODY_CAME = frozenset(folded(reason) for reason in NOBODY_CAME_REASONS)


def direction_of(tree: CallTree) -> Direction:
    """Where the call crossed to the public network (docs/call-records.md, step 8).

    A queue calling its caller back, and a mobile network leg to a person's own phone, do not send a call out.
    """
    came_in = went_out = False
    for hop in tree.hops:
        if hop.target is not None and is_inbound(hop.target):
            came_in = True
        if hop.origin is not None and is_off_net(hop.origin) and not _returns(hop):
            went_out = True
    if came_in:
        return Direction.TROMBONED if went_out else Direction.INBOUND
    if went_out or any(hop.kind is Kind.CALLBACK for hop in tree.hops):
        return Direction.OUTBOUND
    return Direction.INTERNAL


def _returns(hop: Hop) -> bool:
    if hop.reason is Reason.CALLBACK:
        return True
    return hop.origin is not None and hop.target is None and rings_own_mobile(hop.origin)


def caller_of(tree: CallTree) -> Party:
    """Who called: the maker of the first leg, or whoever that leg shows as calling."""
    return caller_between(tree.root.origin, tree.root.target, by_service=_made_by_service(tree.root))


def caller_between(origin: Leg | None, target: Leg | None, *, by_service: bool) -> Party:
    """Who called, by the two records of a first leg; ``by_service`` says that a service made it."""
    if origin is not None:
        number = origin.calling_number or origin.user_number or (target.calling_number if target else None)
        if by_service or origin.related_call_id:
            return Party(origin.calling_line_id or "", number or "", "")
        return Party(origin.user or origin.calling_line_id or "", number or "", origin.user_uuid or "")
    if target is None:
        return Party()
    return Party(target.calling_line_id or "", target.calling_number or "", "")


MADE_BY_SERVICE = (Reason.QUEUE, Reason.HUNT_GROUP, Reason.ATTENDANT)
"""Reasons of legs whose maker is a service, so that the caller is somebody before it."""


def _made_by_service(hop: Hop) -> bool:
    return hop.reason in MADE_BY_SERVICE or (hop.parent is not None and hop.parent.kind in SERVICES)


def called_of(tree: CallTree) -> Party:
    """Whom the caller meant to reach: the number of the first leg and who answers to it."""
    return called_between(tree.root.origin, tree.root.target)


def called_between(origin: Leg | None, target: Leg | None) -> Party:
    """Whom the caller meant to reach, by the two records of a first leg."""
    number = (origin.called_number if origin is not None else None) or (
        target.called_number if target is not None else None
    )
    if target is not None:
        return Party(
            target.user or target.called_line_id or "", number or target.user_number or "", target.user_uuid or ""
        )
    if origin is None:
        return Party()
    return Party(origin.called_line_id or "", number or origin.dialed_digits or "", "")


def entry_between(origin: Leg | None, target: Leg | None) -> str:
    """The trunk or network a first leg came in by; empty for a call of our own."""
    if target is None or origin is not None:
        return ""
    return target.inbound_trunk or ("PSTN" if target.call_type == "sipinbound" else "")


def final_hop(tree: CallTree, caller: Party) -> Hop | None:
    """The last person the call came to and who took it (docs/call-records.md, step 7); ``None`` if nobody did."""
    human = [hop for hop in tree.hops if hop.human]
    taken = [hop for hop in human if hop.kind is not Kind.CALLBACK] or human
    others = [hop for hop in taken if not hop.side_call and not _same(hop.reached, caller)] or taken
    last = [hop for hop in others if not any(child in others for child in hop.children)] or others
    if not last:
        return None
    return max(last, key=lambda hop: (hop.answer or hop.start, hop.order))


def _same(party: Party, other: Party) -> bool:
    if party.uuid and other.uuid:
        return party.uuid == other.uuid
    return bool(party.number) and party.number == other.number


def result_of(tree: CallTree, course: Course, final: Hop | None) -> Result:
    """How the call ended for the caller."""
    if final is not None and not _callback_failed(tree, final):
        return Result.ANSWERED
    if any(hop.kind is Kind.VOICEMAIL and hop.answered for hop in tree.hops):
        return Result.VOICEMAIL
    if _answered_out_of_sight(tree):
        return Result.ANSWERED
    last = last_hop(course)
    if last.kind is Kind.QUEUE and (last.answered or _unanswered(last) is Result.ABANDONED_RINGING):
        return Result.ABANDONED_QUEUE
    if _overflowed_to(last):
        return Result.OVERFLOWED
    if last.kind in ATTENDANTS and (last.answered or _unanswered(last) is Result.ABANDONED_RINGING):
        return Result.ABANDONED_ATTENDANT
    if last.answered and last.kind in _TAKES_FOR_GOOD:
        return Result.ANSWERED
    return Result.ABANDONED_ATTENDANT if last.answered and last.kind is Kind.SERVICE else _unanswered(last)


def overflowed(tree: CallTree) -> bool:
    """Whether the call left a queue for another destination without an agent of it answering."""
    return any(hop.reason is Reason.OVERFLOW for hop in tree.hops)


def last_hop(course: Course) -> Hop:
    """The hop of the stage the call was in last."""
    for span in reversed(course.spans):
        if span.kind is not Kind.SUPERVISOR and not span.hop.side_call:
            return span.hop
    return course.spans[-1].hop


def _callback_failed(tree: CallTree, final: Hop) -> bool:
    returned = [hop for hop in tree.hops if hop.kind is Kind.CALLBACK]
    return final.reason is Reason.CALLBACK and bool(returned) and not any(hop.answered for hop in returned)


def _answered_out_of_sight(tree: CallTree) -> bool:
    """Whether a record speaks of an answer that no record shows: somebody took the call, nobody knows who."""
    for hop in tree.hops:
        if hop.is_person and not hop.children:
            for leg in hop.legs:
                redirected = leg.answered and leg.answer_indicator == POST_REDIRECTION
                if redirected or leg.answered_elsewhere in ELSEWHERE:
                    return True
    return False


def _overflowed_to(hop: Hop | None) -> bool:
    while hop is not None:
        if hop.reason is Reason.OVERFLOW:
            return True
        hop = hop.parent
    return False


def _unanswered(hop: Hop) -> Result:
    """Why nobody took it: the first of the two records that says more than that it was not answered."""
    for leg in hop.legs:
        result = _by_outcome(leg)
        if result is not Result.ABANDONED_RINGING:
            return result
    return Result.ABANDONED_RINGING


def _by_outcome(leg: Leg) -> Result:
    reason = leg.call_outcome_reason
    if reason in _BUSY:
        return Result.BUSY
    if leg.call_outcome == "failure":
        return Result.FAILED
    if leg.call_outcome == "refusal" and reason not in _NOBODY_CAME:
        return Result.REFUSED
    return Result.ABANDONED_RINGING


def released_by(course: Course, final: Hop | None) -> ReleasedBy:
    """Who hung up first, as the records of the last leg tell it."""
    hop = final if final is not None else last_hop(course)
    far = ReleasedBy.CALLED if hop.is_person else ReleasedBy.SYSTEM
    for leg in (hop.main, *hop.legs):
        receiving = leg is hop.target or hop.by_origin
        if leg.releasing_party == "local":
            return far if receiving else ReleasedBy.CALLER
        if leg.releasing_party == "remote":
            return ReleasedBy.CALLER if receiving else far
    return ReleasedBy.UNKNOWN


def talking(tree: CallTree) -> list[Hop]:
    """The hops whose answered time is human talk: each leg once, nobody who only listened or was called back."""
    taken = [hop for hop in tree.hops if hop.human and hop.kind is not Kind.SUPERVISOR]
    agents = [hop for hop in taken if hop.kind is not Kind.CALLBACK]
    return agents or taken


def ringing_us(tree: CallTree) -> int:
    """How long a phone rang for the call, phones that rang together counted once."""
    rung = sorted(
        (hop.start, hop.start + hop.ring_us) for hop in tree.hops if hop.is_person and hop.kind not in SERVICES
    )
    total, until = 0, -1
    for start, end in rung:
        total += max(0, end - max(start, until))
        until = max(until, end)
    return total
