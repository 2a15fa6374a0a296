"""One call found among the records by whatever a person has of it, and the calls beside it."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from core.calls.normalise import normalise_records
from core.calls.table import CallTable
from core.errors import InvalidInputError, NotFoundError
from core.journeys.legs import legs_from_records
from core.journeys.lookup import JourneyLookup
from core.journeys.rebuild import rebuild
from tests.calls.records import leg, uuid_of
from tests.journeys.golden import GOLDEN
from tests.journeys.sequences import ANN, BOB, CUSTOMER, NINE, STORED, inbound, pair, rebuilt

DAY = NINE.date()
CONSULTED = next(golden.records for golden in GOLDEN if golden.name == "transfer after a consultation")
QUEUED = next(golden.records for golden in GOLDEN if golden.name == "queue, two agents ring at once, one answers")
HOUR = 3600


def store(table: CallTable, records: list[dict[str, Any]]) -> None:
    table.append(normalise_records(records, source="import", stored_at=STORED).table)


@pytest.fixture
def table(tmp_path: Path) -> CallTable:
    """A table of calls with a hundred others of the days around."""
    opened = CallTable(tmp_path / "calls")
    store(opened, [leg(number, start=NINE + timedelta(hours=number - 50)) for number in range(1, 101)])
    return opened


def ids(records: list[dict[str, Any]]) -> set[str]:
    return {record[key] for record in records for key in ("Report ID", "Correlation ID", "Interaction ID")} - {""}


@pytest.mark.parametrize("day", [None, DAY, DAY + timedelta(days=1), date(2020, 1, 1)])
def test_every_id_of_a_call_leads_to_all_of_it(table: CallTable, day: date | None) -> None:
    store(table, CONSULTED)
    wanted = rebuild(legs_from_records(CONSULTED, stored_at=STORED))
    lookup = JourneyLookup(table)
    for any_id in ids(CONSULTED):
        found = lookup.one(any_id, day)
        assert found.journey == wanted
        assert {one["report_id"] for one in found.records} == set(wanted.report_ids)
        assert [one["start_time"] for one in found.records] == sorted(one["start_time"] for one in found.records)
        assert all(one["start_time"].tzinfo is UTC for one in found.records)


def test_a_leg_that_arrives_late_is_in_at_once(table: CallTable) -> None:
    store(table, QUEUED[:1])
    lookup = JourneyLookup(table)
    first = QUEUED[0]["Report ID"]
    assert lookup.one(first, DAY).journey.result == "abandoned_queue"
    store(table, QUEUED[1:])
    assert lookup.one(first, DAY).journey == rebuilt(QUEUED)


def test_a_call_across_midnight_is_one(table: CallTable) -> None:
    late = datetime(2026, 11, 19, 23, 59, 50, tzinfo=UTC)
    call = uuid_of("across")
    later = late + timedelta(seconds=30)
    store(table, [leg(901, start=late, Correlation_ID=call), leg(902, start=later, Correlation_ID=call)])
    for number in (901, 902):
        assert len(JourneyLookup(table).one(uuid_of(f"report {number}")).records) == 2


@pytest.mark.parametrize("unknown", ["", " ", "NA", "0000-0000", uuid_of("nobody"), "x" * 5000, "' OR 1=1 --"])
def test_what_names_no_call_is_not_found(table: CallTable, unknown: str) -> None:
    with pytest.raises(NotFoundError):
        JourneyLookup(table).one(unknown)


def test_an_empty_table_has_no_call(tmp_path: Path) -> None:
    lookup = JourneyLookup(CallTable(tmp_path / "none"))
    with pytest.raises(NotFoundError):
        lookup.one(uuid_of("nobody"), DAY)
    assert lookup.of_number("300", NINE) == []


def test_calls_of_a_number_come_nearest_first(table: CallTable) -> None:
    for call, at in (("near", 600), ("far", 5000), ("before", -1200), ("outside", 3 * HOUR)):
        store(table, [inbound(ANN, f"n{at}", at, at + 60, at + 5, call=call)])
    found = JourneyLookup(table).of_number(CUSTOMER, NINE)
    assert [brief.call_id for brief in found] == [uuid_of(f"correlation {call}") for call in ("near", "before", "far")]
    assert {brief.calling for brief in found} == {CUSTOMER}
    assert found[0].started == NINE + timedelta(seconds=600)


def test_an_extension_finds_its_calls(table: CallTable) -> None:
    store(table, pair(ANN, BOB, ("10", "11"), 0, 65, 5))
    assert [brief.call_id for brief in JourneyLookup(table).of_number("202", NINE)] == [uuid_of("correlation c1")]


def test_what_is_no_number_is_refused(table: CallTable) -> None:
    with pytest.raises(InvalidInputError):
        JourneyLookup(table).of_number("'; DROP", NINE)


def test_a_moment_at_the_ends_of_time_is_refused(table: CallTable) -> None:
    for moment in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=timezone(-timedelta(hours=5)))):
        with pytest.raises(InvalidInputError):
            JourneyLookup(table).of_number("202", moment)


def test_the_callers_previous_and_next_call_and_the_agents_others(table: CallTable) -> None:
    for call, at in (("before", -2 * HOUR), ("c1", 0), ("after", 2 * HOUR), ("later", 3 * HOUR)):
        store(table, [inbound(ANN, f"n{at}", at, at + 60, at + 5, call=call)])
    store(table, [inbound(ANN, "other", 1800, 1900, 1805, call="other", calling="+573009998877")])
    lookup = JourneyLookup(table)
    around = lookup.beside(lookup.one(uuid_of("correlation c1"), DAY).journey)
    assert around.previous
    assert around.next
    assert around.previous.call_id == uuid_of("correlation before")
    assert around.next.call_id == uuid_of("correlation after")
    assert [brief.call_id for brief in around.of_agent] == [uuid_of("correlation other")]


def test_of_our_own_people_only_the_calls_they_made_count(table: CallTable) -> None:
    store(table, pair(ANN, BOB, ("10", "11"), 0, 65, 5))
    store(table, [inbound(ANN, "in", 100, 160, 105, call="received")])
    store(table, pair(ANN, BOB, ("20", "21"), 400, 465, 405, call="made"))
    lookup = JourneyLookup(table)
    around = lookup.beside(lookup.one(uuid_of("correlation c1"), DAY).journey)
    assert around.previous is None
    assert around.next
    assert around.next.call_id == uuid_of("correlation made")


def test_a_caller_without_number_has_no_neighbours(table: CallTable) -> None:
    store(table, [inbound(ANN, "hidden", 0, 60, 5, calling="")])
    lookup = JourneyLookup(table)
    around = lookup.beside(lookup.one(uuid_of("correlation c1"), DAY).journey)
    assert (around.previous, around.next) == (None, None)
