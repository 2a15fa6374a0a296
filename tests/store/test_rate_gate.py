"""The shared token bucket."""

import threading
from datetime import timedelta

import pytest

from core.clock import SteppedClock
from core.store import rate_gate
from core.store.engine import Database
from tests.conftest import NOON


def take(database: Database, clock: SteppedClock, amount: float = 1) -> float:
    return rate_gate.take(database, "feed", capacity=10, per_seconds=60, clock=clock, amount=amount)


def test_a_full_bucket_gives_its_capacity_then_says_how_long_to_wait(database: Database, clock: SteppedClock) -> None:
    assert [take(database, clock) for _ in range(10)] == [0.0] * 10
    wait = take(database, clock)
    assert wait == pytest.approx(6.0)
    clock.step(wait)
    assert take(database, clock) == 0.0
    assert take(database, clock) > 0


def test_it_never_holds_more_than_its_capacity(database: Database, clock: SteppedClock) -> None:
    take(database, clock)
    clock.step(3600)
    assert take(database, clock, amount=10) == 0.0
    assert take(database, clock) == pytest.approx(6.0)


def test_a_penalty_closes_it_and_a_shorter_one_does_not_open_it(database: Database, clock: SteppedClock) -> None:
    rate_gate.penalise(database, "feed", NOON + timedelta(seconds=90))
    rate_gate.penalise(database, "feed", NOON + timedelta(seconds=5))
    assert take(database, clock) == pytest.approx(90.0)
    clock.step(90)
    assert take(database, clock) == 0.0


def test_reopening_lifts_a_penalty(database: Database, clock: SteppedClock) -> None:
    rate_gate.penalise(database, "feed", NOON + timedelta(days=1))
    rate_gate.reopen(database, "feed")
    assert take(database, clock) == 0.0


def test_gates_of_different_names_do_not_touch(database: Database, clock: SteppedClock) -> None:
    take(database, clock, amount=10)
    assert rate_gate.take(database, "stream", capacity=1, per_seconds=60, clock=clock) == 0.0


def test_a_clock_set_back_does_not_freeze_it(database: Database, clock: SteppedClock) -> None:
    take(database, clock, amount=10)
    clock.step(-7200)
    assert take(database, clock) == pytest.approx(6.0)
    clock.step(6)
    assert take(database, clock) == 0.0


def test_more_than_it_can_hold_is_a_mistake(database: Database, clock: SteppedClock) -> None:
    with pytest.raises(ValueError, match="never"):
        take(database, clock, amount=11)


def test_callers_at_once_never_take_more_than_there_is(database: Database, clock: SteppedClock) -> None:
    waits: list[float] = []

    def call() -> None:
        waits.extend(take(database, clock) for _ in range(6))

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0.0 for wait in waits) == 10
