"""Detection beside ingestion raises each abuse once, whatever dies in between, and history without a word."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.alerts import query
from core.alerts.filters import AlertFilter
from core.alerts.judged import CURSOR
from core.alerts.query import Reader
from core.alerts.stretch import analyse, judge_stretch
from core.alerts.watching import Watch
from core.calls.ingest import store_records
from core.clock import Clock, SteppedClock, SystemClock
from core.detection import tuning
from core.detection.tuning import Because, Tuning
from core.errors import InvalidInputError, NotFoundError
from core.services import Services, open_services
from core.settings import Settings, load_settings
from core.store.crash_points import KILLED
from core.store.models.alerts import AlertRow, DetectionCursor, TimelineRow
from tests.calls.records import uuid_of
from tests.conftest import NOON, PythonRunner
from tests.detection.fixtures import record

STEPS = ("detect.judged", "detect.received", "detect.committed")


def routine(now: datetime) -> list[dict[str, Any]]:
    """Three calm weeks of three people before ``now``."""
    return [
        record(1000 * day + 10 * who + n, name, now - timedelta(days=day, hours=n), f"+57300123{who}00{n}", 120)
        for day in range(1, 22)
        for who, name in enumerate(("ana", "p1", "p2"))
        for n in range(4)
    ]


def attack(until: datetime, number: int = 900_000, who: str = "ana") -> list[dict[str, Any]]:
    """Ten calls to Cuba, the last just before ``until``."""
    return [
        record(number + n, who, until - timedelta(minutes=10 * (10 - n)), f"+5351234{n:04d}", 500) for n in range(10)
    ]


def alerts(services: Services) -> list[AlertRow]:
    with services.database.read() as session:
        wanted, reader = AlertFilter(muted="all", sort="newest"), Reader(services.clock.now())
        return query.page(session, wanted, reader).rows


@pytest.fixture
def services(settings: Settings, clock: SteppedClock) -> Services:
    """A store that holds three calm weeks."""
    opened = open_services(settings, clock)
    store_records(opened, routine(NOON), source="import", origin="weeks")
    return opened


def store(services: Services, records: list[dict[str, Any]]) -> None:
    store_records(services, records, source="feed", origin="page")


def step(clock: Clock, minutes: float) -> None:
    assert isinstance(clock, SteppedClock)
    clock.step(minutes * 60)


def test_the_first_pass_raises_the_past_and_later_ones_what_is_new(services: Services) -> None:
    store(services, attack(NOON - timedelta(days=2)))
    watch = Watch(services)
    assert watch.run().raised == 1
    past = alerts(services)[0]
    assert (past.is_backfilled, past.announced_at, past.entity) == (True, None, uuid_of("ana"))
    assert watch.run().state == "nothing_new"
    step(services.clock, 120)
    calls = attack(services.clock.now(), 950_000, "p1")
    store(services, calls[:6])
    assert watch.run().raised == 1
    fresh = alerts(services)[0]
    assert (fresh.is_backfilled, fresh.announced_at is not None) == (False, True)
    step(services.clock, 1)
    store(services, calls[6:])
    assert watch.run().grown == 1
    assert alerts(services)[0].evidence_count > fresh.evidence_count
    assert len(alerts(services)) == 2


def test_before_any_call_there_is_nothing_to_judge(settings: Settings, clock: SteppedClock) -> None:
    assert Watch(open_services(settings, clock)).run().state == "no_calls"


def test_a_new_process_repeats_nothing_and_misses_nothing(services: Services) -> None:
    Watch(services).run()
    step(services.clock, 120)
    calls = attack(services.clock.now())
    store(services, calls[:5])
    Watch(services).run()
    step(services.clock, 1)
    store(services, calls[5:])
    Watch(services).run()
    Watch(services).run()
    assert [row.entity for row in alerts(services)] == [uuid_of("ana")]
    with services.database.read() as session:
        assert len(list(session.scalars(select(TimelineRow)))) <= 3


def test_a_restart_after_a_history_fetched_at_once_still_knows_it(services: Services) -> None:
    """All of it was stored within the stretch that is judged again; the weeks before must teach all the same."""
    abroad = [
        record(500_000 + day, "ana", NOON - timedelta(days=day, hours=3), "+5351234000", 400) for day in range(1, 21)
    ]
    store(services, abroad)
    Watch(services).run()
    known = len(alerts(services))
    step(services.clock, 5)
    calls = [record(600_000 + n, "ana", NOON - timedelta(minutes=9 * n), "+5351234000", 400) for n in range(2)]
    store(services, calls)
    assert Watch(services).run().raised == 0
    assert len(alerts(services)) == known


def test_a_record_committed_late_is_judged_all_the_same(services: Services) -> None:
    """Its time of storing lies before the last pass, which could not see it yet."""
    watch = Watch(services)
    watch.run()
    step(services.clock, 120)
    behind = open_services(services.settings, SteppedClock(services.clock.now() - timedelta(minutes=3)))
    store(services, [record(77, "p2", services.clock.now() - timedelta(minutes=5), "+573001230001", 60)])
    watch.run()
    store(behind, attack(behind.clock.now()))
    assert watch.run().raised == 1


def test_a_changed_tuning_counts_from_the_next_pass(services: Services) -> None:
    watch = Watch(services)
    watch.run()
    with services.database.write() as session:
        why = Because("grace", services.clock.now(), "a test")
        for known in ("international_calls", "cost_velocity", "after_hours", "concurrent_calls", "long_call"):
            tuning.change(session, known, Tuning(is_enabled=False), version=0, why=why)
    step(services.clock, 120)
    store(services, attack(services.clock.now()))
    assert watch.run().raised == 0


def test_a_stretch_can_be_judged_again_and_raises_only_what_was_missed(services: Services) -> None:
    at = NOON - timedelta(days=2)
    store(services, attack(at))
    received = judge_stretch(services, at - timedelta(days=1), at + timedelta(days=1))
    assert [one.is_new for one in received] == [True]
    assert all(not one.is_new for one in judge_stretch(services, at - timedelta(days=1), at + timedelta(days=1)))
    assert alerts(services)[0].announced_at is None
    with pytest.raises(InvalidInputError):
        judge_stretch(services, at, at - timedelta(hours=1))


def test_a_user_is_analysed_on_request(services: Services) -> None:
    store(services, attack(NOON - timedelta(hours=3)))
    result = analyse(services, uuid_of("ana"), ["international_calls"], actor="grace@example")
    assert [one["is_new"] for one in result["alerts"]] == [True]
    with services.database.read() as session:
        assert session.scalars(select(TimelineRow.actor)).one() == "grace@example"
    with pytest.raises(NotFoundError):
        analyse(services, uuid_of("nobody"), None, actor="grace@example")


@pytest.mark.faults
def test_a_kill_between_any_two_steps_loses_and_doubles_nothing(tmp_path: Path, run_python: type[PythonRunner]) -> None:
    folder = tmp_path / "var"
    services = open_services(load_settings({"data_dir": folder}))
    now = SystemClock().now()
    store(services, routine(now))
    environment = {"DATA_DIR": str(folder)}
    expected = set()
    for number, point in enumerate(STEPS):
        who = ("ana", "p1", "p2")[number]
        expected.add(uuid_of(who))
        store(services, attack(SystemClock().now() - timedelta(minutes=2), 900_000 + 1000 * number, who))
        code, output = run_python("-m", "jobs", "detect", TOLLWATCH_CRASH_AT=point, **environment).finish()
        assert code == KILLED, output
        with services.database.read() as session:
            is_kept = session.get(DetectionCursor, CURSOR) is not None and bool(alerts(services))
        assert is_kept == (number == 2)
    code, output = run_python("-m", "jobs", "detect", **environment).finish()
    assert code == 0, output
    found = [row.entity for row in alerts(services)]
    assert set(found) == expected
    assert len(found) == len(expected)
    services.database.close()
