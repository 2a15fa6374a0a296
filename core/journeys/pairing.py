"""From legs to hops: the records of the two ends of one leg brought together, and what is missing named."""

from collections.abc import Iterable
from typing import Self

from core.journeys.kinds import (
    POST_REDIRECTION,
    is_mailbox,
    is_off_net,
    joins_by_originating,
    kind_of,
    reason_of,
    rings_own_mobile,
    was_answered,
)
from core.journeys.legs import SECOND, Leg
from core.journeys.model import PEOPLE, Kind, Party, Reason


class Hop:
    """One attempt to reach one party: the record of who made the leg, of who received it, or both."""

    __slots__ = (
        "answer", "answered", "by_origin", "children", "end", "kind", "legs", "main", "missing_parent", "origin",
        "parent", "reason", "shared", "side_call", "start", "target",
    )  # fmt: skip

    def __init__(self, origin: Leg | None, target: Leg | None, shared: bool = False) -> None:
        """``shared`` says that the same originating record rang other ends too."""
        self.origin = origin
        self.target = target
        self.shared = shared
        self.parent: Hop | None = None
        self.children: list[Hop] = []
        self.missing_parent = False
        self.side_call = False
        self.legs = _present(target, origin)
        self.start = min(leg.start_time for leg in self.legs) if len(self.legs) > 1 else self.legs[0].start_time
        self.by_origin = origin is not None and joins_by_originating(origin)
        self.by_origin = self.by_origin or (target is None and origin is not None and rings_own_mobile(origin))
        self._settle(reason_of(origin, target))

    @classmethod
    def known(cls, origin: Leg | None, target: Leg | None, form: "Hop") -> Self:
        """A hop of which kind, reason and answer are those of ``form``, whose legs hold the same enumerations."""
        hop = cls.__new__(cls)
        hop.origin, hop.target, hop.shared = origin, target, False
        hop.parent, hop.children, hop.missing_parent, hop.side_call = None, [], False, False
        hop.legs = _present(target, origin)
        hop.start = min(leg.start_time for leg in hop.legs) if len(hop.legs) > 1 else hop.legs[0].start_time
        hop.by_origin, hop.reason, hop.kind, hop.answered = form.by_origin, form.reason, form.kind, form.answered
        leg = target if form.main is form.target else origin
        assert leg is not None  # noqa: S101 - the form has a record at the same end
        hop.main = leg
        hop._place_in_time(_instant_of_answer(leg) if form.answered else None)
        return hop

    def _settle(self, reason: Reason) -> None:
        self.reason = reason
        leg = self.origin if self.by_origin or self.target is None else self.target
        assert leg is not None  # noqa: S101 - a hop is only made from at least one record
        self.main = leg
        self.kind = _kind(self)
        self.answered = _was_taken(leg, leg is self.target)
        self._place_in_time(_instant_of_answer(leg) if self.answered else None)

    def _place_in_time(self, answer: int | None) -> None:
        self.end = max(self.main.end, self.start)
        self.answer = None if answer is None else min(max(answer, self.start), self.end)

    def taken_by_target(self) -> None:
        """The maker of the leg is who it was taken from, and its target the one who joined."""
        self.by_origin = False
        self._settle(self.reason)

    def as_dialled(self) -> None:
        """Take the hop as a plain call: the service its records name touched it, it did not make it."""
        self.by_origin = False
        self._settle(Reason.DIALLED)

    @property
    def order(self) -> tuple[int, int, str]:
        """Place among the hops of a call: by time, receiving services first, then by id."""
        return self.start, 0 if self.origin is None else 1, self.main.report_id

    @property
    def is_person(self) -> bool:
        """Whether an answer here is a human one."""
        return self.kind in PEOPLE

    @property
    def human(self) -> bool:
        """Whether a person took the leg."""
        return self.answered and self.kind in PEOPLE

    @property
    def reached(self) -> Party:
        """Who the hop leads to."""
        leg = self.main
        beyond = self.kind is Kind.EXTERNAL and self.origin is not None
        if (self.target is not None and not beyond) or self.by_origin:
            number = leg.user_number or (leg.called_number if leg is self.target else leg.calling_number)
            return Party(leg.user or "", number or "", leg.user_uuid or "")
        leg = self.origin or leg
        return Party(leg.called_line_id or "", leg.called_number or leg.dialed_digits or "", "")

    @property
    def ring_us(self) -> int:
        """How long it rang."""
        told = self.main.ring_duration
        if told is None and self.origin is not None:
            told = self.origin.ring_duration
        if told is not None and told >= 0:
            return min(told * SECOND, self.end - self.start)
        return (self.answer if self.answer is not None else self.end) - self.start

    @property
    def talk_us(self) -> int:
        """How long it was answered, to the transfer if there was one."""
        if not self.answered or self.answer is None:
            return 0
        told = self.main.duration
        spanned = self.end - self.answer
        return min(told * SECOND, spanned) if told else spanned

    @property
    def hold_us(self) -> int:
        """How long either end had the other on hold."""
        return max([leg.hold_duration or 0 for leg in self.legs]) * SECOND


def _present(target: Leg | None, origin: Leg | None) -> tuple[Leg, ...]:
    if target is None:
        return () if origin is None else (origin,)
    return (target,) if origin is None else (target, origin)


