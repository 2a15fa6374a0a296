"""Finding calls: by any id, by number and time, and in lists a page at a time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.calls.normalise import normalise_records
from core.clock import SteppedClock
from core.errors import InvalidInputError
from core.journeys.filters import JourneyFilter
from core.journeys.legs import LEG_COLUMNS
from core.journeys.model import Journey
from core.journeys.query import JourneyQueries
from core.journeys.rebuild import rebuild_all
from core.journeys.table import JourneyTable
from tests.calls.records import uuid_of
from tests.conftest import NOON
from tests.journeys.golden import GOLDEN, SERVICES
from tests.journeys.sequences import ANN, CUSTOMER, HAVANA, NINE, STORED, inbound
from tests.journeys.tenant import distinct_calls

EARLY = NINE - timedelta(hours=5)


def _journeys() -> list[Journey]:
    """The golden calls at nine, and one call an hour of the five days before."""
    records: list[dict[str, Any]] = [record for golden in distinct_calls(GOLDEN) for record in golden.records]
    for hour in range(120):
        at = -3600.0 * (hour + 1)
        records.append(inbound(ANN, f"7{hour}", at, at + 60, at + 5, call=f"hour {hour}"))
    table = normalise_records(records, source="import", stored_at=STORED).table
    return list(rebuild_all(table.select(list(LEG_COLUMNS))))


@pytest.fixture(scope="module")
def journeys() -> list[Journey]:
    return _journeys()


@pytest.fixture(scope="module")
def queries(journeys: list[Journey], tmp_path_factory: pytest.TempPathFactory) -> JourneyQueries:
    folder: Path = tmp_path_factory.mktemp("journeys")
    table = JourneyTable(folder / "journeys", SteppedClock(NOON))
    table.put(journeys, [], ("calls", 0))
    return JourneyQueries(table)


def test_a_call_is_found_by_each_of_its_ids(queries: JourneyQueries, journeys: list[Journey]) -> None:
    wanted = max(journeys, key=lambda journey: len(journey.correlation_ids))
    for any_id in (wanted.journey_id, *wanted.correlation_ids, *wanted.report_ids, *wanted.interaction_ids):
        assert queries.one(any_id) == wanted
        assert queries.one(any_id, NINE.date()) == wanted


def test_an_unknown_id_finds_nothing(queries: JourneyQueries) -> None:
    assert queries.one("no such call") is None
    assert queries.one("' OR true --") is None


def test_calls_of_a_number_near_a_moment(queries: JourneyQueries) -> None:
    found = queries.at(HAVANA[-7:], NINE + timedelta(minutes=10))
    assert found
    assert all(HAVANA in (journey.called.number, journey.final.number) for journey in found)
    assert queries.at(CUSTOMER, NINE - timedelta(days=30)) == []


def test_pages_walk_all_journeys_once_newest_first_and_back(queries: JourneyQueries, journeys: list[Journey]) -> None:
    everything = JourneyFilter()
    pages, cursor = [], None
    while True:
        page = queries.page(everything, cursor, limit=37)
        pages.append(page)
        cursor = page.next
        if cursor is None:
            break
    walked = [journey for page in pages for journey in page.journeys]
    assert walked == sorted(journeys, key=lambda journey: (journey.started, journey.journey_id), reverse=True)
    back = queries.page(everything, pages[-1].previous, limit=37)
    assert back.journeys == pages[-2].journeys


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        (JourneyFilter(results=("voicemail", "busy")), lambda j: j.result in ("voicemail", "busy")),
        (JourneyFilter(directions=("tromboned",)), lambda j: j.direction == "tromboned"),
        (JourneyFilter(queues=("Ventas",)), lambda j: "Ventas" in j.queues),
        (JourneyFilter(agents=(uuid_of("Bob Rey"),)), lambda j: uuid_of("Bob Rey") in j.agents),
        (JourneyFilter(min_wait=20, max_wait=60), lambda j: j.t_queues and 20 <= sum(j.t_queues) <= 60),
        (JourneyFilter(min_attendant=10), lambda j: j.t_aa is not None and j.t_aa >= 10),
        (JourneyFilter(min_talk=100), lambda j: j.talk_seconds >= 100),
        (
            JourneyFilter(since=NINE - timedelta(hours=5), until=NINE),
            lambda j: NINE - timedelta(hours=5) <= j.started < NINE,
        ),
    ],
)
def test_a_filter_shows_what_it_says(
    queries: JourneyQueries, journeys: list[Journey], asked: JourneyFilter, holds: Any
) -> None:
    expected = {journey.journey_id for journey in journeys if holds(journey)}
    assert {journey.journey_id for journey in queries.page(asked, limit=500).journeys} == expected
    assert expected


def test_a_mark_of_nobody_is_refused(queries: JourneyQueries) -> None:
    with pytest.raises(InvalidInputError):
        queries.page(JourneyFilter(), "not a mark")


def test_the_services_kinds_keep_their_stages(queries: JourneyQueries) -> None:
    names = {record["User"] for record in SERVICES[0].records}
    page = queries.page(JourneyFilter(number="202"), limit=500)
    assert any({stage.name for stage in journey.stages} <= names for journey in page.journeys)
