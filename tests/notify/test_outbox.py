"""The outbox: written with the change, taken once, tried again with growing waits, never lost."""

import random
import threading
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from core.clock import SteppedClock
from core.errors import NotFoundError, PermanentError, TransientError
from core.store import dead_letters, outbox
from core.store.engine import Database
from core.store.models.outbox import DeliveryAttempt, OutboxMessage
from core.store.outbox import ATTEMPTS_BEFORE_DEAD, Outcome, Parcel
from tests.conftest import NOON

LEASE = 60.0


def parcel(number: int = 1, **changes: object) -> Parcel:
    given: dict[str, Any] = {
        "key": f"alert:{number}",
        "kind": "email",
        "subject": "alert",
        "subject_id": number,
        "event": "opened",
        "severity": "high",
        "content": {"title": "Calls abroad"},
        "recipients": ["ana@example.com"],
    }
    return Parcel(**{**given, **changes})


def put(database: Database, *parcels: Parcel) -> list[int | None]:
    with database.write() as session:
        return [outbox.put(session, each, at=NOON) for each in parcels]


def row(database: Database, outbox_id: int | None) -> OutboxMessage:
    with database.read() as session:
        return session.get_one(OutboxMessage, outbox_id)


def take(database: Database, clock: SteppedClock) -> outbox.Claimed:
    (claimed,) = outbox.claim(database, clock, LEASE)
    return claimed


def test_the_same_key_is_written_once(database: Database) -> None:
    first, second, other = put(database, parcel(1), parcel(1), parcel(2))
    assert first is not None
    assert second is None
    assert other is not None


def test_long_keys_stay_apart(database: Database) -> None:
    one, other = put(database, parcel(1, key="x" * 300 + "1"), parcel(2, key="x" * 300 + "2"))
    assert None not in (one, other)


def test_what_is_rolled_back_is_not_told(database: Database, clock: SteppedClock) -> None:
    def change_that_fails() -> None:
        with database.write() as session:
            outbox.put(session, parcel(), at=NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    assert outbox.claim(database, clock, LEASE) == []


def test_two_senders_never_hold_the_same_message(database: Database, clock: SteppedClock) -> None:
    put(database, *(parcel(number) for number in range(60)))
    taken: list[int] = []

    def send() -> None:
        while claimed := outbox.claim(database, clock, LEASE):
            taken.append(claimed[0].id)
            outbox.delivered(database, claimed[0], clock, Outcome("ok"))

    senders = [threading.Thread(target=send) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(taken) == len(set(taken)) == 60


def test_a_message_of_a_dead_sender_is_taken_again_and_the_slow_one_cannot_note_it(
    database: Database, clock: SteppedClock
) -> None:
    put(database, parcel())
    slow = take(database, clock)
    assert outbox.claim(database, clock, LEASE) == []
    clock.step(LEASE + 1)
    second = take(database, clock)
    assert (second.id, second.message_id, second.attempt) == (slow.id, slow.message_id, 2)
    assert not outbox.delivered(database, slow, clock, Outcome("late"))
    assert not outbox.failed(database, slow, PermanentError(), clock, random.Random(1))
    assert outbox.delivered(database, second, clock, Outcome("ok"))
    assert row(database, slow.id).answer == "ok"


def test_waits_grow_and_the_last_failure_is_dead(database: Database, clock: SteppedClock) -> None:
    (outbox_id,) = put(database, parcel())
    chance, waits = random.Random(3), []
    while row(database, outbox_id).state == outbox.QUEUED:
        clock.step((row(database, outbox_id).not_before - clock.now()).total_seconds())
        outbox.failed(database, take(database, clock), TransientError(), clock, chance)
        waits.append((row(database, outbox_id).not_before - clock.now()).total_seconds())
    assert len(waits) == ATTEMPTS_BEFORE_DEAD
    assert 24 <= waits[0] <= 36
    assert 8 * 3600 < sum(waits[:-1]) < 16 * 3600
    assert max(waits) <= 3600 * 1.2
    with database.read() as session:
        tried = session.query(DeliveryAttempt).filter_by(outbox_id=outbox_id).order_by(DeliveryAttempt.id).all()
    assert [each.attempt for each in tried] == list(range(1, ATTEMPTS_BEFORE_DEAD + 1))
    assert tried[-1].outcome == outbox.DEAD


def test_what_the_other_side_asks_for_is_waited(database: Database, clock: SteppedClock) -> None:
    (outbox_id,) = put(database, parcel())
    error = TransientError(retry_after_seconds=7200)
    outbox.failed(database, take(database, clock), error, clock, random.Random(1))
    assert (row(database, outbox_id).not_before - clock.now()).total_seconds() == 7200


def test_a_message_whose_connection_to_the_database_broke_waits_for_another_try(
    database: Database, clock: SteppedClock
) -> None:
    put(database, parcel())
    broken = OperationalError("SELECT 1", {}, OSError("server closed the connection"), connection_invalidated=True)
    outbox.failed(database, take(database, clock), broken, clock, random.Random(1))
    clock.step(3600)
    assert take(database, clock).attempt == 2


def test_a_permanent_failure_is_dead_at_once_and_a_person_may_retry_it(database: Database, clock: SteppedClock) -> None:
    (outbox_id,) = put(database, parcel())
    first = take(database, clock)
    outbox.failed(database, first, PermanentError(), clock, random.Random(1))
    assert row(database, outbox_id).state == outbox.DEAD
    assert outbox.claim(database, clock, LEASE) == []
    with database.write() as session:
        dead_letters.retry(session, first.id, clock.now())
    again = take(database, clock)
    assert (again.message_id, again.attempt) == (first.message_id, 1)
    outbox.delivered(database, again, clock, Outcome("ok"))
    with database.write() as session, pytest.raises(NotFoundError):
        dead_letters.retry(session, first.id, clock.now())


def test_what_may_be_tried_once_is_never_among_the_dead(database: Database, clock: SteppedClock) -> None:
    (outbox_id,) = put(database, parcel(most_attempts=1))
    outbox.failed(database, take(database, clock), TransientError(), clock, random.Random(1))
    ended = row(database, outbox_id)
    assert (ended.state, (ended.error or {})["code"]) == (outbox.DISCARDED, "transient")


def test_a_message_that_kills_its_sender_every_time_dies_too(database: Database, clock: SteppedClock) -> None:
    (outbox_id,) = put(database, parcel(most_attempts=2))
    for _ in range(2):
        take(database, clock)
        clock.step(LEASE + 1)
    assert outbox.claim(database, clock, LEASE) == []
    dead = row(database, outbox_id)
    assert (dead.state, (dead.error or {})["code"]) == (outbox.DEAD, "worker_died")


def test_handing_back_costs_nothing(database: Database, clock: SteppedClock) -> None:
    put(database, parcel())
    outbox.hand_back(database, take(database, clock), clock, 30)
    assert outbox.claim(database, clock, LEASE) == []
    clock.step(31)
    assert take(database, clock).attempt == 1


def test_the_refused_of_several_become_messages_of_their_own(database: Database, clock: SteppedClock) -> None:
    put(database, parcel(recipients=["ana@example.com", "ben@example.com"]))
    claimed = take(database, clock)
    outcome = Outcome("1/2", refused={"ben@example.com": TransientError()})
    assert outbox.delivered(database, claimed, clock, outcome)
    assert not outbox.delivered(database, claimed, clock, outcome), "noted once"
    clock.step(60)
    part = take(database, clock)
    assert (part.recipients, part.message_id, part.attempt) == (("ben@example.com",), claimed.message_id, 2)
    assert outbox.claim(database, clock, LEASE) == []
