"""One holder at a time, takeover, and the fence that keeps a replaced holder from writing."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.clock import SteppedClock
from core.store import leases
from core.store.engine import Database
from core.store.leases import Lease, LeaseLostError
from core.store.models.operations import SettingValue
from tests.conftest import NOON
from tests.waiting import until


def lease(database: Database, clock: SteppedClock, holder: str) -> Lease:
    return Lease(database, "sidecar", holder, clock, seconds=15)


def cut_connection(database: Database, clock: SteppedClock) -> None:
    """What the database sees when a holder is killed: its lock is gone, or its row runs out."""
    if database.is_sqlite:
        clock.step(16)
        return
    with database.write() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )


def test_the_second_waits_while_the_first_beats(database: Database, clock: SteppedClock) -> None:
    first, second = lease(database, clock, "one"), lease(database, clock, "two")
    assert first.try_acquire()
    for _ in range(5):
        clock.step(10)
        first.beat()
        assert not second.try_acquire()
    with database.read() as session:
        row = leases.holder(session, "sidecar")
    assert row is not None
    assert (row.holder, row.epoch, row.beat_at) == ("one", 1, clock.now())
    first.release()


def test_a_released_lease_is_free_at_once(database: Database, clock: SteppedClock) -> None:
    first, second = lease(database, clock, "one"), lease(database, clock, "two")
    assert first.try_acquire()
    first.release()
    assert not first.held
    assert second.try_acquire()
    assert second.epoch == 2
    second.release()


def test_a_dead_holder_is_replaced_and_cannot_write_any_more(database: Database, clock: SteppedClock) -> None:
    first, second = lease(database, clock, "one"), lease(database, clock, "two")
    assert first.try_acquire()
    stale = first.epoch
    cut_connection(database, clock)
    assert until(second.try_acquire)
    assert second.epoch == stale + 1
    with pytest.raises(LeaseLostError), database.write() as session:
        leases.guard(session, "sidecar", stale)
    with pytest.raises(LeaseLostError):
        first.beat()
    assert not first.held
    second.beat()
    second.release()


def test_the_fence_lets_the_present_holder_write_and_rolls_a_stale_one_back(
    database: Database, clock: SteppedClock
) -> None:
    holder = lease(database, clock, "one")
    assert holder.try_acquire()

    def write(name: str, epoch: int) -> None:
        with database.write() as session:
            session.add(SettingValue(name=name, value="1", changed_at=NOON, changed_by="test"))
            leases.guard(session, "sidecar", epoch)

    write("present", holder.epoch)
    with pytest.raises(LeaseLostError):
        write("stale", holder.epoch - 1)
    with database.read() as session:
        assert session.get(SettingValue, "present") is not None
        assert session.get(SettingValue, "stale") is None
    holder.release()


def test_a_clock_set_back_does_not_keep_a_dead_holders_lease_for_ever(sqlite_database: Database) -> None:
    before, after = SteppedClock(NOON), SteppedClock(NOON - timedelta(hours=5))
    assert lease(sqlite_database, before, "one").try_acquire()
    second = lease(sqlite_database, after, "two")
    assert not second.try_acquire()
    after.step(14)
    assert not second.try_acquire()
    after.step(1)
    assert second.try_acquire()


def test_a_clock_set_forward_replaces_a_living_holder_which_then_learns_it(sqlite_database: Database) -> None:
    slow, fast = SteppedClock(NOON), SteppedClock(NOON + timedelta(hours=1))
    first, second = lease(sqlite_database, slow, "one"), lease(sqlite_database, fast, "two")
    assert first.try_acquire()
    assert second.try_acquire()
    with pytest.raises(LeaseLostError):
        first.beat()


def test_beating_without_holding_is_a_loss(database: Database, clock: SteppedClock) -> None:
    with pytest.raises(LeaseLostError):
        lease(database, clock, "one").beat()


def test_leases_of_different_names_do_not_touch(database: Database, clock: SteppedClock) -> None:
    first, second = Lease(database, "sidecar", "one", clock), Lease(database, "dialer", "two", clock)
    assert first.try_acquire()
    assert second.try_acquire()
    first.release()
    second.beat()
    second.release()


def test_nobody_holds_at_first(database: Database) -> None:
    with database.read() as session:
        assert leases.holder(session, "sidecar") is None
