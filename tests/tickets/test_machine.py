"""A ticket's whole life against a plain model: the model steps through time a minute at a time and knows no formulas.

Everything happens on full minutes of a clock that stands still in between, over calendars with hours, holidays and
changes of the clock.
"""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

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
from core.store.engine import Database
from core.tickets import escalation, policy_book, work
from core.tickets.calendars import Calendar, office_hours
from core.tickets.changing import Actor, Target
from core.tickets.create import NewTicket
from core.tickets.policies import Step
from core.tickets.policy_book import PolicyForm
from core.tickets.vocabulary import PRIORITIES
from tests.notify.conftest import services_over
from tests.tickets.desk import follows, seen

MINUTE = timedelta(minutes=1)
CALENDARS = {
    "low": Calendar("Bogotá", "America/Bogota", "CO", hours=office_hours(8 * 60, 12 * 60)),
    "medium": Calendar("New York", "America/New_York", "US", hours=office_hours(0, 6 * 60, range(7))),
    "high": Calendar("always", is_always=True),
    "critical": Calendar("Madrid", "Europe/Madrid", "ES", hours=office_hours(22 * 60, 24 * 60, range(7))),
}
PROMISES = {"low": (180, 480), "medium": (90, 300), "high": (60, 240), "critical": (20, None)}
STEPS = {
    "low": (Step("own", 0, "notify_lead"), Step("resolve", 30, "raise_priority")),
    "medium": (Step("start", 45, "notify_lead"), Step("own", 0, "raise_priority"), Step("resolve", -60, "notify_lead")),
    "high": (Step("own", -30, "notify_operator"), Step("resolve", 0, "raise_priority")),
    "critical": (Step("start", 0, "notify_channels"), Step("own", 15, "reassign")),
}
BEGINNINGS = (
    datetime(2026, 3, 7, 22, tzinfo=UTC),
    datetime(2026, 10, 31, 23, tzinfo=UTC),
    datetime(2026, 12, 7, 14, tzinfo=UTC),
    datetime(2026, 11, 20, 15, tzinfo=UTC),
)
"""The nights in which clocks change, and days before holidays."""


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the minute that begins then is working time."""
    if calendar.is_always:
        return True
    local = at.astimezone(ZoneInfo(calendar.time_zone))
    spans = calendar.hours[local.weekday()]
    minute = local.hour * 60 + local.minute
    return calendar.is_working_day(local.date()) and any(begin <= minute < end for begin, end in spans)


class Model:
    """What a ticket should be, minute by minute."""

    def __init__(self, at: datetime, priority: str) -> None:
        self.at, self.priority, self.state = at, priority, "new"
        self.ran: list[datetime] = []
        self.left: dict[str, int | None] = dict(zip(("own", "resolve"), PROMISES[priority], strict=True))
        self.missed = {"own": False, "resolve": False}
        self.met: dict[str, bool] = {"own": False, "resolve": False}
        self.since_start, self.done = 0, set[int]()

    @property
    def runs(self) -> bool:
        return self.state in ("new", "open")

    def pass_minute(self) -> None:
        worked = self.runs and is_open(CALENDARS[self.priority], self.at)
        for name in ("own", "resolve"):
            left = self.left[name]
            if self.met[name] or left is None:
                continue
            if self.runs and left == 0:
                self.missed[name] = True
            if worked:
                self.left[name] = left - 1
        if self.runs:
            self.ran.append(self.at)
            self.since_start += worked
        self.at += MINUTE

    def become(self, state: str) -> None:
        if self.state == "new":
            self.met["own"] = True
        if state in ("resolved", "closed"):
            self.met["resolve"] = True
        elif self.met["resolve"]:
            self.met["resolve"] = False
            self.count_by(self.priority)
        self.state = state

    def count_by(self, priority: str) -> None:
        rises = PRIORITIES.index(priority) > PRIORITIES.index(self.priority)
        old, new = CALENDARS[self.priority], CALENDARS[priority]
        for name, wanted in zip(("own", "resolve"), PROMISES[priority], strict=True):
            if self.met[name] or self.missed[name]:
                continue
            left = self.left[name]
            if wanted is None:
                self.left[name] = None
            elif not rises:
                self.left[name] = max(0, wanted - sum(is_open(new, minute) for minute in self.ran))
            elif left is None or not self.runs:
                self.left[name] = wanted if left is None else min(wanted, left)
            else:
                self.left[name] = min(wanted, self._open_until_due(old, new, left, wanted))
        self.priority, self.since_start, self.done = priority, 0, set()

    def _open_until_due(self, old: Calendar, new: Calendar, left: int, enough: int) -> int:
        minute, counted = self.at, 0
        while left > 0 and counted < enough:
            left -= is_open(old, minute)
            counted += is_open(new, minute)
            minute += MINUTE
        return counted

    def due_step(self) -> int | None:
        """The step that should be taken now, the longest due first."""
        ahead = []
        for number, step in enumerate(STEPS[self.priority]):
            if number in self.done or not self.runs:
                continue
            if step.anchor == "start":
                ahead.append((step.minutes - self.since_start, number))
            elif not self.met[step.anchor] and self.left[step.anchor] is not None:
                ahead.append(((self.left[step.anchor] or 0) + step.minutes, number))
        late = [one for one in ahead if one[0] <= 0]
        return min(late)[1] if late else None

    def escalate(self) -> int:
        """Take every step that is due now, and those that the taking makes due; gives how many."""
        taken = 0
        while (number := self.due_step()) is not None:
            taken += 1
            self.done.add(number)
            if STEPS[self.priority][number].action == "raise_priority" and self.priority != PRIORITIES[-1]:
                self.count_by(PRIORITIES[PRIORITIES.index(self.priority) + 1])
        return taken


class TicketLife(RuleBasedStateMachine):
    """Random lives of one ticket, with the escalation job running every minute as the sidecar's does."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        database = Database(f"sqlite:///{shutil.copy(self.template, self.folder / 'state.db')}")
        self.clock = SteppedClock(BEGINNINGS[0])
        self.services = services_over(database, self.clock, self.folder)
        self.database = database
        self.steps_taken = 0

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    @initialize(begin=some.sampled_from(BEGINNINGS), priority=some.sampled_from(PRIORITIES))
    def begin(self, begin: datetime, priority: str) -> None:
        self.clock.step((begin - self.clock.now()).total_seconds())
        with self.database.write() as session:
            for name, calendar in CALENDARS.items():
                number = policy_book.save_calendar(session, calendar, actor="lea", at=begin)
                own, resolve = PROMISES[name]
                form = PolicyForm(name, number, own, resolve, STEPS[name])
                policy_book.save_policy(session, form, actor="lea", at=begin)
            self.number = work.create(session, NewTicket("x", priority=priority), actor="ana", at=begin)
        self.model = Model(begin, priority)
        self._tick()

    def _tick(self) -> None:
        expected = self.model.escalate()
        taken = 0
        while (done := escalation.tick(self.services)).taken:
            assert done.failed == done.stale == 0
            taken += done.taken
        assert taken == expected
        self.steps_taken += taken

    def _actor(self) -> Actor:
        return Actor("ana", self.clock.now())

    @rule(minutes=some.one_of(some.integers(1, 90), some.integers(200, 700)))
    def time_passes(self, minutes: int) -> None:
        """The model walks every minute; the product is asked whenever the model says that something is due."""
        for _ in range(minutes):
            self.model.pass_minute()
            self.clock.step(60)
            if self.model.due_step() is not None:
                self._tick()
        self._tick()

    @precondition(lambda self: self.model.state != "waiting" and self.model.runs)
    @rule()
    def wait(self) -> None:
        self._become("waiting")

    @precondition(lambda self: self.model.state != "open")
    @rule()
    def go_on(self) -> None:
        self._become("open")

    @precondition(lambda self: self.model.state in ("new", "open", "waiting"))
    @rule(state=some.sampled_from(("resolved", "closed")))
    def end(self, state: str) -> None:
        self._become(state)

    def _become(self, state: str) -> None:
        with self.database.write() as session:
            work.change_state(session, Target(self.number), self._actor(), to=state, reason="because")
        self.model.become(state)
        self._tick()

    @precondition(lambda self: self.model.state in ("new", "open", "waiting"))
    @rule(operator=some.sampled_from((1, 2, None)))
    def reassign(self, operator: int | None) -> None:
        with self.database.write() as session:
            work.assign(session, Target(self.number), self._actor(), operator_id=operator)

    @precondition(lambda self: self.model.state in ("new", "open", "waiting"))
    @rule(priority=some.sampled_from(PRIORITIES))
    def prioritise(self, priority: str) -> None:
        if priority == self.model.priority:
            return
        with self.database.write() as session:
            work.prioritise(session, Target(self.number), self._actor(), priority=priority)
        self.model.count_by(priority)
        self._tick()

    @invariant()
    def the_product_is_where_the_model_is(self) -> None:
        if not hasattr(self, "number"):
            return
        ticket, model = seen(self.database, self.number).ticket, self.model
        assert (ticket.state, ticket.priority) == (model.state, model.priority)
        now = self.clock.now()
        for name, met, due, left_seconds in (
            ("own", ticket.owned_at, ticket.own_due_at, ticket.own_left_seconds),
            ("resolve", ticket.resolved_at, ticket.resolve_due_at, ticket.resolve_left_seconds),
        ):
            left = model.left[name]
            assert (met is not None) == model.met[name], name
            assert (due is not None and due < (met or now)) == model.missed[name], name
            if met is None and left is not None and not model.missed[name]:
                assert (left_seconds is not None) == (not model.runs), name
                if left_seconds is not None:
                    assert left_seconds == left * 60, name
                else:
                    assert due is not None
                    assert CALENDARS[model.priority].between(now, due) == left * MINUTE, name
        assert follows(self.database, self.number)


@pytest.mark.timeout(120)
def test_random_lives_of_a_ticket_are_those_of_the_model(migrated_file: Path) -> None:
    TicketLife.template = migrated_file
    run_state_machine_as_test(
        TicketLife,
        settings=settings(
            max_examples=9,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
