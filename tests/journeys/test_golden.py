"""Every kind of call, whatever the order in which its legs arrive."""

import random
from typing import Any

import pytest

from core.journeys.legs import legs_from_records
from core.journeys.model import Journey
from core.journeys.rebuild import rebuild
from core.journeys.written import journey_json
from tests.journeys.golden import GOLDEN, Golden
from tests.journeys.golden_variants import VARIANTS
from tests.journeys.sequences import STORED


def _told(journey: Journey, name: str) -> Any:
    if name == "kinds":
        return [str(stage.kind) for stage in journey.stages]
    if name == "reasons":
        return [str(stage.reason) for stage in journey.stages]
    if name == "sources":
        by_report = {stage.report_id: stage.name for stage in journey.stages}
        return [by_report.get(stage.source) for stage in journey.stages]
    if name == "rings":
        return [ring.name for ring in journey.rings]
    if name == "ring_count":
        return len(journey.rings)
    if name == "gap_kinds":
        return [str(gap.kind) for gap in journey.gaps]
    if name == "members":
        return len(journey.report_ids)
    if name == "correlations":
        return len(journey.correlation_ids)
    if name == "park_seconds":
        return sum(stage.seconds for stage in journey.stages if stage.kind == "park")
    return journey_json(journey)[name]


@pytest.mark.parametrize("golden", [*GOLDEN, *VARIANTS], ids=lambda golden: golden.name)
def test_the_call_is_told_as_it_went(golden: Golden) -> None:
    journey = rebuild(legs_from_records(golden.records, stored_at=STORED))
    assert {name: _told(journey, name) for name in golden.expected} == golden.expected


@pytest.mark.parametrize("golden", [*GOLDEN, *VARIANTS], ids=lambda golden: golden.name)
def test_the_order_of_arrival_does_not_matter(golden: Golden) -> None:
    legs = legs_from_records(golden.records, stored_at=STORED)
    first = rebuild(legs)
    chance = random.Random(golden.name)
    for _ in range(6):
        chance.shuffle(legs)
        assert rebuild(legs) == first
