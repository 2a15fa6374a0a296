"""Operators, clients and tickets for the tests of operators."""

from datetime import datetime
from typing import Any

from core.operators import clients, presence, roster
from core.operators.clients import ClientForm
from core.operators.hours import Shift
from core.operators.roster import OperatorForm
from core.store.engine import Database
from core.tickets import work
from core.tickets.changing import Actor, Target
from core.tickets.create import NewTicket
from tests.conftest import NOON

ALL_WEEK = tuple(range(7))


def hire(database: Database, name: str, *shifts: Shift, **given: Any) -> int:
    """Add an operator who is there in ``shifts``, without any at every hour."""
    with database.write() as session:
        number = roster.save(session, OperatorForm(name, **given), actor="lea", at=NOON)
        presence.set_shifts(session, number, shifts, actor="lea", at=NOON)
    return number


def client(database: Database, name: str, **given: Any) -> int:
    with database.write() as session:
        return clients.save(session, ClientForm(name, **given), actor="lea", at=NOON)


def give(database: Database, operator_id: int, *, at: datetime = NOON, waiting: bool = False) -> int:
    """Make a ticket and give it to an operator."""
    with database.write() as session:
        number = work.create(session, NewTicket("Some work"), actor="lea", at=at)
        work.assign(session, Target(number), Actor("lea", at), operator_id=operator_id)
        if waiting:
            work.change_state(session, Target(number), Actor("lea", at), to="waiting", reason="the client")
    return number
