"""From what happened to a ticket to its deadlines: one pure function, so that a replay gives what is stored.

Two clocks count the working time of the policy's calendar: to own runs until somebody leaves the state new, to
resolve until an end. Both pause while the ticket waits or is ended. A deadline that passed unmet stays where it was,
whatever happens later. A new priority or client counts by its policy of that moment: a rising priority may bring a
deadline nearer and never moves it away; otherwise the ticket counts as if that policy had held from its start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.tickets.policies import Anchor, Policy, Step
from core.tickets.vocabulary import ENDED_STATES, rank

POLICY, STEP, GENERATION = "policy", "step", "generation"
"""What the detail of a timeline row may hold for the clocks: a snapshot; the step that ran, and whose it was."""

ESCALATED = "escalated"
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class Happening:
    """One row of the timeline, as far as clocks care. ``at`` is aware."""

    at: datetime
    action: str
    from_state: str
    to_state: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """Where a ticket's clocks stand after its last happening.

    A due instant is ``None`` while its clock pauses before it was reached; ``own_left`` and ``resolve_left`` are what
    is left of the working time then. Once met, it stays as it was at that moment: kept when not before it. ``due_at``
    is the next one unmet. ``next_step`` is the number of the next step of ``policy`` and ``next_at`` its instant.
    """

    policy: Policy
    generation: int
    owned_at: datetime | None = None
    resolved_at: datetime | None = None
    own_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    own_left: timedelta | None = None
    resolve_left: timedelta | None = None
    due_at: datetime | None = None
    next_step: int | None = None
    next_at: datetime | None = None


def standing(history: Iterable[Happening]) -> Standing:
    """What follows from a ticket's whole history, oldest first. Raises ``ValueError`` when nothing started its clock.

    An instant before the one of the row above it counts as that one, since a corrected machine may step back.
    """
    clocks: _Clocks | None = None
    for happening in history:
        if clocks is not None:
            clocks.take(happening)
        elif POLICY in happening.detail:
            clocks = _Clocks(happening.at, Policy.from_json(happening.detail[POLICY]))
    if clocks is None:
        raise ValueError("a ticket's history begins with its policy")
    return clocks.standing()


@dataclass(frozen=True)
class Foreseen:
    """When a ticket that is opened now and nobody touches would come due, and when each step of its policy comes."""

    own: datetime | None
    resolve: datetime | None
    steps: tuple[datetime | None, ...]


def foreseen(policy: Policy, at: datetime) -> Foreseen:
    """What a policy means for a ticket opened at an instant."""
    promised = {"own": policy.own, "resolve": policy.resolve}

    def comes(step: Step) -> datetime | None:
        begins = _NOTHING if step.anchor == "start" else promised[step.anchor]
        if begins is None:
            return None
        return policy.calendar.after(at, max(_NOTHING, begins + timedelta(minutes=step.minutes)))

    own, resolve = (None if span is None else policy.calendar.after(at, span) for span in promised.values())
    return Foreseen(own, resolve, tuple(comes(step) for step in policy.steps))


@dataclass
class _Promise:
    """One of the two clocks. Once missed, ``due_at`` stands for good, and ``left`` is what was worked beyond it.

    Of a deadline at the end of the working hours nothing has been worked beyond it until the next ones begin.
    """

    left: timedelta | None
    met_at: datetime | None = None
    due_at: datetime | None = None
    is_missed: bool = False

    @property
    def runs(self) -> bool:
        return self.met_at is None


class _Clocks:
    def __init__(self, at: datetime, policy: Policy) -> None:
        self._now = at
        self._policy = policy
        self._own = _Promise(policy.own)
        self._resolve = _Promise(policy.resolve)
        self._generation = 1
        self._counted = _NOTHING
        self._done: set[int] = set()
        self._runs_since: datetime | None = at
        self._ran: list[tuple[datetime, datetime]] = []
        self._is_over = False

    def take(self, happening: Happening) -> None:
        at = max(happening.at, self._now)
        self._advance(at)
        if happening.from_state != happening.to_state:
            self._change_state(happening.from_state, happening.to_state, at)
        if POLICY in happening.detail:
            self._count_by(Policy.from_json(happening.detail[POLICY]), at)
        if happening.action == ESCALATED and happening.detail.get(GENERATION) == self._generation:
            self._done.add(int(happening.detail[STEP]))

    def _advance(self, to: datetime) -> None:
        if self._runs_since is not None and to > self._now:
            worked = self._policy.calendar.between(self._now, to)
            self._counted += worked
            for promise in (self._own, self._resolve):
                self._let_run(promise, worked, to)
        self._now = to

    def _let_run(self, promise: _Promise, worked: timedelta, to: datetime) -> None:
        if promise.left is None or not promise.runs:
            return
        if not promise.is_missed:
            due = self._policy.calendar.after(self._now, promise.left)
            if due is not None and due < to:
                promise.due_at, promise.is_missed = due, True
        promise.left -= worked

    def _change_state(self, before: str, after: str, at: datetime) -> None:
        if before == "new" and after != "merged":
            self._meet(self._own, at)
        if after in ENDED_STATES and self._resolve.runs:
            self._meet(self._resolve, at)
        if before in ENDED_STATES and after == "open":
            self._resolve.met_at = None
            if not self._resolve.is_missed:
                self._resolve.due_at = None
        self._is_over = after == "merged"
        self._run(after in ("new", "open"), at)

    def _meet(self, promise: _Promise, at: datetime) -> None:
        if not promise.runs:
            return
        promise.met_at = at
        if promise.left is not None and not promise.is_missed:
            promise.due_at = self._policy.calendar.after(at, promise.left)

    def _run(self, runs: bool, at: datetime) -> None:
        if runs and self._runs_since is None:
            self._runs_since = at
        elif not runs and self._runs_since is not None:
            self._ran.append((self._runs_since, at))
            self._runs_since = None

    def _count_by(self, policy: Policy, at: datetime) -> None:
        for promise, wanted in ((self._own, policy.own), (self._resolve, policy.resolve)):
            if promise.runs and not promise.is_missed:
                promise.left = self._left_under(policy, promise.left, wanted, at)
        self._policy = policy
        self._generation += 1
        self._counted, self._done = _NOTHING, set()

    def _left_under(
        self, policy: Policy, left: timedelta | None, wanted: timedelta | None, at: datetime
    ) -> timedelta | None:
        if wanted is None:
            return None
        if rank(policy.priority) <= rank(self._policy.priority):
            return max(_NOTHING, wanted - self._worked(policy, at))
        if left is None or self._runs_since is None:
            return wanted if left is None else min(wanted, left)
        due = self._policy.calendar.after(at, left)
        return wanted if due is None else min(wanted, policy.calendar.between(at, due))

    def _worked(self, policy: Policy, at: datetime) -> timedelta:
        spans = [*self._ran, (self._runs_since, at)] if self._runs_since is not None else self._ran
        return sum((policy.calendar.between(begin, end) for begin, end in spans), _NOTHING)

    def standing(self) -> Standing:
        own_due, resolve_due = self._due(self._own), self._due(self._resolve)
        unmet = [
            due
            for promise, due in ((self._own, own_due), (self._resolve, resolve_due))
            if promise.runs and due is not None
        ]
        is_counting = self._resolve.runs and not self._is_over
        number, at = self._next_step() if is_counting else (None, None)
        return Standing(
            policy=self._policy,
            generation=self._generation,
            owned_at=self._own.met_at,
            resolved_at=self._resolve.met_at,
            own_due_at=own_due,
            resolve_due_at=resolve_due,
            own_left=self._left(self._own),
            resolve_left=self._left(self._resolve),
            due_at=min(unmet, default=None) if is_counting else None,
            next_step=number,
            next_at=at,
        )

    def _due(self, promise: _Promise) -> datetime | None:
        if not promise.runs or promise.is_missed:
            return promise.due_at
        if promise.left is None or self._runs_since is None or self._is_over:
            return None
        return self._policy.calendar.after(self._now, promise.left)

    def _left(self, promise: _Promise) -> timedelta | None:
        if not promise.runs or promise.is_missed or promise.left is None:
            return None
        return promise.left if self._runs_since is None and not self._is_over else None

    def _next_step(self) -> tuple[int | None, datetime | None]:
        """The step to come soonest, and when; the number alone while the clock pauses."""
        ahead = [
            (left, number)
            for number, step in enumerate(self._policy.steps)
            if number not in self._done and (left := self._until(step)) is not None
        ]
        if not ahead:
            return None, None
        left, number = min(ahead)
        if self._runs_since is None:
            return number, None
        return number, self._policy.calendar.after(self._now, max(_NOTHING, left))

    def _until(self, step: Step) -> timedelta | None:
        """The working time until a step; negative when it is behind, ``None`` when it is not to come."""
        minutes = timedelta(minutes=step.minutes)
        if step.anchor == "start":
            return minutes - self._counted
        promise = self._promise(step.anchor)
        return promise.left + minutes if promise.runs and promise.left is not None else None

    def _promise(self, anchor: Anchor) -> _Promise:
        return self._own if anchor == "own" else self._resolve
