"""The command table: no work lost, none claimed twice."""

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from core.clock import SteppedClock
from core.errors import InvalidInputError, NotFoundError, TransientError
from core.store import commands
from core.store.engine import Database
from core.store.models.operations import Command
from tests.conftest import NOON

KINDS = ("run_job",)


def ask(database: Database, count: int = 1, key: str | None = None) -> list[int]:
    with database.write() as session:
        return [
            commands.request(session, "run_job", {"job": f"job {number}"}, "ana@example.com", NOON, key)
            for number in range(count)
        ]


def state_of(database: Database, command_id: int) -> Command:
    with database.read() as session:
        return commands.find(session, command_id)


def test_a_command_is_claimed_once_and_finished(database: Database, clock: SteppedClock) -> None:
    (command_id,) = ask(database)
    (claimed,) = commands.claim(database, KINDS, clock, 60)
    assert (claimed.id, claimed.arguments, claimed.attempt) == (command_id, {"job": "job 0"}, 1)
    assert commands.claim(database, KINDS, clock, 60) == []
    assert commands.finish(database, claimed, {"read": 7}, clock)
    done = state_of(database, command_id)
    assert (done.state, done.result, done.finished_at, done.lease_until) == ("done", {"read": 7}, NOON, None)


def test_only_the_asked_kinds_are_claimed(database: Database, clock: SteppedClock) -> None:
    ask(database)
    assert commands.claim(database, ("dial",), clock, 60) == []


def test_the_same_key_asks_once(database: Database) -> None:
    assert ask(database, key="import:abc") == ask(database, key="import:abc")
    assert len(set(ask(database, count=2))) == 2


def test_four_workers_claim_every_command_exactly_once(database: Database, clock: SteppedClock) -> None:
    wanted = ask(database, count=120)
    taken: list[int] = []

    def work() -> None:
        while claimed := commands.claim(database, KINDS, clock, 60, limit=3):
            taken.extend(command.id for command in claimed)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == wanted


def test_a_dead_workers_command_is_claimed_again_and_the_slow_worker_cannot_finish_it(
    database: Database, clock: SteppedClock
) -> None:
    (command_id,) = ask(database)
    (slow,) = commands.claim(database, KINDS, clock, 60)
    clock.step(61)
    (second,) = commands.claim(database, KINDS, clock, 60)
    assert second.attempt == 2
    assert not commands.finish(database, slow, {"by": "slow"}, clock)
    assert not commands.renew(database, slow, clock, 60)
    assert commands.finish(database, second, {"by": "second"}, clock)
    assert state_of(database, command_id).result == {"by": "second"}


def test_a_renewed_lease_keeps_the_command(database: Database, clock: SteppedClock) -> None:
    ask(database)
    (claimed,) = commands.claim(database, KINDS, clock, 60)
    clock.step(59)
    assert commands.renew(database, claimed, clock, 60)
    clock.step(59)
    assert commands.claim(database, KINDS, clock, 60) == []


def test_a_command_that_kills_every_worker_is_dead_in_the_end(database: Database, clock: SteppedClock) -> None:
    (command_id,) = ask(database)
    for _ in range(commands.ATTEMPTS_BEFORE_DEAD):
        assert len(commands.claim(database, KINDS, clock, 60)) == 1
        clock.step(61)
    assert commands.claim(database, KINDS, clock, 60) == []
    buried = state_of(database, command_id)
    assert buried.state == "dead"
    assert buried.error == {"code": "worker_died", "facts": {}}


def test_a_transient_failure_waits_longer_each_time_and_is_dead_at_last(
    database: Database, clock: SteppedClock
) -> None:
    (command_id,) = ask(database)
    waits = []
    for _ in range(commands.ATTEMPTS_BEFORE_DEAD):
        clock.step(commands.LONGEST_WAIT_SECONDS * 1.2)
        (claimed,) = commands.claim(database, KINDS, clock, 60)
        commands.fail(database, claimed, TransientError(), clock, random.Random(7))
        waits.append((state_of(database, command_id).not_before - clock.now()).total_seconds())
    assert state_of(database, command_id).state == "dead"
    assert [24 <= waits[0] <= 36, 48 <= waits[1] <= 72, 96 <= waits[2] <= 144] == [True] * 3


def test_work_whose_connection_to_the_database_broke_is_done_again(
    postgres_database: Database, clock: SteppedClock
) -> None:
    (command_id,) = ask(postgres_database)
    (claimed,) = commands.claim(postgres_database, KINDS, clock, 60)
    with postgres_database.read() as session:
        own = session.scalar(text("SELECT pg_backend_pid()"))
        with postgres_database.write() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        with pytest.raises(OperationalError) as broken:
            session.execute(text("SELECT 1"))
    assert commands.fail(postgres_database, claimed, broken.value, clock)
    assert state_of(postgres_database, command_id).state == "queued"


def test_what_the_other_side_asked_to_wait_is_kept_within_reason(database: Database, clock: SteppedClock) -> None:
    first, second = ask(database, count=2)
    for asked in (300.0, 10.0**9):
        (claimed,) = commands.claim(database, KINDS, clock, 60)
        commands.fail(database, claimed, TransientError(retry_after_seconds=asked), clock)
    assert state_of(database, first).not_before == NOON + timedelta(seconds=300)
    assert state_of(database, second).not_before <= NOON + timedelta(seconds=4320)


def test_a_permanent_failure_is_final_until_somebody_retries_it(database: Database, clock: SteppedClock) -> None:
    (command_id,) = ask(database)
    (claimed,) = commands.claim(database, KINDS, clock, 60)
    commands.fail(database, claimed, InvalidInputError(field="file", problem="it is empty"), clock)
    failed = state_of(database, command_id)
    assert failed.state == "failed"
    assert failed.error == {"code": "invalid_input", "facts": {"field": "file", "problem": "it is empty"}}
    with database.write() as session:
        commands.retry(session, command_id, clock.now())
    assert commands.claim(database, KINDS, clock, 60)[0].attempt == 1
    with database.write() as session, pytest.raises(NotFoundError):
        commands.retry(session, command_id, clock.now())


def test_an_unforeseen_error_is_stored_without_its_text(database: Database, clock: SteppedClock) -> None:
    (command_id,) = ask(database)
    (claimed,) = commands.claim(database, KINDS, clock, 60)
    commands.fail(database, claimed, RuntimeError("token=abc"), clock)
    assert state_of(database, command_id).error == {"code": "unexpected", "facts": {"kind": "RuntimeError"}}


def test_handing_back_costs_no_attempt(database: Database, clock: SteppedClock) -> None:
    ask(database)
    (claimed,) = commands.claim(database, KINDS, clock, 60)
    assert commands.hand_back(database, claimed, clock, delay_seconds=5)
    assert commands.claim(database, KINDS, clock, 60) == []
    clock.step(5)
    assert commands.claim(database, KINDS, clock, 60)[0].attempt == 1


def test_recent_commands_come_newest_first_in_pages(database: Database) -> None:
    wanted = ask(database, count=5)
    with database.read() as session:
        first = commands.recent(session, limit=3)
        second = commands.recent(session, states=commands.OPEN, before=first[-1].id)
        assert [command.id for command in first + second] == wanted[::-1]
        assert session.scalars(select(Command).where(Command.state != "queued")).all() == []
