from datetime import timedelta

import pytest
from sqlalchemy import select

from core.access import people, sessions
from core.access.sessions import IDLE, LONGEST, Origin
from core.clock import SteppedClock
from core.store.engine import Database
from core.store.models.access import SessionRow
from tests.access.conftest import MakePerson, actions

HOUR = timedelta(hours=1).total_seconds()


def start(database: Database, clock: SteppedClock, person_id: int) -> str:
    return sessions.start(database, clock, person_id, Origin("password", "127.0.0.1", "a browser"))


def test_a_token_names_its_person_and_is_not_stored(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    person = add_person("ana")
    token = start(database, clock, person.id)
    found = sessions.person_of(database, token, clock)
    assert found is not None
    assert found.id == person.id
    assert found.last_sign_in_at == clock.now()
    with database.read() as session:
        row = session.scalars(select(SessionRow)).one()
        stored = [str(getattr(row, column.key)) for column in SessionRow.__table__.columns]
    assert token not in "".join(stored)


@pytest.mark.parametrize("token", [None, "", "unknown", "x" * 10_000, "\x00", "ñ"])
def test_anything_else_names_nobody(sqlite_database: Database, clock: SteppedClock, token: str | None) -> None:
    assert sessions.person_of(sqlite_database, token, clock) is None


def test_every_sign_in_gets_its_own_token(sqlite_database: Database, clock: SteppedClock) -> None:
    person = people.add(sqlite_database, clock, people.NewPerson("ana", "Ana", "analyst"), actor="test")
    assert len({start(sqlite_database, clock, person.id) for _ in range(20)}) == 20


def test_use_keeps_a_session_open_but_not_for_ever(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    token = start(database, clock, add_person("ana").id)
    hours = 0
    while sessions.person_of(database, token, clock) is not None:
        clock.step(6 * HOUR)
        hours += 6
    assert timedelta(hours=hours) == LONGEST


def test_a_session_ends_when_nobody_uses_it(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    token = start(database, clock, add_person("ana").id)
    clock.step(IDLE.total_seconds() - 1)
    assert sessions.person_of(database, token, clock) is not None
    clock.step(IDLE.total_seconds())
    assert sessions.person_of(database, token, clock) is None
    assert sessions.count_live(database, clock) == 0


def test_signing_out_ends_one_browser_or_all(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    person = add_person("ana")
    first, second, third = (start(database, clock, person.id) for _ in range(3))
    sessions.end(database, clock, first)
    sessions.end(database, clock, first)
    sessions.end(database, clock, "unknown")
    assert sessions.person_of(database, first, clock) is None
    assert sessions.person_of(database, second, clock) is not None
    assert sessions.count_live(database, clock) == 2
    sessions.end_all(database, clock, person.id, actor="root")
    assert sessions.person_of(database, third, clock) is None
    assert actions(database)[-2:] == ["session.ended", "session.ended_all"]


def test_old_sessions_are_forgotten(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    person = add_person("ana")
    start(database, clock, person.id)
    clock.step(2 * LONGEST.total_seconds() + 1)
    fresh = start(database, clock, person.id)
    assert sessions.forget_expired(database, clock) == 1
    assert sessions.person_of(database, fresh, clock) is not None


def test_the_csrf_token_belongs_to_one_session() -> None:
    assert sessions.csrf_token("one") == sessions.csrf_token("one")
    assert sessions.csrf_token("one") != sessions.csrf_token("two")
    assert "one" not in sessions.csrf_token("one")
