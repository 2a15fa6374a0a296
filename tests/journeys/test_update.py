"""The stored journeys follow the stored legs: late legs, merges, repeats, and only what is touched."""

import random
from typing import Any

import pytest

from core.calls.ingest import store_records
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.detection import tariffs
from core.journeys.lookup import JourneyLookup
from core.journeys.model import Journey
from core.journeys.query import JourneyQueries
from core.journeys.table import JourneyTable, journeys_path
from core.journeys.update import DATA_VERSION, update_journeys
from core.services import Services
from core.settings import Settings
from core.store import data_version
from core.store.engine import Database
from tests.journeys.golden import GOLDEN, Golden
from tests.journeys.sequences import ANN, BOB, clock, inbound, orig, pair, rebuilt, term
from tests.journeys.tenant import GOLDEN_HISTORY, distinct_calls

Record = dict[str, Any]


@pytest.fixture
def services(settings: Settings, clock: SteppedClock, sqlite_database: Database) -> Services:
    return Services(settings, clock, sqlite_database, CallTable(settings.calls_path, clock))


def _store(services: Services, records: list[Record]) -> None:
    store_records(services, records, source="feed", origin="test")


def _all(services: Services) -> dict[str, Journey]:
    queries = JourneyQueries(JourneyTable(journeys_path(services.settings), services.clock))
    return {journey.journey_id: journey for journey in queries.every()}


CONSULT = [
    inbound(ANN, "80", 0, 100, 5, XR="81:0", moved=clock(60)),
    orig(ANN, "81", 40, 100, 45, call="c2", R="82:0", XR="80:0", related="ConsultativeTransfer", called="202"),
    term(BOB, "82", 40, 100, 45, call="c2", R="81:0", calling="201"),
]


def test_nothing_stored_nothing_rebuilt(services: Services) -> None:
    assert update_journeys(services).journeys == 0
    assert _all(services) == {}


def test_every_kind_of_call_comes_back_from_the_store_as_it_was_rebuilt(services: Services) -> None:
    history = distinct_calls(GOLDEN)
    _store(services, [record for golden in history for record in golden.records])
    update_journeys(services)
    expected = {journey.journey_id: journey for journey in (rebuilt(golden.records) for golden in history)}
    assert _all(services) == expected


def test_a_run_without_new_legs_writes_nothing(services: Services) -> None:
    _store(services, CONSULT)
    update_journeys(services)
    table = JourneyTable(journeys_path(services.settings), services.clock)
    before = table.version()
    assert update_journeys(services).legs == 0
    assert table.version() == before


def test_a_late_leg_rebuilds_its_journey_and_leaves_the_others_alone(services: Services) -> None:
    other, late = GOLDEN_HISTORY
    _store(services, [*other.records, *late.records[:-1]])
    update_journeys(services)
    _store(services, late.records[-1:])
    result = update_journeys(services)
    assert (result.legs, result.journeys) == (1, 1)
    assert _all(services)[rebuilt(late.records).journey_id] == rebuilt(late.records)


def test_two_journeys_merge_when_the_joining_leg_arrives(services: Services) -> None:
    main, maker, taker = CONSULT
    _store(services, [taker])
    update_journeys(services)
    _store(services, [main | {"Transfer related call ID": ""}])
    update_journeys(services)
    assert len(_all(services)) == 2
    _store(services, [maker])
    result = update_journeys(services)
    assert (result.journeys, result.retired) == (1, 1)
    (merged,) = _all(services).values()
    assert set(merged.report_ids) == {record["Report ID"] for record in CONSULT}
    assert merged.journey_id == main["Correlation ID"]


def test_a_merged_id_still_leads_to_the_call(services: Services) -> None:
    _store(services, CONSULT[2:])
    update_journeys(services)
    (old,) = _all(services)
    _store(services, CONSULT[:2])
    update_journeys(services)
    queries = JourneyQueries(JourneyTable(journeys_path(services.settings), services.clock))
    found = queries.one(old)
    assert found is not None
    assert len(found.report_ids) == 3


