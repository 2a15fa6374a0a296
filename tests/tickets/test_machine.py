"""A ticket's whole life against a plain model, over calendars with hours, holidays and changes of the clock."""

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.clock import SteppedClock
from core.operators import clients, roster
from core.operators.clients import ClientForm
from core.operators.roster import OperatorForm
from core.store.engine import Database
from core.store.models.tickets import TicketRow
from core.tickets import escalation, policy_book, work
from core.tickets.changing import Actor, Target
from core.tickets.create import NewTicket
from core.tickets.policy_book import PolicyForm
from core.tickets.vocabulary import PRIORITIES
from core.tickets.work import Changes, Wait
from tests.conftest import NOON
from tests.notify.conftest import services_over
from tests.tickets.desk import follows, seen
from tests.tickets.plain_model import BANCO, CALENDARS, CREW, HOTEL, MINUTE, NOBODY, OCCASIONS, PLANS, Model

CLIENTS = (NOBODY, BANCO, HOTEL)
LONGEST_WALK = 3000
"""Minutes: two days, which holds a night, a morning and most holidays."""

MET = {
    "holiday", "closed day", "change of clocks", "pause", "end of a wait", "escalation", "raised priority",
    "reassignment", "reopening", "change of client", "change of client alone", "merging",
}  # fmt: skip
"""What lives have to go through to prove anything."""


def promised(database: Database) -> None:
    """Keep the crew, the clients, the calendars and the plans of the model."""
    at = min(begin for begin, _, _ in OCCASIONS) - timedelta(days=1)
    with database.write() as session:
        hired = [roster.save(session, OperatorForm(name), actor="lea", at=at) for name in ("Ana", "Bea")]
        known = [clients.save(session, ClientForm(name), actor="lea", at=at) for name in ("Banco", "Hotel")]
        assert (tuple(hired), tuple(known)) == (CREW, (BANCO, HOTEL))
        numbers = {
            name: policy_book.save_calendar(session, calendar, actor="lea", at=at)
            for name, calendar in CALENDARS.items()
        }
        for (priority, client), plan in PLANS.items():
            form = PolicyForm(priority, numbers[plan.calendar], plan.own, plan.resolve, plan.steps, client)
            policy_book.save_policy(session, form, actor="lea", at=at)


