"""Which hop of a call led to which, and why: the tree that orders a call by cause, not by clock.

Edges come from Related call ID and Transfer related call ID; where a record lacks them (or its parent is missing)
from the redirecting party and from who was on the call at that moment. No hop is its own ancestor, whatever the
ids say.
"""

from dataclasses import dataclass

from core.journeys.kinds import FORWARDS, came_by_redirect, kind_of
from core.journeys.legs import SECOND, Leg
from core.journeys.model import SERVICES, Gap, GapKind, Kind, Reason, instant
from core.journeys.pairing import Hop

_ON_NET_OF_SERVICES = {Reason.QUEUE: Kind.QUEUE, Reason.HUNT_GROUP: Kind.HUNT_GROUP}
_FROM_OUTSIDE = (Reason.PICKUP, Reason.PARK_RETRIEVE, Reason.BARGE_IN, Reason.MONITORING)
"""Reasons by which somebody joins who was not on the call before."""

_MOVES = (Reason.TRANSFER, Reason.PARK)
_BY_RECEPTIONIST = (Reason.AI_INTENT, Reason.AI_DEFAULT)
_SKEW_US = 2 * SECOND


@dataclass
class CallTree:
    """The hops of one call in order, their causes, the hop the call began with, and what is missing."""

    hops: list[Hop]
    root: Hop
    gaps: list[Gap]


def call_tree(hops: list[Hop]) -> CallTree:
    """Give each hop its parent and its reason in the light of it. ``hops`` are in canonical order, not empty."""
    if len(hops) == 1:
        hop = hops[0]
        gaps = _Linker(hops).gaps_of(hop)
        if hop.by_origin and hop.target is not None:
            hop.as_dialled()
        return CallTree(hops, hop, gaps)
    for hop in hops:
        if _taken_from_maker(hop, hops):
            hop.taken_by_target()
    linker = _Linker(hops)
    linker.link()
    root = _root(hops)
    if root.by_origin and root.target is not None:
        root.as_dialled()
    for hop in hops:
        hop.reason = _reason_after(hop)
        _name_receptionist(hop)
    for hop in hops:
        if hop.human and hop.children and hop.kind is not Kind.EXTERNAL and _sent_on(hop):
            hop.answered, hop.answer = False, None
        _close_at_transfer(hop)
    return CallTree(hops, root, [gap for hop in hops for gap in linker.gaps_of(hop)])


def _taken_from_maker(hop: Hop, hops: list[Hop]) -> bool:
    """Whether the call had come to the maker of a leg before, so that it was fetched from them by its target."""
    if not hop.by_origin or hop.target is None or hop.origin is None:
        return False
    maker, taker = hop.origin.party, hop.target.party
    rung = {other.target.party for other in hops if other is not hop and other.target is not None}
    return maker is not None and maker in rung and taker not in rung


def _name_receptionist(hop: Hop) -> None:
    """Only the leg that a receptionist hands on tells that it was one."""
    above = hop.parent
    if above is not None and above.kind in (Kind.SERVICE, Kind.ATTENDANT) and hop.reason in _BY_RECEPTIONIST:
        above.kind = Kind.AI_RECEPTIONIST