@pytest.mark.parametrize("seed", range(3))
def test_pages_in_any_order_give_the_journeys_of_one_import(services: Services, seed: int) -> None:
    chance = random.Random(seed)
    history = distinct_calls(chance.sample(GOLDEN, 12))
    records = [record for golden in history for record in golden.records]
    chance.shuffle(records)
    while records:
        size = chance.randint(1, 12)
        _store(services, records[:size])
        records = records[size:]
        update_journeys(services)
    expected = [rebuilt(golden.records) for golden in history]
    assert _all(services) == {journey.journey_id: journey for journey in expected}


def test_compaction_of_the_calls_is_no_news(services: Services) -> None:
    for golden in GOLDEN_HISTORY:
        _store(services, golden.records)
    update_journeys(services)
    services.clock.sleep(72 * 3600)
    assert services.calls.compact()
    assert update_journeys(services).legs == 0


def test_a_corrected_copy_of_a_leg_rebuilds_its_call(services: Services) -> None:
    record = inbound(ANN, "29", 0, 105, 5)
    _store(services, [record, *GOLDEN_HISTORY[0].records])
    update_journeys(services)
    _store(services, [record | {"Report time": clock(4000), "User": "Ann Mora Ruiz"}])
    assert update_journeys(services).legs == 1
    assert _all(services)[record["Correlation ID"]].final.name == "Ann Mora Ruiz"


def test_a_day_of_many_files_is_rewritten_and_tells_the_same(services: Services) -> None:
    history = distinct_calls([Golden(f"call {number}", [inbound(ANN, "29", 0, 105, 5)]) for number in range(30)])
    for golden in history:
        _store(services, golden.records)
        update_journeys(services)
    table = JourneyTable(journeys_path(services.settings), services.clock)
    assert len(table.files()) < 24
    assert len(_all(services)) == 30


def test_pages_are_told_once_for_a_change(services: Services) -> None:
    _store(services, CONSULT)
    update_journeys(services)
    with services.database.read() as session:
        first = data_version.current(session, DATA_VERSION)[0]
    update_journeys(services)
    with services.database.read() as session:
        assert data_version.current(session, DATA_VERSION)[0] == first > 0


def test_journeys_of_expired_days_go_with_their_calls(services: Services) -> None:
    _store(services, CONSULT)
    update_journeys(services)
    services.calls.delete_before(services.clock.now().date())
    update_journeys(services)
    assert _all(services) == {}


def test_a_call_costs_what_the_loaded_tariff_says_in_every_shape_of_call(services: Services) -> None:
    abroad = {"called": "+5355512345", "International_country": "CU", "type": "SIP_INTERNATIONAL"}
    alone = [orig(ANN, "90", 0, 100, 10, call="alone", **abroad)]
    moved = [
        orig(ANN, "91", 0, 200, 10, call="moved", **abroad),
        *pair(ANN, BOB, ("92", "93"), 90, 200, 100, call="moved", XR="91:0"),
    ]
    _store(services, alone)
    update_journeys(services)
    own = {journey.cost for journey in _all(services).values()}
    with services.database.write() as session:
        content = tariffs.read_file(b"prefix,price,increment,connection_fee\n+53,2.00,60,0.50\n")
        tariffs.load(session, content, name="c", per_dollar=1, reason="new", actor="ana", at=services.clock.now())
        loaded = tariffs.tariff(session)
    _store(services, moved)
    update_journeys(services)
    costs = {journey.correlation_ids[0]: journey.cost for journey in _all(services).values()}
    assert {costs[alone[0]["Correlation ID"]]} == own != {4.5}
    assert costs[moved[0]["Correlation ID"]] == 0.5 + 4 * 2.0
    again = JourneyLookup(services.calls, loaded).one(alone[0]["Report ID"]).journey
    assert again.cost == 0.5 + 2 * 2.0
