"""How much operators have to do: their open tickets, those that wait, are late or come due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from core.operators import presence, roster
from core.operators.presence import Presence
from core.store.models.operators import OperatorRow
from core.store.models.tickets import TicketRow

SOON = timedelta(hours=2)
LOOK_BACK = timedelta(days=7)
WAITING = "waiting"


@dataclass(frozen=True)
class Load:
    """The open tickets of an operator: those to be worked, those that wait for somebody else, late and due ones."""

    active: int = 0
    waiting: int = 0
    overdue: int = 0
    due_soon: int = 0

    @property
    def open(self) -> int:
        """All of them, as a capacity counts."""
        return self.active + self.waiting


@dataclass(frozen=True)
class OperatorLoad:
    """An operator in the load picture; ``resolved`` counts tickets they resolved in ``LOOK_BACK``."""

    operator: OperatorRow
    presence: Presence
    load: Load
    resolved: int = 0

    @property
    def is_full(self) -> bool:
        """Whether they have as many open tickets as they take."""
        return 0 < self.operator.capacity <= self.load.open


def of_operators(session: Session, operator_ids: Sequence[int], at: datetime) -> dict[int, Load]:
    """The load of some operators at an instant, by operator."""
    waits = TicketRow.state == WAITING
    counted = (
        ~waits,
        waits,
        and_(TicketRow.due_at < at),
        and_(TicketRow.due_at >= at, TicketRow.due_at < at + SOON),
    )
    query = (
        select(TicketRow.operator_id, *(func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in counted))
        .where(TicketRow.is_open.is_(True), TicketRow.operator_id.in_(list(operator_ids)))
        .group_by(TicketRow.operator_id)
    )
    found = {row[0]: Load(*(int(number) for number in row[1:])) for row in session.execute(query)}
    return {number: found.get(number, Load()) for number in operator_ids}


def last_given(session: Session, operator_ids: Sequence[int]) -> dict[int, datetime]:
    """When some operators were last given a ticket that is theirs still, by operator; not those who never were."""
    query = (
        select(TicketRow.operator_id, func.max(TicketRow.assigned_at, type_=TicketRow.assigned_at.type))
        .where(TicketRow.operator_id.in_(list(operator_ids)), TicketRow.assigned_at.is_not(None))
        .group_by(TicketRow.operator_id)
    )
    found: dict[int, datetime] = {}
    for number, given in session.execute(query):
        if number is not None and given is not None:
            found[number] = given
    return found


def picture(session: Session, at: datetime) -> list[OperatorLoad]:
    """Every active operator with where they stand and what they have, those with most work first."""
    operators = roster.everybody(session)
    ids = [row.id for row in operators]
    there, loads, done = presence.at_instant(session, ids, at), of_operators(session, ids, at), _resolved(session, at)
    drawn = [OperatorLoad(row, there[row.id], loads[row.id], done.get(row.id, 0)) for row in operators]
    return sorted(drawn, key=lambda one: (-one.load.active, -one.load.waiting, one.operator.name, one.operator.id))


def _resolved(session: Session, at: datetime) -> dict[int, int]:
    query = (
        select(TicketRow.operator_id, func.count())
        .where(TicketRow.resolved_at >= at - LOOK_BACK, TicketRow.operator_id.is_not(None))
        .group_by(TicketRow.operator_id)
    )
    return {number: count for number, count in session.execute(query) if number is not None}
