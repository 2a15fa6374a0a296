"""Calls of one hop come out of the short way exactly as out of the long one."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.calls.normalise import normalise_records
from core.journeys.legs import LEG_COLUMNS, Leg, legs_from_records, legs_from_table
from core.journeys.rebuild import rebuild, rebuild_all
from core.journeys.single_hop import SingleHops
from core.sandbox.founding import build_world
from core.sandbox.traffic import Traffic
from tests.journeys.sequences import STORED
from tests.journeys.test_properties import LEGS

Record = dict[str, Any]


def _paired(first: Record, second: Record) -> list[Record]:
    lone = {"Related call ID": "", "Transfer related call ID": "", "Transfer type": ""}
    told = {"Answered": "true"}
    made = {"Report ID": "r1", "Direction": "ORIGINATING", "Local call ID": "1:0", "Remote call ID": "2:0"}
    taken = {"Report ID": "r2", "Direction": "TERMINATING", "Local call ID": "2:0", "Remote call ID": "1:0"}
    return [told | first | lone | made, told | second | lone | taken]


@settings(max_examples=150, deadline=None)
@given(record=LEGS, others=st.lists(LEGS, max_size=3))
def test_one_record(record: Record, others: list[Record]) -> None:
    short = SingleHops()
    for one in (record, *others, record | {"Duration": 61, "Release time": ""}):
        legs = legs_from_records([one | {"Report ID": "r", "Remote call ID": ""}], stored_at=STORED)
        for leg in legs:
            found = short.of_one(leg)
            assert found is None or found == rebuild([leg])


@settings(max_examples=150, deadline=None)
@given(first=LEGS, second=LEGS)
def test_the_two_records_of_a_leg(first: Record, second: Record) -> None:
    short = SingleHops()
    for records in (_paired(first, second), _paired(second, first)):
        legs = legs_from_records(records, stored_at=STORED)
        if len(legs) < 2:
            continue
        expected = rebuild(legs)
        for order in (legs, legs[::-1]):
            found = short.of_two(*order)
            assert found is None or found == expected


def test_the_traffic_of_a_working_day() -> None:
    records = [leg.record for leg in Traffic(build_world(7, 60)).day(date(2026, 9, 8))]
    table = normalise_records(records, source="import", stored_at=STORED).table.select(list(LEG_COLUMNS))
    legs = {leg.report_id: leg for leg in legs_from_table(table)}
    short, quick = SingleHops(), 0
    for journey in rebuild_all(table):
        members = [legs[report] for report in journey.report_ids]
        assert journey == rebuild(members)
        quick += _is_quick(short, members)
    assert quick > 0.5 * len({leg.correlation_id for leg in legs.values()})


def _is_quick(short: SingleHops, legs: list[Leg]) -> bool:
    if len(legs) > 2:
        return False
    return (short.of_one(*legs) if len(legs) == 1 else short.of_two(*legs)) is not None
