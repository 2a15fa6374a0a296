from concurrent.futures import ThreadPoolExecutor

import pytest

from core.access import people, sessions
from core.access.errors import LastAdminError, PersonExistsError, WeakPasswordError
from core.access.people import NewPerson
from core.access.sessions import Origin
from core.clock import SteppedClock
from core.errors import InvalidInputError, NotFoundError
from core.store.engine import Database
from tests.access.conftest import MakePerson, actions


def test_a_name_is_kept_in_small_letters_and_found_in_any(database: Database, add_person: MakePerson) -> None:
    person = add_person(" Ana@Example.com ")
    assert person.name == "ana@example.com"
    assert people.find(database, "ANA@example.COM") == person
    assert people.find(database, "somebody@example.com") is None


def test_the_same_name_twice_is_refused(add_person: MakePerson) -> None:
    add_person("ana")
    with pytest.raises(PersonExistsError):
        add_person("ANA")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "two words"},
        {"name": "bell\x07"},
        {"name": "n" * 201},
        {"display_name": " "},
        {"role": "root"},
        {"language": "fr"},
        {"time_zone": "Mars/Olympus"},
    ],
)
def test_values_that_cannot_be_used_are_refused(
    sqlite_database: Database, clock: SteppedClock, wrong: dict[str, str]
) -> None:
    values = {"name": "ana", "display_name": "Ana", "role": "analyst"} | wrong
    with pytest.raises(InvalidInputError) as refused:
        people.add(sqlite_database, clock, NewPerson(**values), actor="test")
    assert refused.value.facts["field"] == next(iter(wrong))
    assert people.everybody(sqlite_database) == []


def test_the_last_active_admin_stays(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    admin, other = add_person("root", "admin"), add_person("second", "admin")
    people.disable(database, clock, other.id, actor="test")
    with pytest.raises(LastAdminError):
        people.disable(database, clock, admin.id, actor="test")
    with pytest.raises(LastAdminError):
        people.change_role(database, clock, admin.id, "analyst", actor="test")
    people.enable(database, clock, other.id, actor="test")
    assert people.change_role(database, clock, admin.id, "analyst", actor="test").role == "analyst"


def test_two_admins_demoted_at_once_leave_one(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    admins = [add_person("one", "admin"), add_person("two", "admin")]

    def demote(person_id: int) -> bool:
        try:
            people.change_role(database, clock, person_id, "analyst", actor="test")
        except LastAdminError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        demoted = list(pool.map(demote, [person.id for person in admins]))
    assert sorted(demoted) == [False, True]
    assert [person.role for person in people.everybody(database)].count("admin") == 1


@pytest.mark.parametrize("change", ["role", "disable", "password"])
def test_a_change_of_rights_ends_sessions(
    database: Database, clock: SteppedClock, add_person: MakePerson, change: str
) -> None:
    person, bystander = add_person("ana"), add_person("eva")
    token = sessions.start(database, clock, person.id, Origin("password"))
    untouched = sessions.start(database, clock, bystander.id, Origin("password"))
    if change == "role":
        people.change_role(database, clock, person.id, "supervisor", actor="test")
    elif change == "disable":
        people.disable(database, clock, person.id, actor="test")
    else:
        people.set_password(database, clock, person.id, "another long password", actor="test")
    assert sessions.person_of(database, token, clock) is None
    assert sessions.person_of(database, untouched, clock) == people.get(database, bystander.id)


def test_a_weak_password_changes_nothing(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    person = add_person("ana", password=True)
    token = sessions.start(database, clock, person.id, Origin("password"))
    with pytest.raises(WeakPasswordError):
        people.set_password(database, clock, person.id, "short", actor="test")
    assert sessions.person_of(database, token, clock) is not None


def test_preferences(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    person = add_person("ana")
    changed = people.set_preferences(database, clock, person.id, language="es", time_zone="America/Bogota", actor="ana")
    assert (changed.language, changed.time_zone) == ("es", "America/Bogota")
    assert people.get(database, person.id) == changed


def test_pages_follow_the_name(sqlite_database: Database, clock: SteppedClock) -> None:
    for name in ("carla", "ana", "beto"):
        people.add(sqlite_database, clock, NewPerson(name, name, "analyst"), actor="test")
    first = people.page(sqlite_database, limit=2)
    assert [person.name for person in first] == ["ana", "beto"]
    assert [person.name for person in people.page(sqlite_database, after="beto", limit=2)] == ["carla"]


def test_changes_are_audited_and_unknown_people_named(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    person = add_person("ana")
    people.change_role(database, clock, person.id, "supervisor", actor="root")
    people.change_role(database, clock, person.id, "supervisor", actor="root")
    people.disable(database, clock, person.id, actor="root")
    people.disable(database, clock, person.id, actor="root")
    assert actions(database) == ["person.added", "person.role_changed", "person.disabled"]
    with pytest.raises(NotFoundError):
        people.disable(database, clock, 10**6, actor="root")
