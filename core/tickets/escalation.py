"""Escalation: when a step of a ticket's policy is due, it is taken, once, in one transaction with its timeline row.

The steps are those of the policy snapshot with which the clock started. A step carries its generation: once the
ticket counts by another policy, what was planned before is stale and does nothing. Who takes steps holds their tickets'
rows, so that several processes may run; what they tell is written to the outbox in the same transaction, so that a
process killed anywhere has taken a step and told it, or neither.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.errors import TransientError
from core.services import Services
from core.store import data_version
from core.store.crash_points import reached
from core.store.engine import Database
from core.store.leases import LeaseLostError
from core.store.models.tickets import TicketEscalationRow, TicketRow
from core.tickets import assigning, stepping, work
from core.tickets.changing import Actor, Target
from core.tickets.create import DATA_VERSION
from core.tickets.stepping import Due
from core.tickets.vocabulary import AUTOMATIC

MOST_A_TICK = 500
TOGETHER = 100
"""Steps of one transaction: nobody who writes waits longer than these take."""

HELD_FIRST = timedelta(minutes=2)
HELD_LONGEST = timedelta(hours=1)
"""How long a ticket whose step failed is left alone, doubling; others go on meanwhile."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ticked:
    """What a tick did: steps taken, found stale, failed; tickets that wait no longer, and given to somebody."""

    taken: int = 0
    stale: int = 0
    failed: int = 0
    resumed: int = 0
    assigned: int = 0


def _no_fence(session: Session) -> None:
    """Nobody competes."""


def tick(
    services: Services,
    *,
    stopping: Callable[[], bool] = lambda: False,
    fence: Callable[[Session], None] = _no_fence,
) -> Ticked:
    """Take every step that is due, end every wait that ran out, and give what nobody has to who can take it."""
    now, database = services.clock.now(), services.database
    resumed = sum(_resume(database, ticket_id, now, fence) for ticket_id in _waits_over(database, now))
    counted = {"taken": 0, "stale": 0, "failed": 0}
    due = due_steps(database, now)
    for begin in range(0, len(due), TOGETHER):
        if stopping():
            break
        for outcome in _attempt_together(database, due[begin : begin + TOGETHER], now, fence):
            counted[outcome] += 1
    assigned = 0 if stopping() else assigning.place_waiting(database, now, fence=fence)
    return Ticked(**counted, resumed=resumed, assigned=assigned)


def due_steps(database: Database, now: datetime, limit: int = MOST_A_TICK) -> list[Due]:
    """The steps that should have been taken by an instant, the longest due first, held ones aside."""
    query = (
        select(TicketEscalationRow.ticket_id, TicketEscalationRow.generation, TicketEscalationRow.next_step)
        .where(
            TicketEscalationRow.next_at <= now,
            or_(TicketEscalationRow.held_until.is_(None), TicketEscalationRow.held_until <= now),
        )
        .order_by(TicketEscalationRow.next_at, TicketEscalationRow.ticket_id)
        .limit(limit)
    )
    with database.read() as session:
        found = session.execute(query).all()
    return [Due(number, generation, step) for number, generation, step in found if step is not None]


def _attempt_together(
    database: Database, dues: Sequence[Due], now: datetime, fence: Callable[[Session], None]
) -> list[str]:
    """Take some steps in one transaction. Where one spoils it each is tried by itself, so that only that one waits."""
    try:
        with database.write() as session:
            fence(session)
            taken = stepping.take(session, dues, now)
            reached("tickets.step_taken")
        reached("tickets.step_committed")
    except LeaseLostError:
        raise
    except Exception as error:
        if len(dues) > 1:
            return [outcome for due in dues for outcome in _attempt_together(database, [due], now, fence)]
        _put_off(database, dues[0], now, error)
        return ["failed"]
    return ["taken" if one else "stale" for one in taken]


def _put_off(database: Database, due: Due, now: datetime, error: Exception) -> None:
    if isinstance(error, TransientError):
        _log.warning("a step of escalation waits for the next tick", number=due.ticket_id, reason=error.code)
        return
    _log.error("a step of escalation failed", number=due.ticket_id, step=due.step, exc_info=error)
    _hold(database, due, now)


def _hold(database: Database, due: Due, now: datetime) -> None:
    with database.write() as session:
        way = session.get(TicketEscalationRow, due.ticket_id, with_for_update=True)
        if way is None or (way.generation, way.next_step) != (due.generation, due.step):
            return
        way.failures += 1
        way.held_until = now + min(HELD_FIRST * 2 ** min(way.failures - 1, 10), HELD_LONGEST)


def _waits_over(database: Database, now: datetime) -> list[int]:
    query = select(TicketRow.id).where(TicketRow.waiting_until <= now, TicketRow.state == "waiting")
    with database.read() as session:
        return list(session.scalars(query.order_by(TicketRow.waiting_until).limit(MOST_A_TICK)))


def _resume(database: Database, ticket_id: int, now: datetime, fence: Callable[[Session], None]) -> bool:
    """End a wait that ran out; one that cannot end holds up nothing else."""
    try:
        return _end_wait(database, ticket_id, now, fence)
    except LeaseLostError:
        raise
    except TransientError as error:
        _log.warning("the end of a wait waits for the next tick", number=ticket_id, reason=error.code)
        return False
    except Exception as error:
        _log.error("a wait could not be ended", number=ticket_id, exc_info=error)
        return False


def _end_wait(database: Database, ticket_id: int, now: datetime, fence: Callable[[Session], None]) -> bool:
    with database.write() as session:
        fence(session)
        data_version.bump(session, DATA_VERSION, now)
        ticket = session.get(TicketRow, ticket_id, with_for_update=True)
        if ticket is None or ticket.state != "waiting" or ticket.waiting_until is None or ticket.waiting_until > now:
            return False
        work.change_state(session, Target(ticket_id), Actor(AUTOMATIC, now), to="open", reason="wait_over")
        return True
