"""Operators and clients for tests of visits."""

from core.operators import clients, roster
from core.operators.clients import ClientForm
from core.operators.roster import OperatorForm
from core.store.engine import Database
from tests.conftest import NOON


def add_operator(database: Database, name: str, mail: str, language: str = "en", person: str = "") -> int:
    """An operator with a mail address; gives the number."""
    form = OperatorForm(name, person=person, email=mail, language=language)
    with database.write() as session:
        return roster.save(session, form, actor="test", at=NOON)


def add_client(database: Database, name: str, mail: str, language: str = "es") -> int:
    """A client with a mail address; gives the number."""
    with database.write() as session:
        return clients.save(session, ClientForm(name, email=mail, language=language), actor="test", at=NOON)
