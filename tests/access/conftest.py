"""People for the tests of access; the password is hashed once, because each hash takes a sixth of a second."""

from collections.abc import Callable

import pytest

from core.access import people
from core.access.passwords import hash_password
from core.access.people import NewPerson, Person
from core.clock import SteppedClock
from core.store import audit
from core.store.engine import Database
from core.store.models.access import PersonRow

PASSWORD = "siete caballos verdes"

MakePerson = Callable[..., Person]


@pytest.fixture(scope="session")
def known_hash() -> str:
    return hash_password(PASSWORD, "nobody")


@pytest.fixture
def add_person(database: Database, clock: SteppedClock, known_hash: str) -> MakePerson:
    """Adds a person by name and role; ``password=True`` gives them ``PASSWORD``."""

    def make(name: str, role: str = "analyst", *, password: bool = False) -> Person:
        new = NewPerson(name=name, display_name=name.title(), role=role)
        person = people.add(database, clock, new, actor="test")
        if password:
            with database.write() as session:
                session.get_one(PersonRow, person.id).password_hash = known_hash
        return person

    return make


def actions(database: Database) -> list[str]:
    """What the audit tells, oldest first."""
    with database.read() as session:
        return [entry.action for entry in reversed(audit.entries(session).entries)]
