"""Taking steps of escalation, many in one transaction: read together, told together, each with its timeline row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from core.operators import roster
from core.store import data_version, outbox
from core.store.crash_points import reached
from core.store.models.tickets import TicketEscalationRow, TicketRow
from core.store.outbox import Parcel
from core.store.timeline import Deed
from core.tickets import announcing, assigning, recipients, timeline, work
from core.tickets.announcing import News
from core.tickets.changing import Actor, Target
from core.tickets.create import DATA_VERSION
from core.tickets.deadlines import ESCALATED, GENERATION, STEP, Happening, standing
from core.tickets.policies import Policy, Step
from core.tickets.recipients import Contact
from core.tickets.vocabulary import AUTOMATIC, PRIORITIES

_FRESH = {"populate_existing": True}


@dataclass(frozen=True)
class Due:
    """A step that is to be taken: of which ticket, of which generation, which."""

    ticket_id: int
    generation: int
    step: int


def take(session: Session, dues: Sequence[Due], now: datetime) -> list[bool]:
    """Take steps of different tickets in the caller's transaction; gives for each whether it was taken.

    One that is stale is not: of another generation, taken already, not due, or its ticket is gone. Whatever is raised
    spoils the whole transaction.
    """
    data_version.bump(session, DATA_VERSION, now)
    turn = _Turn(session, [due.ticket_id for due in dues], now)
    # Written at the end, or before something that asks for what is stored.
    with session.no_autoflush:
        taken = [turn.take(due) for due in dues]
    turn.write_down()
    outbox.put_all(session, turn.mails, at=now)
    reached("tickets.step_told")
    return taken


class _Turn:
    """What the steps of one transaction share: their tickets held and read at once, the people to be told."""

    def __init__(self, session: Session, numbers: Sequence[int], now: datetime) -> None:
        self._session, self._now = session, now
        # The lower number first, as whoever else holds several does.
        tickets = select(TicketRow).options(defer(TicketRow.description), defer(TicketRow.resolution))
        tickets = tickets.where(TicketRow.id.in_(numbers)).order_by(TicketRow.id)
        ways = select(TicketEscalationRow).where(TicketEscalationRow.ticket_id.in_(numbers))
        ways = ways.order_by(TicketEscalationRow.ticket_id)
        self._tickets = {row.id: row for row in session.scalars(tickets.with_for_update(), execution_options=_FRESH)}
        self._ways = {row.ticket_id: row for row in session.scalars(ways.with_for_update(), execution_options=_FRESH)}
        self._histories = timeline.history(session, numbers)
        # Held on to, so that the session need not ask for each of them again.
        self._crew = roster.everybody(session, with_retired=True)
        self._deeds: list[dict[str, Any]] = []
        self.mails: list[Parcel] = []

    @cached_property
    def _leads(self) -> list[Contact]:
        return recipients.leads(self._session)

    def take(self, due: Due) -> bool:
        ticket, way = self._tickets.get(due.ticket_id), self._ways.get(due.ticket_id)
        if ticket is None or way is None or (way.generation, way.next_step) != (due.generation, due.step):
            return False
        if way.next_at is None or way.next_at > self._now:
            return False
        step = Policy.from_json(way.policy).steps[due.step]
        self._act(ticket, step)
        detail = {STEP: due.step, GENERATION: due.generation, **step.to_json()}
        deed = Deed(ESCALATED, AUTOMATIC, self._now, reason="deadline", detail=detail)
        self._deeds.append(timeline.kept(ticket, deed))
        ticket.version += 1
        ticket.changed_at, ticket.changed_by = self._now, AUTOMATIC
        happened = Happening(self._now, ESCALATED, ticket.state, ticket.state, detail)
        timeline.store(self._session, ticket, standing([*self._histories[ticket.id], happened]))
        if step.action == "raise_priority":
            self._raise_priority(ticket)
        return True

    def write_down(self) -> None:
        """Bring the database in line with the steps taken so far."""
        self._session.flush()
        timeline.write_all(self._session, self._deeds)
        self._deeds.clear()

    def _act(self, ticket: TicketRow, step: Step) -> None:
        if step.action == "notify_channels":
            announcing.to_channels(self._session, ticket, News(ESCALATED, self._now))
        elif step.action == "notify_operator" and (holder := recipients.operator(self._session, ticket.operator_id)):
            self._mail(ticket, "reminded", holder)
        elif step.action == "reassign" and self._reassign(ticket):
            return
        elif step.action != "raise_priority":
            # What the operator does not hear and nobody else can take is the supervisors' to know.
            self._tell_leads(ticket)

    def _reassign(self, ticket: TicketRow) -> bool:
        self.write_down()
        return assigning.assign_best(self._session, ticket.id, self._now, other_than=ticket.operator_id)

    def _tell_leads(self, ticket: TicketRow) -> None:
        """Tell the supervisors; where none can be reached by mail, the channels."""
        if self._leads:
            self._mail(ticket, "lead_told", self._leads)
        else:
            announcing.to_channels(self._session, ticket, News(ESCALATED, self._now))

    def _mail(self, ticket: TicketRow, event: str, concerned: Sequence[Contact]) -> None:
        self.mails += announcing.mails(self._session, ticket, News(event, self._now), concerned)

    def _raise_priority(self, ticket: TicketRow) -> None:
        if ticket.priority == PRIORITIES[-1]:
            return
        self.write_down()
        wanted, actor = PRIORITIES[ticket.priority_rank + 1], Actor(AUTOMATIC, self._now)
        work.prioritise(self._session, Target(ticket.id), actor, priority=wanted, reason="deadline")
