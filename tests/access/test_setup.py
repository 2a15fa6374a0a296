from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from core.access import people, sandbox_people, sessions, setup
from core.access.errors import SetupClosedError, WeakPasswordError
from core.access.people import NewPerson
from core.access.sessions import Origin
from core.clock import SteppedClock
from core.store.engine import Database
from tests.access.conftest import PASSWORD, MakePerson

SETUP = Origin("setup")


def new_token(database: Database, clock: SteppedClock) -> str:
    link = setup.new_link(database, clock, "https://desk.example/")
    assert link.startswith("https://desk.example/set-up?token=")
    return parse_qs(urlsplit(link).query)["token"][0]


def make(database: Database, clock: SteppedClock, token: str, name: str = "root", password: str = PASSWORD) -> str:
    new = NewPerson(name, "Root", "admin", password)
    return setup.make_first_admin(database, clock, token, new, SETUP)


def test_the_link_makes_the_first_admin_once(database: Database, clock: SteppedClock) -> None:
    assert setup.is_needed(database)
    token, other = new_token(database, clock), new_token(database, clock)
    with pytest.raises(WeakPasswordError):
        make(database, clock, token, password="short")
    person = sessions.person_of(database, make(database, clock, token), clock)
    assert person is not None
    assert person.role == "admin"
    assert not setup.is_needed(database)
    for used in (token, other):
        with pytest.raises(SetupClosedError):
            make(database, clock, used, "second")


@pytest.mark.parametrize("token", ["", "unknown", "x" * 5000])
def test_an_unknown_link_makes_nobody(sqlite_database: Database, clock: SteppedClock, token: str) -> None:
    with pytest.raises(SetupClosedError):
        make(sqlite_database, clock, token)
    assert people.everybody(sqlite_database) == []


def test_a_link_expires(sqlite_database: Database, clock: SteppedClock) -> None:
    token = new_token(sqlite_database, clock)
    clock.step(setup.VALID.total_seconds())
    with pytest.raises(SetupClosedError):
        setup.check(sqlite_database, clock, token)


def test_an_admin_made_otherwise_closes_the_link(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    token = new_token(database, clock)
    add_person("ana", "analyst")
    setup.check(database, clock, token)
    add_person("root", "admin")
    with pytest.raises(SetupClosedError):
        setup.check(database, clock, token)


def test_one_link_used_twice_at_once_makes_one_admin(database: Database, clock: SteppedClock) -> None:
    token = new_token(database, clock)

    def attempt(name: str) -> bool:
        try:
            make(database, clock, token, name)
        except SetupClosedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(attempt, ["one", "two"]))
    assert sorted(made) == [False, True]
    assert len(people.everybody(database)) == 1


def test_the_people_of_the_sandbox_do_not_count_and_are_closed(database: Database, clock: SteppedClock) -> None:
    tokens = [
        sandbox_people.sign_in_as(database, clock, role, "es", Origin("sandbox")) for role in sandbox_people.PEOPLE
    ]
    found = [sessions.person_of(database, token, clock) for token in tokens]
    assert [person.role for person in found if person] == list(sandbox_people.PEOPLE)
    assert not any(person.has_password for person in found if person)
    assert setup.is_needed(database)
    assert sandbox_people.close(database, clock) == 4
    assert sandbox_people.close(database, clock) == 0
    assert [sessions.person_of(database, token, clock) for token in tokens] == [None] * 4


def test_the_language_chosen_at_the_sandbox_door_holds_each_time(database: Database, clock: SteppedClock) -> None:
    for language in ("en", "es"):
        token = sandbox_people.sign_in_as(database, clock, "admin", language, Origin("sandbox"))
        person = sessions.person_of(database, token, clock)
        assert person is not None
        assert person.language == language


def test_the_sandbox_opens_its_people_again(database: Database, clock: SteppedClock) -> None:
    sandbox_people.sign_in_as(database, clock, "admin", "en", Origin("sandbox"))
    sandbox_people.close(database, clock)
    token = sandbox_people.sign_in_as(database, clock, "admin", "en", Origin("sandbox"))
    assert sessions.person_of(database, token, clock) is not None
    assert len(people.everybody(database)) == 1
