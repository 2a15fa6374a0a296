"""Tickets, policies and people for the tests of tickets."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.alerts.receive import receive_drafts
from core.store.engine import Database
from core.store.models.access import PersonRow
from core.store.models.outbox import OutboxMessage
from core.store.models.tickets import TicketEscalationRow, TicketRow
from core.tickets import policy_book, query, timeline, work
from core.tickets.calendars import Calendar
from core.tickets.changing import Actor, Target
from core.tickets.create import NewTicket
from core.tickets.deadlines import Happening, Standing, standing
from core.tickets.policies import Step
from core.tickets.policy_book import PolicyForm
from core.tickets.query import Whole
from tests.alerts.drafts import draft
from tests.conftest import NOON

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def after(minutes: float) -> datetime:
    return NOON + minutes * MINUTE


def ana(minutes: float = 0) -> Actor:
    return Actor("ana@example.com", after(minutes))


def make(database: Database, title: str = "Check the trunk", *, minutes: float = 0, **given: Any) -> int:
    with database.write() as session:
        return work.create(session, NewTicket(title, **given), actor="ana@example.com", at=after(minutes))


def alert(database: Database, who: str = "ana") -> int:
    """The number of an alert about somebody."""
    with database.write() as session:
        (received,) = receive_drafts(session, [draft(who=who)], at=NOON)
    return received.alert_id


def change(database: Database, number: int, minutes: float, to: str, **given: Any) -> None:
    with database.write() as session:
        work.change_state(session, Target(number), ana(minutes), to=to, **given)


def promise(database: Database, priority: str, own: int | None, resolve: int | None, *steps: Step) -> None:
    """Keep a policy around the clock for a priority."""
    with database.write() as session:
        calendars = {row.name: row.id for row in policy_book.kept_calendars(session)}
        number = calendars.get("always") or policy_book.save_calendar(
            session, Calendar(name="always", is_always=True), actor="lea", at=NOON
        )
        form = PolicyForm(priority, number, own, resolve, steps)
        policy_book.save_policy(session, form, actor="lea", at=NOON)


def person(
    database: Database, name: str, role: str = "supervisor", language: str = "en", display_name: str = ""
) -> None:
    called = display_name or name
    with database.write() as session:
        session.add(
            PersonRow(name=name, display_name=called, role=role, language=language, created_at=NOON, created_by="test")
        )


def seen(database: Database, number: int) -> Whole:
    with database.read() as session:
        return query.whole(session, number)


def actions(database: Database, number: int) -> list[str]:
    return [row.action for row in reversed(seen(database, number).timeline)]


def mails(database: Database) -> list[tuple[str, str]]:
    """Events and recipients of what was written to the outbox, in order."""
    with database.read() as session:
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [(row.event, ", ".join(row.recipients)) for row in rows]


def replayed(database: Database, number: int) -> Standing:
    """What follows from a ticket's whole timeline."""
    with database.read() as session:
        rows = reversed(timeline.entries(session, number, limit=10_000))
        return standing(Happening(row.at, row.action, row.from_state, row.to_state, row.detail) for row in rows)


def follows(database: Database, number: int) -> bool:
    """Whether what is stored is what a replay of the timeline gives."""
    stands = replayed(database, number)
    with database.read() as session:
        ticket, way = session.get_one(TicketRow, number), session.get_one(TicketEscalationRow, number)
        stored = {name: getattr(ticket, name) for name in timeline.columns(stands)}
        plan = (way.generation, way.next_step, way.next_at)
    return stored == timeline.columns(stands) and plan == (stands.generation, stands.next_step, stands.next_at)