def _root(hops: list[Hop]) -> Hop:
    roots = [hop for hop in hops if hop.parent is None]
    return min(roots, key=lambda hop: (hop.start // SECOND, hop.missing_parent, not hop.children, hop.order))


class _Linker:
    def __init__(self, hops: list[Hop]) -> None:
        self._hops = hops
        self._received: dict[str, list[Hop]] = {}
        self._made: dict[str, list[Hop]] = {}
        for hop in hops:
            if hop.target is not None and hop.target.local_call_id:
                self._received.setdefault(hop.target.local_call_id, []).append(hop)
            if hop.origin is not None and hop.origin.local_call_id:
                self._made.setdefault(hop.origin.local_call_id, []).append(hop)

    def link(self) -> None:
        for hop in self._hops:
            self._by_related_id(hop)
        for hop in self._hops:
            self._by_transfer_id(hop)
        for hop in self._hops:
            if hop.parent is None:
                self._by_redirect(hop)
        for hop in self._hops:
            if hop.parent is None:
                self._by_presence(hop)

    def gaps_of(self, hop: Hop) -> list[Gap]:
        """The records that this hop's records point to and that nobody sent."""
        gaps = []
        for leg in hop.legs:
            other_end = hop.origin if leg is hop.target else hop.target
            if leg.remote_call_id and other_end is None and hop.kind is not Kind.VOICEMAIL:
                kind = GapKind.TERMINATING if leg.originating else GapKind.ORIGINATING
                gaps.append(_gap(kind, leg.remote_call_id, leg))
            if leg.related_call_id and not self._holders(leg.related_call_id):
                gaps.append(_gap(GapKind.PARENT, leg.related_call_id, leg))
            if leg.transfer_related_call_id and not self._holders(leg.transfer_related_call_id):
                gaps.append(_gap(GapKind.TRANSFER_PARTNER, leg.transfer_related_call_id, leg))
        return gaps

    def _holders(self, call_id: str) -> list[Hop]:
        return [*self._received.get(call_id, []), *self._made.get(call_id, [])]

    def _by_related_id(self, hop: Hop) -> None:
        leg = hop.origin if hop.origin is not None else hop.target
        if leg is None or not leg.related_call_id:
            return
        holders = [other for other in self._holders(leg.related_call_id) if other is not hop]
        if not holders:
            hop.missing_parent = True
            return
        _adopt(min(holders, key=lambda other: (other.target is None, abs(other.start - hop.start), other.order)), hop)

    def _by_transfer_id(self, hop: Hop) -> None:
        """An attended transfer: of the two calls the one made later came from the earlier one."""
        for leg in hop.legs:
            if not leg.transfer_related_call_id:
                continue
            for other in self._holders(leg.transfer_related_call_id):
                earlier, later = (hop, other) if hop.order < other.order else (other, hop)
                if later.parent is None and earlier is not later and _adopt(earlier, later):
                    later.reason = Reason.CONSULT_TRANSFER

    def _by_redirect(self, hop: Hop) -> None:
        """The latest earlier hop that led to the party which sent the call on."""
        leg = hop.origin if hop.origin is not None else hop.target
        if leg is None or not (came_by_redirect(leg) or hop.reason is not Reason.DIALLED or _by_service(leg)):
            return
        before = [other for other in self._hops if other is not hop and other.start <= hop.start + _SKEW_US]
        service = _ON_NET_OF_SERVICES.get(hop.reason)
        for found in (
            [] if hop.reason in _FROM_OUTSIDE else [other for other in before if _led_to_maker(other, leg)],
            [other for other in before if _led_to_redirector(other, leg)],
            [other for other in before if other.kind is service],
        ):
            for other in sorted(found, key=lambda other: other.order, reverse=True):
                if _adopt(other, hop):
                    return
        if not (hop.target is not None and hop.target.call_type == "sipinbound") and came_by_redirect(leg):
            hop.missing_parent = True

    def _by_presence(self, hop: Hop) -> None:
        """A plain call by somebody who was on this call just then: a consultation, or a conference."""
        if hop.kind is Kind.SUPERVISOR:
            self._by_listening(hop)
            return
        maker = hop.origin
        if maker is None or hop.by_origin or maker.party is None:
            return
        for other in reversed(self._hops):
            if other is hop or other.start > hop.start or other.end < hop.start:
                continue
            if other.human and maker.party in _people_of(other) and _adopt(other, hop):
                hop.reason = Reason.CONSULT_TRANSFER if _handed_over(other, hop) else Reason.CONSULT
                hop.side_call = hop.reason is Reason.CONSULT
                return

    def _by_listening(self, hop: Hop) -> None:
        """A supervisor joins the conversation of whom they dialled, else the one that was held just then."""
        held = [other for other in self._hops if other.human and other.start <= hop.start <= other.end]
        dialled = {leg.called_number for leg in hop.legs} | {leg.user_number for leg in hop.legs}
        named = [other for other in held if {other.main.user_number, other.main.called_number} & (dialled - {None})]
        for other in reversed(named or held):
            if _adopt(other, hop):
                return


def _adopt(parent: Hop, child: Hop) -> bool:
    """Make one hop the cause of the other unless it descends from it."""
    ancestor: Hop | None = parent
    while ancestor is not None:
        if ancestor is child:
            return False
        ancestor = ancestor.parent
    child.parent = parent
    parent.children.append(child)
    return True


def _by_service(leg: Leg) -> bool:
    return leg.originating and kind_of(leg) in SERVICES


def _led_to_maker(other: Hop, leg: Leg) -> bool:
    return leg.originating and other.target is not None and leg.party is not None and other.target.party == leg.party


def _led_to_redirector(other: Hop, leg: Leg) -> bool:
    if other.target is None:
        return False
    if leg.redirecting_party_uuid and leg.redirecting_party_uuid == other.target.user_uuid:
        return True
    number = leg.redirecting_number
    return bool(number) and number in (other.target.user_number, other.target.called_number)


def _people_of(hop: Hop) -> set[str]:
    return {leg.party for leg in hop.legs if leg.party}


def _handed_over(parent: Hop, consult: Hop) -> bool:
    """Whether the one who consulted left the call by a transfer after having made the second call."""
    moved = [leg.call_transfer_time for hop in (parent, consult) for leg in hop.legs if leg.call_transfer_time]
    return any(consult.start <= at for at in moved)


def _reason_after(hop: Hop) -> Reason:
    """The reason of a hop once it is known what it came from."""
    parent = hop.parent
    if hop.kind is Kind.CALLBACK or _is_callback(hop):
        return Reason.CALLBACK
    if parent is None or hop.reason in (Reason.AI_INTENT, Reason.AI_DEFAULT):
        return hop.reason
    if parent.kind in (Kind.ATTENDANT, Kind.AI_RECEPTIONIST):
        return Reason.ATTENDANT
    if parent.kind is Kind.QUEUE:
        rings_agent = hop.is_person and hop.kind is not Kind.EXTERNAL and hop.reason in (Reason.QUEUE, Reason.DIALLED)
        return Reason.QUEUE if rings_agent else _out_of_queue(hop)
    if parent.kind is Kind.HUNT_GROUP and hop.reason is Reason.DIALLED:
        return Reason.HUNT_GROUP
    if hop.reason is Reason.DIALLED:
        return Reason.TRANSFER if parent.human else Reason.FORWARD
    return hop.reason


def _out_of_queue(hop: Hop) -> Reason:
    keeps = hop.reason in (Reason.CALLBACK, Reason.BARGE_IN, Reason.MONITORING, Reason.PICKUP)
    return hop.reason if keeps else Reason.OVERFLOW


def _is_callback(hop: Hop) -> bool:
    """Whether a queue rings an agent for a caller who has left it (docs/call-records.md, rules of thumb)."""
    origin = hop.origin
    if origin is None or kind_of(origin) is not Kind.QUEUE:
        return False
    if origin.related_reason == "unrecognised":
        return hop.parent is None or hop.start >= hop.parent.end
    above = hop.parent
    return above is not None and above.kind is Kind.QUEUE and above.answered and hop.start > above.end + _SKEW_US


def _close_at_transfer(hop: Hop) -> None:
    """A blind transfer or a park ends the part of who made it, also where Call transfer time is missing."""
    if not hop.human or hop.answer is None or any(leg.call_transfer_time for leg in hop.legs):
        return
    moves = [
        child.start for child in hop.children if child.reason in (Reason.TRANSFER, Reason.PARK) and not child.side_call
    ]
    if moves:
        hop.end = max(min(hop.end, min(moves)), hop.answer)


def _gap(kind: GapKind, call_id: str, leg: Leg) -> Gap:
    return Gap(kind, call_id, leg.report_id, instant(leg.start_time))


def _sent_on(hop: Hop) -> bool:
    """Whether a redirect of this hop's party, and not the party, brought the answer."""
    return any(
        child.reason in FORWARDS and not child.side_call and (child.answered or _sent_on(child))
        for child in hop.children
    )
