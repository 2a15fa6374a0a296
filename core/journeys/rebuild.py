"""A call out of its legs, in whatever order they came; and all calls out of a table of legs."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa

from core.detection.rates import ContractTariff
from core.journeys import outcome
from core.journeys.causes import CallTree, call_tree
from core.journeys.cost import cost_of
from core.journeys.grouping import group_labels
from core.journeys.kinds import rings_own_mobile, was_answered
from core.journeys.legs import Leg, legs_from_table
from core.journeys.model import ATTENDANTS, NOBODY, OUR_PEOPLE, Journey, Kind, instant
from core.journeys.pairing import Hop, hops_of
from core.journeys.single_hop import SingleHops
from core.journeys.stages import Course, course_of, ring_of, seconds, stage_of

_LEGS_AT_A_TIME = 50_000


def rebuild(legs: list[Leg], tariff: ContractTariff | None = None) -> Journey:
    """The one call that ``legs`` (at least one) belong to; the same for every order of them.

    Legs that only woke a phone (``PushNotificationRetrieval``) or fed a recorder are members, no part of the course.
    Never raises for what a leg holds. Its cost is by ``tariff``, else by the product's own prices.
    """
    ordered = sorted(legs, key=_canonical) if len(legs) > 1 else legs
    told = [leg for leg in ordered if not _is_beside(leg) and not _is_own_mobile(leg, ordered)] or ordered
    tree = call_tree(hops_of(told))
    return _journey(ordered, tree, course_of(tree), tariff)


def rebuild_all(table: pa.Table, tariff: ContractTariff | None = None) -> Iterator[Journey]:
    """Every call of a table with ``LEG_COLUMNS``, one row a Report ID, ordered by their first leg's position.

    Costs are by ``tariff``, else by the product's own prices.
    """
    labels = group_labels(table)
    order = np.argsort(labels, kind="stable")
    labels = labels[order]
    bounds = np.flatnonzero(np.diff(labels)) + 1
    starts = np.concatenate(([0], bounds, [len(labels)])) if len(labels) else np.zeros(1, np.int64)
    first, single = 0, SingleHops(tariff)
    while first < len(starts) - 1:
        last = int(np.searchsorted(starts, starts[first] + _LEGS_AT_A_TIME, side="right")) - 1
        last = min(max(last, first + 1), len(starts) - 1)
        offset = int(starts[first])
        legs = legs_from_table(table.take(pa.array(order[offset : int(starts[last])])))
        edges = (starts[first : last + 1] - offset).tolist()
        for begin, end in pairwise(edges):
            yield _quickly(legs, begin, end, single) or rebuild(legs[begin:end], tariff)
        first = last


def _quickly(legs: list[Leg], begin: int, end: int, single: SingleHops) -> Journey | None:
    if end - begin == 1:
        return single.of_one(legs[begin])
    return single.of_two(legs[begin], legs[begin + 1]) if end - begin == 2 else None


def _is_beside(leg: Leg) -> bool:
    """Whether a leg only woke a sleeping phone, or only fed a recorder."""
    if leg.related_reason == "callrecording":
        return leg.originating and leg.related_call_id is not None
    return leg.related_reason == "pushnotificationretrieval"


def _is_own_mobile(leg: Leg, legs: list[Leg]) -> bool:
    """Whether a leg is the way by which its maker took the call that another record shows them taking."""
    return (
        leg.originating
        and rings_own_mobile(leg)
        and any(
            other.local_call_id == leg.related_call_id and other.party == leg.party and was_answered(other)
            for other in legs
        )
    )


def _canonical(leg: Leg) -> tuple[int, bool, str]:
    return leg.start_time, leg.originating, leg.report_id


def _journey(members: list[Leg], tree: CallTree, course: Course, tariff: ContractTariff | None) -> Journey:
    caller = outcome.caller_of(tree)
    final = outcome.final_hop(tree, caller)
    stages = tuple([stage_of(span) for span in course.spans])
    queues = tuple([stage.seconds for stage in stages if stage.kind is Kind.QUEUE])
    attended = [stage.seconds for stage in stages if stage.kind in ATTENDANTS]
    talkers = outcome.talking(tree)
    origins = {hop.origin.report_id: hop.origin for hop in tree.hops if hop.origin is not None}
    return Journey(
        journey_id=_first([leg.correlation_id for leg in members]) or members[0].report_id,
        correlation_ids=_distinct([leg.correlation_id for leg in members]),
        interaction_ids=_distinct([leg.interaction_id for leg in members]),
        report_ids=tuple([leg.report_id for leg in members]),
        started=instant(course.started),
        ended=instant(course.ended),
        direction=outcome.direction_of(tree),
        caller=caller,
        called=outcome.called_of(tree),
        entry=outcome.entry_between(tree.root.origin, tree.root.target),
        location=_first([leg.location for leg in members]),
        site_uuid=_first([leg.site_uuid for leg in members]),
        org_uuid=_first([leg.org_uuid for leg in members]),
        stages=stages,
        rings=tuple([ring_of(hop) for hop in course.rings]),
        gaps=tuple(tree.gaps),
        t_aa=round(sum(attended), 3) if attended else None,
        t_queues=queues,
        t_agent=_agent_seconds(talkers),
        ring_seconds=seconds(outcome.ringing_us(tree)),
        talk_seconds=seconds(sum([hop.talk_us for hop in talkers])),
        hold_seconds=seconds(sum([min(hop.hold_us, hop.talk_us) for hop in talkers])),
        final=final.reached if final is not None else NOBODY,
        result=outcome.result_of(tree, course, final),
        overflowed=outcome.overflowed(tree),
        released_by=outcome.released_by(course, final),
        cost=cost_of(origins.values(), tariff),
    )


def _agent_seconds(talkers: list[Hop]) -> float | None:
    agents = [hop.talk_us for hop in talkers if hop.kind in OUR_PEOPLE]
    return seconds(sum(agents)) if agents else None


def _distinct(values: list[str | None]) -> tuple[str, ...]:
    if len(values) == 1:
        return (values[0],) if values[0] else ()
    return tuple(dict.fromkeys(value for value in values if value))


def _first(values: list[str | None]) -> str:
    for value in values:
        if value:
            return value
    return ""
