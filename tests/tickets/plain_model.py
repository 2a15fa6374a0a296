"""What a ticket should be, walked a minute at a time: the model knows no formulas, it only counts minutes.

Everything happens on full minutes. ``Model.met_with`` collects what a life went through, so that a test can tell
whether its lives met what they are there for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from core.tickets.calendars import Calendar, office_hours
from core.tickets.policies import Step
from core.tickets.vocabulary import PRIORITIES

MINUTE = timedelta(minutes=1)
NOBODY, BANCO, HOTEL = 0, 1, 2
"""Clients by number: the bank was promised something of its own for two priorities, the hotel nothing."""

CREW = (1, 2)
CALENDARS = {
    "bogota": Calendar("bogota", "America/Bogota", "CO", hours=office_hours(8 * 60, 12 * 60)),
    "new york": Calendar("new york", "America/New_York", "US", hours=office_hours(0, 6 * 60, range(7))),
    "always": Calendar("always", is_always=True),
    "madrid": Calendar("madrid", "Europe/Madrid", "ES", hours=office_hours(22 * 60, 24 * 60, range(7))),
    "santiago": Calendar(
        "santiago", "America/Santiago", hours=office_hours(21 * 60, 24 * 60, range(7)), closed_days=("2026-11-21",)
    ),
}


@dataclass(frozen=True)
class Plan:
    """What is promised, in working minutes of a calendar, and the steps of escalation."""

    calendar: str
    own: int
    resolve: int | None
    steps: tuple[Step, ...]


PLANS: Mapping[tuple[str, int], Plan] = {
    ("low", NOBODY): Plan("bogota", 180, 480, (Step("own", 0, "notify_lead"), Step("resolve", 30, "raise_priority"))),
    ("medium", NOBODY): Plan(
        "new york",
        90,
        300,
        (Step("start", 45, "notify_lead"), Step("own", 0, "raise_priority"), Step("resolve", -60, "notify_lead")),
    ),
    ("high", NOBODY): Plan(
        "always", 60, 240, (Step("own", -30, "notify_operator"), Step("resolve", 0, "raise_priority"))
    ),
    ("critical", NOBODY): Plan("madrid", 20, None, (Step("start", 0, "notify_channels"), Step("own", 15, "reassign"))),
    ("medium", BANCO): Plan("santiago", 30, 150, (Step("own", 0, "reassign"), Step("resolve", -30, "raise_priority"))),
    ("high", BANCO): Plan("new york", 45, 180, (Step("start", 10, "reassign"), Step("resolve", 0, "reassign"))),
}


def plan_of(priority: str, client: int) -> Plan:
    """What is promised for a priority to a client: what all are promised where nothing is promised to them."""
    return PLANS.get((priority, client)) or PLANS[(priority, NOBODY)]


@cache
def is_open(calendar: str, at: datetime) -> bool:
    """Whether the minute that begins then is working time."""
    hours = CALENDARS[calendar]
    return hours.is_always or (_has_hours(calendar, at) and hours.is_working_day(_local(calendar, at).date()))


@cache
def _has_hours(calendar: str, at: datetime) -> bool:
    local = _local(calendar, at)
    minute = local.hour * 60 + local.minute
    return any(begin <= minute < end for begin, end in CALENDARS[calendar].hours[local.weekday()])


@cache
def _changes_clock(calendar: str, at: datetime) -> bool:
    return _local(calendar, at).utcoffset() != _local(calendar, at + MINUTE).utcoffset()


def _local(calendar: str, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(CALENDARS[calendar].time_zone))


class Model:
    """A ticket opened at ``at`` (aware UTC). ``operators`` are those of whom one has it, ``None`` for nobody."""

    def __init__(self, at: datetime, priority: str, client: int) -> None:
        self.at, self.priority, self.client, self.state = at, priority, client, "new"
        self.plan = plan_of(priority, client)
        self.left: dict[str, int | None] = {"own": self.plan.own, "resolve": self.plan.resolve}
        self.missed = {"own": False, "resolve": False}
        self.met: dict[str, datetime | None] = {"own": None, "resolve": None}
        self.ran: list[datetime] = []
        self.since_start, self.done = 0, set[int]()
        self.waits_until: datetime | None = None
        self.operators: set[int | None] = {None}
        self.met_with: set[str] = set()

    @property
    def runs(self) -> bool:
        """Whether its clocks do."""
        return self.state in ("new", "open")

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to work it."""
        return self.runs or self.state == "waiting"

    def pass_minute(self) -> None:
        """Let a minute pass."""
        calendar = self.plan.calendar
        opened = is_open(calendar, self.at)
        self._look_at(calendar, opened)
        if self.runs:
            for name in ("own", "resolve"):
                left = self.left[name]
                if self.met[name] or left is None:
                    continue
                self.missed[name] |= left == 0
                self.left[name] = left - opened
            self.ran.append(self.at)
            self.since_start += opened
        self.at += MINUTE

    def _look_at(self, calendar: str, opened: bool) -> None:
        if self.state == "waiting" and opened:
            self.met_with.add("pause")
        elif self.runs and not opened and _has_hours(calendar, self.at):
            self.met_with.add("closed day" if calendar == "santiago" else "holiday")
        if self.runs and opened and _changes_clock(calendar, self.at):
            self.met_with.add("change of clocks")

    def become(self, state: str) -> None:
        """Go over to another state."""
        if self.state == "new":
            self.met["own"] = self.at
        if state in ("resolved", "closed"):
            self.met["resolve"] = self.met["resolve"] or self.at
        elif self.met["resolve"]:
            self.met_with.add("reopening")
            self.met["resolve"] = None
            self.count_by(self.priority)
        self.state, self.waits_until = state, None

    def take(self, operator: int) -> None:
        """Somebody makes it theirs, which begins a new one."""
        self.operators = {operator}
        if self.state == "new":
            self.met["own"], self.state = self.at, "open"

    def belong_to(self, client: int) -> None:
        """Be another client's: an open ticket counts by what they are promised, an ended one once it is reopened."""
        if client == self.client:
            return
        before, self.client = self.plan, client
        if self.is_open:
            self.count_by(self.priority)
            self.met_with.add("change of client" if self.plan != before else "change of client alone")

    def count_by(self, priority: str) -> None:
        """Count by the plan of a priority from now on."""
        rises = PRIORITIES.index(priority) > PRIORITIES.index(self.priority)
        old, new = self.plan, plan_of(priority, self.client)
        for name, wanted in (("own", new.own), ("resolve", new.resolve)):
            if self.met[name] or self.missed[name]:
                continue
            left = self.left[name]
            if wanted is None:
                self.left[name] = None
            elif not rises:
                self.left[name] = max(0, wanted - sum(is_open(new.calendar, minute) for minute in self.ran))
            elif left is None or not self.runs:
                self.left[name] = wanted if left is None else min(wanted, left)
            else:
                self.left[name] = min(wanted, self._open_until_due(old.calendar, new.calendar, left, wanted))
        self.priority, self.plan, self.since_start, self.done = priority, new, 0, set()

    def _open_until_due(self, old: str, new: str, left: int, enough: int) -> int:
        minute, counted = self.at, 0
        while left > 0 and counted < enough:
            left -= is_open(old, minute)
            counted += is_open(new, minute)
            minute += MINUTE
        return counted

    def due_step(self) -> int | None:
        """The step that should be taken now, the longest due first."""
        late = []
        for number, step in enumerate(self.plan.steps if self.runs else ()):
            if number in self.done:
                continue
            if step.anchor == "start":
                ahead = step.minutes - self.since_start
            elif self.met[step.anchor] is None and (left := self.left[step.anchor]) is not None:
                ahead = left + step.minutes
            else:
                continue
            if ahead <= 0:
                late.append((ahead, number))
        return min(late)[1] if late else None

    @property
    def is_due(self) -> bool:
        """Whether the escalation job has something to do."""
        return (self.waits_until is not None and self.waits_until <= self.at) or self.due_step() is not None

    def escalate(self) -> int:
        """End a wait that ran out and take every step that is due, also those that come due by it; gives how many."""
        if self.waits_until is not None and self.waits_until <= self.at:
            self.met_with.add("end of a wait")
            self.become("open")
        taken = 0
        while (number := self.due_step()) is not None:
            taken += 1
            self.done.add(number)
            self._act(self.plan.steps[number].action)
            self._be_given()
        self._be_given()
        return taken

    def _act(self, action: str) -> None:
        self.met_with.add("escalation")
        if action == "raise_priority" and self.priority != PRIORITIES[-1]:
            self.met_with.add("raised priority")
            self.count_by(PRIORITIES[PRIORITIES.index(self.priority) + 1])
        elif action == "reassign":
            self.met_with.add("reassignment")
            crew: set[int | None] = set(CREW)
            self.operators = crew - self.operators if len(self.operators) == 1 else crew

    def _be_given(self) -> None:
        """What nobody has is given to somebody at every run of the job."""
        if self.is_open and self.operators == {None}:
            self.operators = set(CREW)


OCCASIONS = (
    (datetime(2026, 3, 8, 6, tzinfo=UTC), "medium", NOBODY),
    (datetime(2026, 11, 1, 5, tzinfo=UTC), "high", BANCO),
    (datetime(2026, 4, 5, 2, tzinfo=UTC), "medium", BANCO),
    (datetime(2026, 11, 21, 22, tzinfo=UTC), "medium", BANCO),
    (datetime(2026, 12, 8, 11, tzinfo=UTC), "low", HOTEL),
    (datetime(2026, 11, 26, 3, tzinfo=UTC), "medium", HOTEL),
    (datetime(2026, 12, 8, 19, tzinfo=UTC), "critical", NOBODY),
    (datetime(2026, 11, 20, 15, tzinfo=UTC), "high", NOBODY),
)
"""When a life may begin, and as what: before changes of the clock, a closed day and holidays of those calendars."""
