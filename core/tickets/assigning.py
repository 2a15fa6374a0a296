"""Giving tickets to operators without asking anybody."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from core.operators import assignment, roster
from core.operators.assignment import Choice, Needs
from core.store.engine import Database
from core.store.models.tickets import TicketRow
from core.tickets import work
from core.tickets.changing import Actor, Target, locked, wrong_state
from core.tickets.vocabulary import AUTOMATIC
from core.tickets.wording import CHOICE

MOST_A_TICK = 40
MOST_LOOKED_AT = 1000


def give(session: Session, target: Target, actor: Actor, *, other_than: int | None = None) -> Choice:
    """Give an open ticket to whom the choice falls on and tell why; gives the choice, also when there is nobody.

    Raises ``TicketStateError`` for one that has ended, and what ``core.tickets.work.assign`` raises.
    """
    row = locked(session, target, actor)
    if not row.is_open:
        raise wrong_state(row, "assign")
    choice = assignment.choose(session, needs_of(row), at=actor.at, other_than=other_than)
    if choice.operator_id is not None and choice.operator_id != row.operator_id:
        detail = {CHOICE: dict(choice.facts)}
        work.assign(session, target, actor, operator_id=choice.operator_id, reason=choice.reason, detail=detail)
    return choice


def needs_of(row: TicketRow) -> Needs:
    """What a ticket asks of an operator."""
    return Needs(tuple(row.skills), row.site, row.priority, row.client_id)


def assign_best(session: Session, ticket_id: int, at: datetime, *, other_than: int | None = None) -> bool:
    """Give a ticket to whom the choice falls on; gives whether there was somebody."""
    choice = give(session, Target(ticket_id), Actor(AUTOMATIC, at), other_than=other_than)
    return choice.operator_id is not None


def place_waiting(database: Database, at: datetime, *, fence: Callable[[Session], None]) -> int:
    """Give the open tickets that nobody has, or a retired operator, to somebody; gives how many.

    The highest priority and oldest come first. What several ask alike and nobody can do is looked at once.
    """
    with database.read() as session:
        wanting = _without_operator(session)
        if not wanting or not roster.everybody(session):
            return 0
    placed, in_vain = 0, set()
    for ticket_id, needs in wanting:
        if placed == MOST_A_TICK:
            break
        if needs in in_vain:
            continue
        with database.write() as session:
            fence(session)
            if not _is_without(session, ticket_id, at):
                continue
            if assign_best(session, ticket_id, at):
                placed += 1
            else:
                in_vain.add(needs)
    return placed


def _has_nobody(session: Session) -> ColumnElement[bool]:
    """Nobody has it, or somebody who is no operator any more."""
    active = [row.id for row in roster.everybody(session)]
    return or_(TicketRow.operator_id.is_(None), TicketRow.operator_id.not_in(active))


def _without_operator(session: Session) -> list[tuple[int, Needs]]:
    query = (
        select(TicketRow.id, TicketRow.skills, TicketRow.site, TicketRow.priority, TicketRow.client_id)
        .where(TicketRow.is_open.is_(True), _has_nobody(session))
        .order_by(TicketRow.priority_rank.desc(), TicketRow.created_at, TicketRow.id)
        .limit(MOST_LOOKED_AT)
    )
    return [
        (ticket_id, Needs(tuple(skills), site, priority, client_id))
        for ticket_id, skills, site, priority, client_id in session.execute(query)
    ]


def _is_without(session: Session, ticket_id: int, at: datetime) -> bool:
    """Whether nobody took it since it was looked at; held from here on."""
    row = locked(session, Target(ticket_id), Actor(AUTOMATIC, at))
    holder = roster.find(session, row.operator_id)
    return row.is_open and (holder is None or not holder.is_active)
