"""What is promised: time to own and to resolve for a priority and a client, and the way of escalation.

A ticket counts by a snapshot taken when its clock starts, so that a later change of policy or calendar moves no
promise that was made.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal, get_args

from core.errors import InvalidInputError
from core.tickets.calendars import ALWAYS, Calendar
from core.tickets.vocabulary import PRIORITIES, rank

Anchor = Literal["start", "own", "resolve"]
ANCHORS: tuple[Anchor, ...] = get_args(Anchor)
"""What a step's minutes are counted from: the start of the clock, or a deadline (before it: negative)."""

Action = Literal["notify_operator", "notify_lead", "notify_channels", "reassign", "raise_priority"]
ACTIONS: tuple[Action, ...] = get_args(Action)

LONGEST_MINUTES = 60 * 24 * 90
MOST_STEPS = 20


@dataclass(frozen=True)
class Step:
    """One step of escalation: ``minutes`` of working time after ``anchor``; before a deadline they are negative.

    A step anchored to time to own is left out once somebody owns the ticket.
    """

    anchor: Anchor
    minutes: int
    action: Action

    def to_json(self) -> dict[str, Any]:
        """As a row or a snapshot keeps it."""
        return {"anchor": self.anchor, "minutes": self.minutes, "action": self.action}


@dataclass(frozen=True)
class Policy:
    """A promise as a ticket counts by it. ``own`` and ``resolve`` are working time; ``None`` promises nothing."""

    priority: str
    calendar: Calendar
    own: timedelta | None = None
    resolve: timedelta | None = None
    steps: tuple[Step, ...] = ()
    policy_id: int = 0

    def to_json(self) -> dict[str, Any]:
        """The snapshot that the timeline keeps."""
        return {
            "policy_id": self.policy_id,
            "priority": self.priority,
            "own_minutes": _minutes(self.own),
            "resolve_minutes": _minutes(self.resolve),
            "steps": [step.to_json() for step in self.steps],
            "calendar": self.calendar.to_json(),
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> "Policy":
        """The policy of a snapshot."""
        return _parsed(json.dumps(stored))


@lru_cache(maxsize=256)
def _parsed(snapshot: str) -> Policy:
    """Thousands of tickets count by a few snapshots."""
    stored = json.loads(snapshot)
    return Policy(
        priority=str(stored["priority"]),
        calendar=Calendar.from_json(stored["calendar"]),
        own=_span(stored.get("own_minutes")),
        resolve=_span(stored.get("resolve_minutes")),
        steps=steps_from(stored.get("steps") or ()),
        policy_id=int(stored.get("policy_id") or 0),
    )


def steps_from(stored: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of a row or a snapshot. Raises ``InvalidInputError`` for what is none."""
    if len(stored) > MOST_STEPS:
        raise InvalidInputError(field="steps", problem=f"<= {MOST_STEPS}")
    return tuple(_step(one) for one in stored)


def _step(stored: Mapping[str, Any]) -> Step:
    anchor, action, minutes = stored.get("anchor"), stored.get("action"), stored.get("minutes")
    if anchor not in ANCHORS:
        raise InvalidInputError(field="anchor", problem=str(anchor)[:40])
    if action not in ACTIONS:
        raise InvalidInputError(field="action", problem=str(action)[:40])
    if not isinstance(minutes, int) or isinstance(minutes, bool) or abs(minutes) > LONGEST_MINUTES:
        raise InvalidInputError(field="minutes", problem=str(minutes)[:40])
    if anchor == "start" and minutes < 0:
        raise InvalidInputError(field="minutes", problem=">= 0")
    return Step(anchor, minutes, action)


def checked_minutes(field: str, minutes: int | None) -> int | None:
    """Minutes of a promise, or none. Raises ``InvalidInputError``."""
    if minutes is not None and not 0 < minutes <= LONGEST_MINUTES:
        raise InvalidInputError(field=field, problem=f"1-{LONGEST_MINUTES}")
    return minutes


_MINUTES = {"low": (16 * 60, 80 * 60), "medium": (8 * 60, 40 * 60), "high": (120, 16 * 60), "critical": (15, 4 * 60)}
"""Working minutes to own and to resolve until somebody sets others: two days and two weeks down to a quarter of an
hour and four hours, as fraud desks that pay by the minute promise."""

_STEPS = {
    "low": (Step("own", 0, "notify_lead"), Step("resolve", 0, "notify_lead")),
    "medium": (
        Step("own", 0, "notify_lead"),
        Step("resolve", -120, "notify_operator"),
        Step("resolve", 0, "notify_lead"),
    ),
    "high": (
        Step("own", -30, "notify_operator"),
        Step("own", 0, "reassign"),
        Step("resolve", -120, "notify_operator"),
        Step("resolve", 0, "raise_priority"),
    ),
    "critical": (
        Step("start", 0, "notify_channels"),
        Step("own", 0, "reassign"),
        Step("own", 15, "notify_lead"),
        Step("resolve", -60, "notify_operator"),
        Step("resolve", 0, "notify_lead"),
        Step("resolve", 60, "notify_channels"),
    ),
}


def founding(priority: str, calendar: Calendar = ALWAYS) -> Policy:
    """What is promised where no policy is kept."""
    own, resolve = _MINUTES[PRIORITIES[rank(priority)]]
    return Policy(priority, calendar, timedelta(minutes=own), timedelta(minutes=resolve), _STEPS[priority])


def _minutes(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds() // 60)


def _span(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)