class TicketLife(RuleBasedStateMachine):
    """Random lives of a ticket, with the escalation job running every minute as the sidecar's does.

    Once it was merged the life goes on as that of the other one.
    """

    template: Path
    met: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        database = Database(f"sqlite:///{shutil.copy(self.template, self.folder / 'state.db')}")
        self.clock = SteppedClock(NOON)
        self.services = services_over(database, self.clock, self.folder)
        self.database = database
        self.gone: list[int] = []

    def teardown(self) -> None:
        try:
            for number in self.gone:
                ticket = seen(self.database, number).ticket
                assert (ticket.state, ticket.is_open, ticket.due_at) == ("merged", False, None)
                assert follows(self.database, number)
        finally:
            self.database.close()
            shutil.rmtree(self.folder)

    @initialize(occasion=some.sampled_from(OCCASIONS), minutes=some.integers(0, 600))
    def begin(self, occasion: tuple[datetime, str, int], minutes: int) -> None:
        begin, of, to = occasion
        self.clock.step((begin - self.clock.now()).total_seconds())
        self._live_as(self._open(of, to), of, to)
        self.time_passes(minutes)

    def _open(self, priority: str, client: int) -> int:
        with self.database.write() as session:
            new = NewTicket("x", priority=priority, client_id=client or None)
            return work.create(session, new, actor="ana", at=self.clock.now())

    def _live_as(self, number: int, priority: str, client: int) -> None:
        self.number, self.model = number, Model(self.clock.now(), priority, client)
        self.model.met_with = self.met
        self._tick()

    def _tick(self) -> None:
        """One run of the job takes one step of a ticket; then nothing is due any more."""
        expected, taken = self.model.escalate(), 0
        while True:
            done = escalation.tick(self.services)
            assert done.failed == done.stale == 0
            taken += done.taken
            if not done.taken or taken >= expected:
                break
        assert taken == expected
        assert escalation.due_steps(self.database, self.clock.now()) == []
        has_it = self._ticket().operator_id
        assert has_it in self.model.operators
        self.model.operators = {has_it}

    def _ticket(self) -> TicketRow:
        with self.database.read() as session:
            return session.get_one(TicketRow, self.number)

    def _actor(self) -> Actor:
        return Actor("ana", self.clock.now())

    @rule(minutes=some.integers(1, 700))
    def time_passes(self, minutes: int) -> None:
        """The model walks every minute; the product is asked whenever the model says that something is due."""
        for _ in range(minutes):
            self.model.pass_minute()
            self.clock.step(60)
            if self.model.is_due:
                self._tick()
        self._tick()

    @rule(beyond=some.integers(0, 40))
    def something_comes_due(self, beyond: int) -> None:
        """Time passes until something is due, and a little longer."""
        for _ in range(LONGEST_WALK):
            self.model.pass_minute()
            self.clock.step(60)
            if self.model.is_due:
                break
        self._tick()
        self.time_passes(beyond)

    @precondition(lambda self: self.model.runs)
    @rule(minutes=some.one_of(some.none(), some.integers(1, 900)), meanwhile=some.integers(0, 300))
    def wait(self, minutes: int | None, meanwhile: int) -> None:
        until = None if minutes is None else self.clock.now() + minutes * MINUTE
        with self.database.write() as session:
            wanted = Wait("because", until)
            work.change_state(session, Target(self.number), self._actor(), to="waiting", wait=wanted)
        self.model.become("waiting")
        self.model.waits_until = until
        self.time_passes(meanwhile)

    @precondition(lambda self: self.model.state != "open")
    @rule()
    def go_on(self) -> None:
        self._become("open")

    @precondition(lambda self: self.model.is_open)
    @rule(state=some.sampled_from(("resolved", "closed")))
    def end(self, state: str) -> None:
        self._become(state)

    def _become(self, state: str) -> None:
        with self.database.write() as session:
            work.change_state(session, Target(self.number), self._actor(), to=state, reason="because")
        self.model.become(state)
        self._tick()

    @precondition(lambda self: self.model.is_open)
    @rule(operator=some.sampled_from((*CREW, None)))
    def reassign(self, operator: int | None) -> None:
        """Whoever gets it still has to take it: its time to own goes on."""
        with self.database.write() as session:
            work.assign(session, Target(self.number), self._actor(), operator_id=operator)
        self.model.operators = {operator}

    @precondition(lambda self: self.model.is_open)
    @rule(operator=some.sampled_from(CREW))
    def take(self, operator: int) -> None:
        with self.database.write() as session:
            work.take(session, Target(self.number), self._actor(), operator_id=operator)
        self.model.take(operator)

    @precondition(lambda self: self.model.is_open)
    @rule(priority=some.sampled_from(PRIORITIES))
    def prioritise(self, priority: str) -> None:
        if priority == self.model.priority:
            return
        with self.database.write() as session:
            work.prioritise(session, Target(self.number), self._actor(), priority=priority)
        self.model.count_by(priority)
        self._tick()

    @rule(client=some.sampled_from(CLIENTS))
    def belong_to(self, client: int) -> None:
        with self.database.write() as session:
            work.edit(session, Target(self.number), self._actor(), Changes(client_id=client))
        self.model.belong_to(client)
        self._tick()

    @precondition(lambda self: self.model.is_open)
    @rule(of=some.sampled_from(PRIORITIES))
    def absorb(self, of: str) -> None:
        """Another ticket becomes part of this one, whose clocks go on."""
        other = self._open(of, NOBODY)
        with self.database.write() as session:
            work.merge(session, Target(other), self._actor(), into=self.number)
        self.gone.append(other)

    @rule(of=some.sampled_from(PRIORITIES), to=some.sampled_from(CLIENTS))
    def be_merged(self, of: str, to: int) -> None:
        """This one becomes part of another, as which the life goes on; its own clocks stand for good."""
        other, was = self._open(of, to), self._ticket()
        with self.database.write() as session:
            work.merge(session, Target(self.number), self._actor(), into=other)
        self._check(self.model, stands=True)
        assert self._ticket().owned_at == was.owned_at
        self.gone.append(self.number)
        self.met.add("merging")
        self._live_as(other, of, to)

    @invariant()
    def the_product_is_where_the_model_is(self) -> None:
        if hasattr(self, "number"):
            ticket, model = self._ticket(), self.model
            assert (ticket.state, ticket.priority) == (model.state, model.priority)
            assert (ticket.client_id or NOBODY, {ticket.operator_id}) == (model.client, model.operators)
            self._check(model)

    def _check(self, model: Model, *, stands: bool = False) -> None:
        """Compare deadlines; of a ticket that ``stands`` nothing unmet is left."""
        ticket, now = self._ticket(), self.clock.now()
        for name, met, due, left_seconds in (
            ("own", ticket.owned_at, ticket.own_due_at, ticket.own_left_seconds),
            ("resolve", ticket.resolved_at, ticket.resolve_due_at, ticket.resolve_left_seconds),
        ):
            left = model.left[name]
            assert met == model.met[name], name
            assert (due is not None and due < (met or now)) == model.missed[name], name
            if met is not None or left is None or model.missed[name]:
                continue
            if stands:
                assert (left_seconds, due) == (None, None), name
            elif model.runs:
                assert left_seconds is None, name
                assert due is not None, name
                assert CALENDARS[model.plan.calendar].between(now, due) == left * MINUTE, name
            else:
                assert left_seconds == left * 60, name
        assert follows(self.database, self.number)


def eventful_life(occasion: tuple[datetime, str, int]) -> None:
    """A life that goes through everything, whatever the random ones come by: two days from an occasion on."""
    life = TicketLife()
    try:
        life.begin(occasion, minutes=0)
        life.reassign(CREW[0])
        life.something_comes_due(beyond=3)
        if life.model.runs:
            life.wait(minutes=30, meanwhile=60)
        life.the_product_is_where_the_model_is()
        life.belong_to(HOTEL)
        life.belong_to(BANCO)
        life.end("resolved")
        life.the_product_is_where_the_model_is()
        life.go_on()
        for _ in range(3):
            life.something_comes_due(beyond=1)
            life.the_product_is_where_the_model_is()
        life.absorb("low")
        life.be_merged("low", NOBODY)
        life.time_passes(LONGEST_WALK)
        life.the_product_is_where_the_model_is()
    finally:
        life.teardown()


@pytest.mark.timeout(240)
def test_lives_of_a_ticket_are_those_of_the_model(migrated_file: Path, tmp_path: Path) -> None:
    TicketLife.template = Path(shutil.copy(migrated_file, tmp_path / "promised.db"))
    TicketLife.met.clear()
    database = Database(f"sqlite:///{TicketLife.template}")
    promised(database)
    database.close()
    for occasion in OCCASIONS:
        eventful_life(occasion)
    assert TicketLife.met >= MET
    run_state_machine_as_test(
        TicketLife,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
