"""Escalation: each due step once, stale ones never, all told by the outbox, and an audit that sees what is late."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, select, update

from core.access.permissions import allowed
from core.clock import SteppedClock
from core.errors import InvalidInputError
from core.notify import channel_book, rules
from core.notify.channel_book import ChannelForm
from core.notify.rules import Rule
from core.notify.sending import send_due
from core.services import Services
from core.store.models.outbox import OutboxMessage
from core.store.models.tickets import TicketEscalationRow, TicketRow, TicketTimelineRow
from core.tickets import auditing, escalation, policy_book, stepping, work
from core.tickets.changing import Target
from core.tickets.errors import CalendarInUseError, LateEscalationError, UntoldTicketsError
from core.tickets.escalation import Ticked
from core.tickets.policies import Step
from core.tickets.policy_book import PolicyForm
from core.tickets.stepping import Due
from core.tickets.vocabulary import public_id
from core.tickets.work import Wait
from jobs.audit_escalation import audit_escalation
from jobs.escalate_tickets import escalate_tickets
from jobs.registry import JobContext
from tests.conftest import NOON
from tests.operators.desk import client
from tests.tickets.desk import actions, after, ana, change, follows, mails, make, person, promise, seen

WAY = (
    Step("own", 0, "notify_lead"),
    Step("resolve", -10, "notify_operator"),
    Step("resolve", 0, "raise_priority"),
)


def tick(services: Services, minutes: float) -> Ticked:
    clock = services.clock
    assert isinstance(clock, SteppedClock)
    clock.step((after(minutes) - clock.now()).total_seconds())
    return escalation.tick(services)


def test_each_step_is_taken_once_at_its_time_and_told(both: Services) -> None:
    services, database = both, both.database
    assert allowed("supervisor", "tickets.manage")
    person(database, "lea@example.com", language="es")
    person(database, "desk", role="admin")
    promise(database, "medium", 30, 120, *WAY)
    promise(database, "high", 10, 60, Step("start", 0, "notify_lead"))
    number = make(database)
    assert tick(services, 29) == Ticked()
    assert tick(services, 30) == Ticked(taken=1)
    assert tick(services, 31) == Ticked()
    assert tick(services, 119) == Ticked(taken=1)
    assert tick(services, 121) == Ticked(taken=1)
    assert seen(database, number).ticket.priority == "high"
    assert tick(services, 121) == Ticked(taken=1), "the first step of the next priority is due at once"
    assert tick(services, 5000) == Ticked()
    assert actions(database, number) == ["created", "escalated", "escalated", "escalated", "prioritised", "escalated"]
    assert mails(database) == [("lead_told", "lea@example.com")] * 3
    with database.read() as session:
        leads = [row.content["letter"]["lead"] for row in session.scalars(select(OutboxMessage))]
    assert leads[0] == f"{public_id(number)} requiere un supervisor: su plazo ya venció."
    told = [row.detail for row in reversed(seen(database, number).timeline) if row.action == "escalated"]
    assert [(one["generation"], one["step"]) for one in told] == [(1, 0), (1, 1), (1, 2), (2, 0)]
    assert follows(database, number)


def test_what_is_stale_does_nothing(services: Services) -> None:
    database = services.database
    promise(database, "medium", 30, 120, *WAY)
    number = make(database)
    due = Due(number, 1, 0)
    with database.write() as session:
        assert stepping.take(session, [due], after(10)) == [False], "not due yet"
        assert stepping.take(session, [due, Due(999, 1, 0)], after(30)) == [True, False]
    with database.write() as session:
        assert stepping.take(session, [due], after(31)) == [False], "taken"
        work.prioritise(session, Target(number), ana(32), priority="high")
        assert stepping.take(session, [Due(number, 1, 1)], after(200)) == [False], "of a generation before"
    assert actions(database, number) == ["created", "escalated", "prioritised"]


def test_two_who_tick_at_once_take_each_step_once(both: Services) -> None:
    promise(both.database, "medium", 30, 120, Step("own", 0, "notify_channels"))
    numbers = [make(both.database) for _ in range(6)]
    clock = both.clock
    assert isinstance(clock, SteppedClock)
    clock.step(31 * 60)
    together = Barrier(2)

    def tick_now(_: int) -> Ticked:
        together.wait()
        return escalation.tick(both)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(tick_now, range(2)))
    assert sum(one.taken for one in done) == len(numbers)
    assert [one.failed for one in done] == [0, 0]
    assert [actions(both.database, number) for number in numbers] == [["created", "escalated"]] * len(numbers)


def test_waiting_stops_escalation_until_the_wait_is_over(services: Services) -> None:
    database = services.database
    promise(database, "medium", 30, 60, Step("resolve", 0, "notify_lead"))
    number = make(database, watchers=("eva@example.com",))
    change(database, number, 20, "waiting", wait=Wait("the carrier", after(500)))
    assert tick(services, 499) == Ticked()
    assert tick(services, 500) == Ticked(resumed=1)
    assert seen(database, number).ticket.resolve_due_at == after(540)
    assert tick(services, 539) == Ticked()
    assert tick(services, 540) == Ticked(taken=1)
    assert seen(database, number).timeline[1].reason == "wait_over"
    assert [event for event, _ in mails(database)] == ["opened", "waiting", "resumed"]
    change(database, number, 541, "closed")
    assert tick(services, 9000) == Ticked()
    assert follows(database, number)


def test_a_wait_that_cannot_end_holds_up_nothing_else(services: Services) -> None:
    database = services.database
    promise(database, "medium", 30, 60)
    broken, sound = make(database), make(database)
    for number in (broken, sound):
        change(database, number, 1, "waiting", wait=Wait("the carrier", after(60)))
    with database.write() as session:
        session.execute(delete(TicketTimelineRow).where(TicketTimelineRow.ticket_id == broken))
    assert tick(services, 60) == Ticked(resumed=1)
    assert [seen(database, number).ticket.state for number in (broken, sound)] == ["waiting", "open"]
    assert auditing.audit(database, after(61), slices=1).broken == [f"T-{broken}"]


def test_channels_hear_of_it_by_the_routing_rules(services: Services) -> None:
    database = services.database
    form = ChannelForm(name="desk", kind="email", values={"recipients": "desk@example.com"})
    channel_id = channel_book.add(services, form, actor="lea").channel_id
    rules.add(database, services.clock, Rule(channel_id, subjects=("ticket",), events=("escalated",)), actor="lea")
    promise(database, "critical", 15, 60, Step("start", 0, "notify_channels"), Step("own", 0, "reassign"))
    number = make(database, priority="critical")
    assert tick(services, 0) == Ticked(taken=1)
    assert mails(database) == [("escalated", "desk@example.com")]
    assert tick(services, 15) == Ticked(taken=1), "nobody can take it, no supervisor has an address"
    assert mails(database) == [("escalated", "desk@example.com")] * 2, (
        "each step is told, within the hours of a rule too"
    )
    assert actions(database, number) == ["created", "escalated", "escalated"]


def test_one_ticket_that_cannot_be_escalated_holds_up_no_other(services: Services) -> None:
    database = services.database
    promise(database, "medium", 30, 60, Step("own", 0, "raise_priority"))
    promise(database, "high", 30, 60)
    broken, sound = make(database), make(database)
    with database.write() as session:
        way = session.get_one(TicketEscalationRow, broken)
        way.policy = {**way.policy, "steps": [{"anchor": "own", "minutes": 0, "action": "explode"}]}
    assert tick(services, 30) == Ticked(taken=1, failed=1)
    assert tick(services, 31) == Ticked(), "held for a while"
    assert tick(services, 33) == Ticked(failed=1)
    with database.read() as session:
        way = session.get_one(TicketEscalationRow, broken)
        assert (way.failures, way.held_until) == (2, after(37))
    assert seen(database, sound).ticket.priority == "high"
    with pytest.raises(LateEscalationError) as told:
        audit_escalation(JobContext(services))
    assert told.value.facts == {"count": 1, "tickets": f"T-{broken}"}


def test_the_audit_finds_late_steps_and_repairs_lost_plans(services: Services) -> None:
    database = services.database
    promise(database, "medium", 30, 60, Step("own", 0, "notify_lead"))
    late, lost, bent = make(database), make(database), make(database)
    with database.write() as session:
        session.execute(delete(TicketEscalationRow).where(TicketEscalationRow.ticket_id == lost))
        session.execute(update(TicketRow).where(TicketRow.id == bent).values(due_at=None))
    found = auditing.audit(database, after(33), slices=1)
    assert (found.late, found.late_count, found.replayed) == ([f"T-{late}", f"T-{bent}"], 2, 3)
    assert found.repaired == [f"T-{lost}", f"T-{bent}"]
    assert follows(database, lost)
    assert follows(database, bent)
    assert tick(services, 33) == Ticked(taken=3)
    assert auditing.audit(database, after(34), slices=1) == auditing.Audit([], 0, 3, [], [])
    replayed = sum(auditing.audit(database, after(minute), slices=4).replayed for minute in range(4))
    assert replayed == 3, "in turn every ticket is replayed"


def test_the_audit_finds_what_was_never_told(services: Services, clock: SteppedClock) -> None:
    person(services.database, "lea@example.com")
    promise(services.database, "medium", 30, 60, Step("own", 0, "notify_lead"))
    number = make(services.database)
    clock.step(31 * 60)
    escalate_tickets(JobContext(services))
    assert auditing.untold(services.database, after(36)) == []
    clock.step(6 * 60)
    with pytest.raises(UntoldTicketsError) as told:
        audit_escalation(JobContext(services))
    assert told.value.facts == {"tickets": f"T-{number}", "minutes": 5}
    send_due(services, random.Random(1))
    assert audit_escalation(JobContext(services))["replayed"] in (0, 1)


def test_the_jobs_found_and_tick_and_find_nothing_late(services: Services) -> None:
    assert escalate_tickets(JobContext(services)) == {}
    number = make(services.database, priority="critical")
    assert seen(services.database, number).timeline[0].detail["policy"]["policy_id"] > 0
    assert escalate_tickets(JobContext(services)) == {"taken": 1}
    assert audit_escalation(JobContext(services))["repaired"] == 0


def test_a_change_of_policy_moves_no_promise_that_was_made(services: Services) -> None:
    database = services.database
    promise(database, "medium", 30, 60, Step("own", 0, "notify_lead"))
    number = make(database)
    promise(database, "medium", 5, 10)
    banco = client(database, "Banco")
    ticket = seen(database, number).ticket
    assert (ticket.own_due_at, ticket.resolve_due_at) == (after(30), after(60))
    with database.write() as session:
        (calendar,) = policy_book.kept_calendars(session)
        with pytest.raises(CalendarInUseError):
            policy_book.remove_calendar(session, calendar.id, actor="lea", at=NOON)
        for wrong in (
            PolicyForm("urgent", calendar.id, 1, 1), PolicyForm("low", calendar.id, 0, 1),
            PolicyForm("low", calendar.id, 1, 1, (Step("start", -1, "reassign"),)),
        ):  # fmt: skip
            with pytest.raises(InvalidInputError):
                policy_book.save_policy(session, wrong, actor="lea", at=NOON)
        for_client = PolicyForm("medium", calendar.id, 1, None, client_id=banco)
        policy_book.save_policy(session, for_client, actor="lea", at=NOON)
    theirs = seen(database, make(database, client_id=banco)).ticket
    assert (theirs.own_due_at, theirs.resolve_due_at) == (after(1), None)
    with database.write() as session:
        for row in policy_book.kept_policies(session):
            policy_book.remove_policy(session, row.id, actor="lea", at=NOON)
        policy_book.remove_calendar(session, calendar.id, actor="lea", at=NOON)
        assert policy_book.policy_for(session, "critical", banco, "").own == timedelta(minutes=15)
        assert session.get(TicketTimelineRow, 1) is not None
