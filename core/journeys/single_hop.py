"""Calls of one hop, which most calls are: one record, or the two records of one leg, that point to nothing else.

What such a call is follows from its enumerations alone, and a history holds few sets of those. Each set goes the
general way once; afterwards only the instants, numbers and names of a call are looked at. What comes out is the same
as by ``core.journeys.rebuild.rebuild``.
"""

from dataclasses import dataclass
from datetime import datetime

from core.detection.rates import ContractTariff
from core.journeys.causes import CallTree, call_tree
from core.journeys.cost import cost_of
from core.journeys.kinds import is_mailbox
from core.journeys.legs import Leg
from core.journeys.model import (
    ATTENDANTS,
    NOBODY,
    OUR_PEOPLE,
    PEOPLE,
    SERVICES,
    Direction,
    Journey,
    Kind,
    Party,
    ReleasedBy,
    Result,
    Stage,
    instant,
)
from core.journeys.outcome import (
    MADE_BY_SERVICE,
    called_between,
    caller_between,
    caller_of,
    direction_of,
    entry_between,
    final_hop,
    released_by,
    result_of,
)
from core.journeys.pairing import Hop
from core.journeys.stages import course_of, seconds

_MOST_FORMS = 20_000
_FIRST, _LAST = Leg._fields.index("answered"), Leg._fields.index("wxcc_consult_merge_status") + 1
_BESIDE = ("callrecording", "pushnotificationretrieval")

Form = tuple[object, ...]
"""The enumerations of the records of one hop, and what else decides what it is."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What a form says about a call."""

    hop: Hop
    direction: Direction
    result: Result
    released_by: ReleasedBy


class SingleHops:
    """Rebuilds calls of one hop; remembers the forms it met."""

    def __init__(self, tariff: ContractTariff | None = None) -> None:
        self._tariff = tariff
        self._known: dict[Form, _Known] = {}

    def of_one(self, leg: Leg) -> Journey | None:
        """The call of one record; ``None`` when it must go the general way."""
        if leg.remote_call_id is not None or not _stands_alone(leg):
            return None
        origin, target = (leg, None) if leg.originating else (None, leg)
        return self._journey(origin, target, _form(leg))

    def of_two(self, first: Leg, second: Leg) -> Journey | None:
        """The call of two records; ``None`` when they are not the two ends of one leg, or point to others."""
        origin, target = (first, second) if first.originating else (second, first)
        if (
            not origin.originating
            or target.originating
            or origin.local_call_id is None
            or target.local_call_id is None
            or origin.local_call_id != target.remote_call_id
            or target.local_call_id != origin.remote_call_id
            or not (_stands_alone(origin) and _stands_alone(target))
            or origin.related_reason in _BESIDE
            or target.related_reason in _BESIDE
        ):
            return None
        return self._journey(origin, target, (*_form(origin), *_form(target)))

    def _journey(self, origin: Leg | None, target: Leg | None, form: Form) -> Journey:
        known = self._known.get(form)
        if known is None:
            if len(self._known) >= _MOST_FORMS:
                self._known.clear()
            known = self._known[form] = _learnt(origin, target)
        return _journey(Hop.known(origin, target, known.hop), known, self._tariff)


def _stands_alone(leg: Leg) -> bool:
    return (
        leg.related_call_id is None
        and leg.transfer_related_call_id is None
        and leg.answered is not None
        and leg.transfer_type is None
        and leg.related_reason != "callpark"
        and leg.start_time >= 0
    )


def _form(leg: Leg) -> Form:
    mailbox = leg.originating and is_mailbox(leg)
    return (*leg[_FIRST:_LAST], leg.outbound_trunk is None, leg.auto_attendant_key_pressed is None, mailbox)


def _learnt(origin: Leg | None, target: Leg | None) -> _Known:
    hop = Hop(origin, target)
    tree: CallTree = call_tree([hop])
    course = course_of(tree)
    final = final_hop(tree, caller_of(tree))
    return _Known(hop, direction_of(tree), result_of(tree, course, final), released_by(course, final))


def _journey(hop: Hop, known: _Known, tariff: ContractTariff | None) -> Journey:
    first, last = _members(hop)
    kind, reached, person = hop.kind, hop.reached, hop.kind in PEOPLE
    human = person and hop.answered
    ring = seconds(hop.ring_us)
    talk = hop.talk_us if human else 0
    held = hop.hold_us if human else 0
    started, left = instant(hop.start), instant(hop.end)
    ended = max(hop.end, first.release_time or 0, last.release_time or 0)
    stage = _stage(hop, reached, (started, left), (ring, talk, held))
    calls = _distinct(first.correlation_id, last.correlation_id)
    return Journey(
        calls[0] if calls else first.report_id,
        calls,
        _distinct(first.interaction_id, last.interaction_id),
        (first.report_id,) if first is last else (first.report_id, last.report_id),
        started,
        left if ended == hop.end else instant(ended),
        known.direction,
        caller_between(hop.origin, hop.target, by_service=hop.reason in MADE_BY_SERVICE),
        called_between(hop.origin, hop.target),
        entry_between(hop.origin, hop.target),
        first.location or last.location or "",
        first.site_uuid or last.site_uuid or "",
        first.org_uuid or last.org_uuid or "",
        (stage,),
        (),
        (),
        round(stage.seconds, 3) if kind in ATTENDANTS else None,
        (stage.seconds,) if kind is Kind.QUEUE else (),
        seconds(talk) if human and kind in OUR_PEOPLE else None,
        ring if person else 0.0,
        seconds(talk),
        seconds(min(held, talk)),
        reached if human else NOBODY,
        known.result,
        False,
        known.released_by,
        cost_of((hop.origin,), tariff),
    )


def _members(hop: Hop) -> tuple[Leg, Leg]:
    """The first and the last record in canonical order; the same one twice where there is but one."""
    origin, target = hop.origin, hop.target
    if origin is None or target is None:
        return hop.main, hop.main
    return (origin, target) if origin.start_time < target.start_time else (target, origin)


def _stage(hop: Hop, reached: Party, extent: tuple[datetime, datetime], times: tuple[float, int, int]) -> Stage:
    kind, started, entered = hop.kind, extent[0], hop.start
    if hop.answer is not None and (kind in SERVICES or kind is Kind.VOICEMAIL):
        entered = hop.answer
        started = instant(entered)
    lasted = hop.end - entered
    ring, talk, held = times
    talk = min(talk, lasted)
    return Stage(
        kind,
        *reached,
        started,
        extent[1],
        seconds(lasted),
        0.0 if kind in SERVICES else ring,
        seconds(talk),
        seconds(min(held, talk)) if talk else 0.0,
        hop.answered,
        hop.reason,
        (hop.main.auto_attendant_key_pressed or "") if hop.target is hop.main else "",
        hop.main.report_id,
        "",
    )


def _distinct(first: str | None, last: str | None) -> tuple[str, ...]:
    if first is None or first == last or last is None:
        found = first or last
        return (found,) if found else ()
    return (first, last)