def hops_of(legs: list[Leg]) -> list[Hop]:
    """The hops of one call; every given leg is in at least one. ``legs`` are in canonical order."""
    if len(legs) == 1:
        leg = legs[0]
        return [Hop(leg, None) if leg.originating else Hop(None, leg)]
    origins = [leg for leg in legs if leg.originating]
    targets = [leg for leg in legs if not leg.originating]
    if not origins or not targets:
        return sorted((Hop(leg, None) if leg.originating else Hop(None, leg) for leg in legs), key=_order)
    partner = _partners(origins, targets)
    used: dict[str, int] = {}
    for origin in partner.values():
        used[origin.report_id] = used.get(origin.report_id, 0) + 1
    hops = [Hop(leg, None) for leg in origins if leg.report_id not in used]
    for leg in targets:
        found = partner.get(leg.report_id)
        hops.append(Hop(found, leg, shared=found is not None and used[found.report_id] > 1))
    hops.sort(key=_order)
    return hops


def _order(hop: Hop) -> tuple[int, int, str]:
    return hop.order


def _partners(origins: list[Leg], targets: list[Leg]) -> dict[str, Leg]:
    """The originating record of each terminating one, by report id of the latter (docs/call-records.md, step 3).

    A cross match of Local and Remote call ID both ways wins over one way, that over an equal Network call ID, and that
    over two records without such ids that tell of the same leg.
    """
    by_local = _index((leg.local_call_id, leg) for leg in origins)
    by_remote = _index((leg.remote_call_id, leg) for leg in origins)
    by_network = _index((leg.network_call_id, leg) for leg in origins)
    partner: dict[str, Leg] = {}
    claimed: set[str] = set()
    for want_both in (True, False):
        for leg in targets:
            if leg.report_id in partner:
                continue
            named = by_local.get(leg.remote_call_id or "", [])
            naming = by_remote.get(leg.local_call_id or "", [])
            candidates = [other for other in named if other in naming]
            if not want_both and leg.call_type != "sipinbound":
                candidates = [*named, *naming]
            found = _nearest(leg, candidates)
            if found is not None:
                partner[leg.report_id] = found
                claimed.add(found.report_id)
    for leg in targets:
        if leg.report_id in partner:
            continue
        free = [other for other in by_network.get(leg.network_call_id or "", []) if other.report_id not in claimed]
        found = _nearest(leg, free) or _alike(leg, origins, claimed)
        if found is not None:
            partner[leg.report_id] = found
            claimed.add(found.report_id)
    return partner


def _alike(leg: Leg, origins: list[Leg], claimed: set[str]) -> Leg | None:
    """The record of the other end by what both tell of the leg, where ids to pair them by are missing."""
    if leg.remote_call_id is not None or leg.call_type == "sipinbound":
        return None
    numbers = {leg.called_number, leg.user_number} - {None}
    return _nearest(
        leg,
        [
            other
            for other in origins
            if other.report_id not in claimed
            and other.remote_call_id is None
            and (other.network_call_id is None or leg.network_call_id is None)
            and abs(other.start_time - leg.start_time) <= SECOND
            and was_answered(other) == was_answered(leg)
            and (other.called_number in numbers or other.dialed_digits in numbers)
            and other.party != leg.party
            and not is_off_net(other)
        ],
    )


def _index(pairs: Iterable[tuple[str | None, Leg]]) -> dict[str, list[Leg]]:
    found: dict[str, list[Leg]] = {}
    for key, leg in pairs:
        if key:
            found.setdefault(key, []).append(leg)
    return found


def _nearest(leg: Leg, candidates: list[Leg]) -> Leg | None:
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    return min(candidates, key=lambda other: (abs(other.start_time - leg.start_time), other.report_id))


def _kind(hop: Hop) -> Kind:
    if hop.reason in (Reason.BARGE_IN, Reason.MONITORING):
        return Kind.SUPERVISOR
    if hop.reason is Reason.PARK and hop.origin is not None and hop.origin.related_reason == "callpark":
        return Kind.PARK
    if hop.by_origin:
        return kind_of(hop.main)
    if hop.target is None:
        return _kind_of_called(hop.main)
    kind = kind_of(hop.target)
    return Kind.VOICEMAIL if kind is Kind.USER and hop.origin is not None and is_mailbox(hop.origin) else kind


def _kind_of_called(origin: Leg) -> Kind:
    """What an originating record without its other end leads to."""
    if is_mailbox(origin):
        return Kind.VOICEMAIL
    if origin.related_reason == "unrecognised" and kind_of(origin) is Kind.QUEUE and is_off_net(origin):
        return Kind.CALLBACK
    if is_off_net(origin):
        return Kind.EXTERNAL
    return Kind.VOICEMAIL if kind_of(origin) is Kind.VOICEMAIL else Kind.USER


def _was_taken(leg: Leg, receiving: bool) -> bool:
    """Whether the leg was answered; an answer after a redirect was not the redirecting party's."""
    return was_answered(leg) and not (receiving and leg.answer_indicator == POST_REDIRECTION)


def _instant_of_answer(leg: Leg) -> int:
    """When an answered leg was answered, also where no record says so."""
    if leg.answer_time is not None:
        return leg.answer_time
    if leg.release_time is None:
        return leg.start_time
    return max(leg.start_time, leg.release_time - (leg.duration or 0) * SECOND)
