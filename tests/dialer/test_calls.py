"""Asking for calls and for their end, and questions to the history: on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import SteppedClock
from core.dialer import connection, query
from core.dialer.asterisk import address_of, endpoint_of, trunk_of
from core.dialer.calls import DialRequest, request_dial, request_hangup
from core.dialer.errors import (
    ApplicationTakenError,
    DialerNotConfiguredError,
    DialerNotConnectedError,
    OtherCallOfKeyError,
)
from core.dialer.filters import OutboundFilter
from core.dialer.ledger import Ledger
from core.errors import InvalidInputError, NotFoundError
from core.settings import load_settings
from core.store import data_version
from core.store.change_signal import ChangeSignal, announce
from core.store.engine import Database
from tests.conftest import NOON
from tests.dialer.keeping import call, words
from tests.waiting import until

NUMBER = "+576015550133"
ENDPOINT = f"PJSIP/{NUMBER}@trunk"


def ask(database: Database, number: str = NUMBER, *, minutes: int = 0, actor: str = "ana", **changes: Any) -> str:
    with database.write() as session:
        request = DialRequest(number, f"PJSIP/{number}@trunk", **changes)
        return request_dial(session, request, actor=actor, at=NOON + timedelta(minutes=minutes))


def test_a_key_dials_once_whatever_is_pressed_again(database: Database) -> None:
    first = ask(database, idempotency_key="k")
    assert [ask(database, idempotency_key="k"), ask(database) == first] == [first, False]
    with pytest.raises(OtherCallOfKeyError):
        ask(database, "+576015550134", idempotency_key="k")
    with database.read() as session:
        assert len(query.under_way(session)) == 2
        assert data_version.current(session, "dialer")[0] == 2


def test_hanging_up_before_it_left_ends_a_call_for_good(database: Database, clock: SteppedClock) -> None:
    call_id = ask(database)
    with database.write() as session:
        assert request_hangup(session, call_id, actor="eva", at=NOON)
        assert not request_hangup(session, call_id, actor="eva", at=NOON)
        with pytest.raises(NotFoundError):
            request_hangup(session, "none", actor="eva", at=NOON)
    ended = call(database, call_id)
    assert (ended.status, ended.detail, ended.hangup_by, ended.is_open) == ("failed", "cancelled", "eva", False)
    assert Ledger(database, clock, lambda _session: None).take([ended.id]) == []


def test_a_call_leaves_once_and_not_after_anybody_expects_it(database: Database, clock: SteppedClock) -> None:
    ledger = Ledger(database, clock, lambda _session: None)
    old = call(database, ask(database))
    clock.step(21)
    ledger.give_up_old()
    assert (call(database, old.call_id).detail, call(database, old.call_id).is_open) == ("not_placed", False)
    assert (call(database, old.call_id).error or {})["code"] == "dialer_not_placed"
    fresh = call(database, ask(database, minutes=1))
    assert [taken.id for taken in ledger.take([old.id, fresh.id])] == [fresh.id]
    assert ledger.take([fresh.id]) == []
    clock.step(300)
    ledger.give_up_old()
    assert call(database, fresh.call_id).is_open
    assert words(database, fresh.call_id) == ["requested", "placing"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "12 34"), ("number", "1@evil"), ("endpoint", "no technology"), ("endpoint", "PJSIP/1,2"),
        ("endpoint", 'PJSIP/1"2'), ("caller_id", '"a\r\nX: y" <1>'), ("ring_seconds", 0), ("max_seconds", 10**6),
        ("media", "file:/etc/passwd"), ("media", "sound:a b"), ("after_answer", "else"), ("source", "else"),
        ("context", "a b"), ("extension", "1,2"),
    ],
)  # fmt: skip
def test_what_asterisk_could_misread_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidInputError):
        DialRequest(**{"number": NUMBER, "endpoint": ENDPOINT, field: value})


def test_the_history_is_paged_filtered_and_told(database: Database) -> None:
    ids = [ask(database, f"+5760155501{n:02}", minutes=n, actor="ana" if n % 2 else "eva") for n in range(7)]
    with database.read() as session:
        everything = OutboundFilter()
        first = query.page(session, everything, limit=3)
        second = query.page(session, everything, cursor=first.next, limit=3)
        back = query.page(session, everything, cursor=second.previous, limit=3)
        assert [row.call_id for row in first.rows + second.rows] == ids[:0:-1]
        assert [row.call_id for row in back.rows] == [row.call_id for row in first.rows]
        assert first.previous is None
        mine = OutboundFilter(people=("me",), number="576015550", since=NOON + timedelta(minutes=2))
        assert [row.call_id for row in query.page(session, mine, person="eva").rows] == [ids[6], ids[4], ids[2]]
        assert query.count(session, OutboundFilter(statuses=("busy",))) == 0
        assert query.recent_numbers(session, "ana", limit=2) == ["+576015550105", "+576015550103"]
        assert query.dialled_since(session, "ana", NOON + timedelta(minutes=3)) == 2
        with pytest.raises(InvalidInputError):
            query.page(session, everything, cursor="e30")
    assert OutboundFilter.from_query(mine.to_query()) == mine
    assert "de mí" in mine.sentence("es")
    usable, problems = OutboundFilter.read_query({"status": "nope", "number": "57"})
    assert (usable, len(problems)) == (OutboundFilter(number="57"), 1)


def test_whether_a_call_can_be_placed_is_read_from_what_the_listener_wrote(database: Database) -> None:
    real = load_settings({"sandbox": False, "secret_key": "q8Zr1vN6bT3xW9mK2pL7sD4fG5hJ0cYe"})
    settings = load_settings()

    def published(state: str, seconds: float) -> None:
        with database.write() as session:
            connection.publish(session, state, NOON, application="tollwatch")
        with database.read() as session:
            connection.require_connection(session, settings, NOON + timedelta(seconds=seconds))

    with database.read() as session, pytest.raises(DialerNotConfiguredError):
        connection.require_connection(session, real, NOON)
    with database.read() as session, pytest.raises(DialerNotConnectedError):
        connection.require_connection(session, settings, NOON)
    published(connection.CONNECTED, 5)
    with pytest.raises(DialerNotConnectedError):
        published(connection.CONNECTED, 60)
    published(connection.DOWN, 5)
    with pytest.raises(ApplicationTakenError):
        published(connection.TAKEN, 5)


def test_a_writer_wakes_who_listens(database: Database) -> None:
    signal = ChangeSignal(database, "tollwatch_dialer")
    assert signal.changed()
    signal.open()
    assert not signal.changed()
    with database.write() as session:
        announce(session, "tollwatch_dialer")
        connection.publish(session, connection.DOWN, NOON)
        assert not signal.changed()
    until(signal.changed)
    assert not signal.changed()
    signal.close()


def test_numbers_are_spelt_for_the_trunk_and_passwords_stay_out_of_sight() -> None:
    settings = load_settings({"ari_http_url": "http://127.0.0.1:8088", "ari_password": "correct-horse-battery"})
    assert endpoint_of(settings, NUMBER) == ENDPOINT
    assert trunk_of(settings) == ("PJSIP", "trunk")
    with pytest.raises(InvalidInputError):
        endpoint_of(settings, "1@evil")
    address = address_of(settings)
    assert address is not None
    assert address.base == "http://127.0.0.1:8088/ari"
    assert "battery" not in f"{address!r} {address.events} {address.host}"
