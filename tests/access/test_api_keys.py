import pytest

from core.access import api_keys, people
from core.access.errors import ScopeNotHeldError
from core.access.people import Person
from core.access.permissions import PERMISSIONS, permissions_of
from core.clock import SteppedClock
from core.errors import InvalidInputError, NotFoundError
from core.store.engine import Database
from tests.access.conftest import MakePerson, actions

DAY = 86_400


def issue(
    database: Database, clock: SteppedClock, issuer: Person, *scopes: str, days: int | None = 30
) -> api_keys.Issued:
    return api_keys.issue(database, clock, issuer, name="export", scopes=frozenset(scopes), valid_days=days)


def test_a_key_is_shown_once_and_kept_as_a_hash(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    person = add_person("ana")
    issued = issue(database, clock, person, "calls.view")
    held = api_keys.holder(database, clock, issued.token)
    assert held is not None
    assert (held.person.id, held.permissions) == (person.id, frozenset({"calls.view"}))
    assert issued.token.startswith(issued.key.prefix)
    listed = api_keys.page(database)
    assert issued.token not in str(listed)
    assert listed[0].last_used_at == clock.now()
    assert listed[0].issuer == "ana"


@pytest.mark.parametrize("permission", sorted(set(PERMISSIONS) - permissions_of("analyst")))
def test_a_key_never_gets_what_its_issuer_lacks(
    sqlite_database: Database, clock: SteppedClock, permission: str
) -> None:
    person = people.add(sqlite_database, clock, people.NewPerson("ana", "Ana", "analyst"), actor="test")
    with pytest.raises(ScopeNotHeldError):
        issue(sqlite_database, clock, person, "calls.view", permission)
    assert api_keys.page(sqlite_database) == []


def test_a_key_shrinks_with_its_issuer(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    add_person("root", "admin")
    person = add_person("sara", "supervisor")
    token = issue(database, clock, person, "calls.view", "jobs.run").token
    people.change_role(database, clock, person.id, "analyst", actor="root")
    held = api_keys.holder(database, clock, token)
    assert held is not None
    assert held.permissions == {"calls.view"}
    people.disable(database, clock, person.id, actor="root")
    assert api_keys.holder(database, clock, token) is None


def test_a_key_ends_by_date_and_by_hand(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    person = add_person("ana")
    short, unending = (
        issue(database, clock, person, "calls.view", days=1),
        issue(database, clock, person, "calls.view", days=None),
    )
    clock.step(DAY - 1)
    assert api_keys.holder(database, clock, short.token) is not None
    clock.step(1)
    assert api_keys.holder(database, clock, short.token) is None
    assert api_keys.holder(database, clock, unending.token) is not None
    api_keys.revoke(database, clock, unending.key.id, actor="root")
    api_keys.revoke(database, clock, unending.key.id, actor="root")
    assert api_keys.holder(database, clock, unending.token) is None
    assert actions(database).count("api_key.revoked") == 1
    with pytest.raises(NotFoundError):
        api_keys.revoke(database, clock, 10**6, actor="root")


@pytest.mark.parametrize("token", ["", "tw_", "tw_unknown", "unknown", "tw_" + "x" * 5000])
def test_anything_else_opens_nothing(sqlite_database: Database, clock: SteppedClock, token: str) -> None:
    assert api_keys.holder(sqlite_database, clock, token) is None


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [
        ("", ["calls.view"], 1),
        ("n" * 101, ["calls.view"], 1),
        ("x", [], 1),
        ("x", ["everything"], 1),
        ("x", ["calls.view"], 0),
        ("x", ["calls.view"], 367),
    ],
)
def test_what_cannot_be_issued(
    sqlite_database: Database, clock: SteppedClock, name: str, scopes: list[str], days: int
) -> None:
    person = people.add(sqlite_database, clock, people.NewPerson("ana", "Ana", "analyst"), actor="test")
    with pytest.raises(InvalidInputError):
        api_keys.issue(sqlite_database, clock, person, name=name, scopes=frozenset(scopes), valid_days=days)


def test_pages_of_keys_newest_first(sqlite_database: Database, clock: SteppedClock) -> None:
    person = people.add(sqlite_database, clock, people.NewPerson("ana", "Ana", "analyst"), actor="test")
    ids = [issue(sqlite_database, clock, person, "calls.view").key.id for _ in range(3)]
    first = api_keys.page(sqlite_database, limit=2)
    assert [key.id for key in first] == [ids[2], ids[1]]
    assert [key.id for key in api_keys.page(sqlite_database, before=ids[1], limit=2)] == [ids[0]]
