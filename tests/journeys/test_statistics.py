"""Figures of queues, people and ways over a small, known set of calls."""

from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.journeys.export import JourneyExport, JourneyOrder
from core.journeys.filters import JourneyFilter
from core.journeys.legs import legs_from_records
from core.journeys.query import JourneyQueries
from core.journeys.rebuild import rebuild
from core.journeys.statistics import JourneyStatistics
from core.journeys.table import JourneyTable
from tests.journeys.golden import GOLDEN
from tests.journeys.sequences import STORED
from tests.journeys.tenant import distinct_calls

_NAMES = (
    "queue, two agents ring at once, one answers",
    "queue, abandoned",
    "queue overflows to another queue, then voicemail",
    "queue calls the caller back",
    "attendant, key 2, hunt group, first agent no answer, second answers",
    "internal call, answered",
    "outbound international",
)
ALL = JourneyFilter(last="all")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> JourneyTable:
    made = JourneyTable(tmp_path_factory.mktemp("figures") / "journeys", SteppedClock(STORED))
    calls = distinct_calls([golden for golden in GOLDEN if golden.name in _NAMES])
    assert len(calls) == len(_NAMES)
    made.put([rebuild(legs_from_records(one.records, stored_at=STORED)) for one in calls], [], ("calls", 1))
    return made


def test_totals(table: JourneyTable) -> None:
    totals = JourneyStatistics(table).totals(ALL)
    assert (totals.calls, totals.answered, totals.abandoned) == (7, 5, 1)
    assert totals.answered_share == pytest.approx(5 / 7)
    assert totals.cost is not None
    assert totals.cost > 0


def test_queues(table: JourneyTable) -> None:
    found = {one.queue: one for one in JourneyStatistics(table).queues(ALL, threshold=20)}
    sales = found["Ventas"]
    assert (sales.offered, sales.answered, sales.abandoned, sales.overflowed, sales.callbacks) == (4, 1, 1, 1, 1)
    assert sales.in_time == 1
    assert sales.service_level == 0.25
    assert sales.wait_p50 == 45.0
    assert sales.longest == 95.0
    assert sales.missed == 2
    assert found["Soporte"].overflowed == 1
    assert found["Equipo"].kind == "hunt_group"
    assert found["Equipo"].missed == 1


def test_the_threshold_decides_what_is_in_time(table: JourneyTable) -> None:
    strict = {one.queue: one.in_time for one in JourneyStatistics(table).queues(ALL, threshold=19)}
    assert strict["Ventas"] == 0


def test_a_queue_asked_for_is_told_alone(table: JourneyTable) -> None:
    found = JourneyStatistics(table).queues(JourneyFilter(last="all", queues=("Soporte",)))
    assert [one.queue for one in found] == ["Soporte"]


def test_agents(table: JourneyTable) -> None:
    found = {one.name: one for one in JourneyStatistics(table).agents(ALL)}
    ann, bob = found["Ann Mora"], found["Bob Rey"]
    assert (ann.from_queues, ann.missed) == (2, 2)
    assert ann.talk_seconds >= 78.0
    assert (bob.elsewhere, bob.missed) == (1, 1)


def test_ways_lead_from_an_entry_to_a_result(table: JourneyTable) -> None:
    ways = {(way.source, way.target): way.calls for way in JourneyStatistics(table).ways(ALL)}
    assert ways["entry|SIP-Bogotá", "queue|Ventas"] == 1
    assert ways["queue|Ventas", "result|abandoned_queue"] == 1
    assert ways["auto_attendant|Menu", "hunt_group|Equipo"] == 1
    assert not any(source.startswith("entry|internal") for source, _ in ways)


def test_choices(table: JourneyTable) -> None:
    statistics = JourneyStatistics(table)
    assert [one.label for one in statistics.choices("queues")] == ["Soporte", "Ventas"]
    assert "Ann Mora" in [one.label for one in statistics.choices("agents")]


def test_nothing_on_record(tmp_path: Path) -> None:
    empty = JourneyStatistics(JourneyTable(tmp_path / "none"))
    assert empty.totals(ALL).calls == 0
    assert empty.totals(ALL).answered_share is None
    assert empty.queues(ALL) == []
    assert empty.agents(ALL) == []
    assert empty.ways(ALL) == []
    assert empty.choices("queues") == []


def test_the_export_holds_exactly_the_filter(table: JourneyTable) -> None:
    wanted = JourneyFilter(last="all", queues=("Ventas",))
    export = JourneyExport(JourneyQueries(table), JourneyOrder(wanted, "America/Bogota"), "es")
    lines = b"".join(export.chunks()).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 4
    assert export.complete
    assert export.rows == 4
    assert '"Abandonada en la cola"' in "\n".join(lines)
    assert "2026-11-19 09:00:00" in lines[1]
