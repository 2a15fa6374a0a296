"""Deadlines from what happened alone: pauses, changes of priority, misses that stay, reopening, steps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.tickets.calendars import ALWAYS, Calendar, office_hours
from core.tickets.deadlines import ESCALATED, GENERATION, POLICY, STEP, Happening, Standing, standing
from core.tickets.policies import Policy, Step

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
"""A Friday, ten in the morning in Bogotá."""

OFFICE = Calendar(time_zone="America/Bogota", country="CO", hours=office_hours(8 * 60, 18 * 60))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def policy(priority: str = "medium", calendar: Calendar = ALWAYS, **given: Any) -> Policy:
    return Policy(priority, calendar, **{"own": HOUR, "resolve": 4 * HOUR, **given})


def made(by: Policy) -> Happening:
    return Happening(START, "created", "new", "new", {POLICY: by.to_json()})


def moved(after: timedelta, before: str, state: str, **detail: Any) -> Happening:
    return Happening(START + after, state, before, state, detail)


def counted(after: timedelta, by: Policy, state: str = "new") -> Happening:
    return Happening(START + after, "prioritised", state, state, {POLICY: by.to_json()})


def stepped(after: timedelta, step: int, generation: int, state: str = "new") -> Happening:
    return Happening(START + after, ESCALATED, state, state, {STEP: step, GENERATION: generation})


def test_a_new_ticket_is_due_by_its_policy() -> None:
    stands = standing([made(policy())])
    assert (stands.own_due_at, stands.resolve_due_at) == (START + HOUR, START + 4 * HOUR)
    assert stands.due_at == START + HOUR
    assert (stands.owned_at, stands.resolved_at, stands.own_left, stands.generation) == (None, None, None, 1)


def test_owning_meets_the_first_deadline_and_leaves_the_second() -> None:
    stands = standing([made(policy()), moved(30 * MINUTE, "new", "open")])
    assert stands.owned_at == START + 30 * MINUTE
    assert stands.own_due_at == START + HOUR
    assert stands.due_at == stands.resolve_due_at == START + 4 * HOUR


def test_waiting_pauses_and_moves_what_is_left() -> None:
    history = [made(policy()), moved(HOUR / 2, "new", "open"), moved(HOUR, "open", "waiting")]
    stands = standing(history)
    assert (stands.due_at, stands.resolve_due_at, stands.resolve_left) == (None, None, 3 * HOUR)
    stands = standing([*history, moved(50 * HOUR, "waiting", "open")])
    assert stands.resolve_due_at == START + 53 * HOUR
    assert stands.resolve_left is None


def test_a_deadline_that_passed_stays_whatever_comes_after() -> None:
    history = [made(policy()), moved(HOUR / 2, "new", "open"), moved(5 * HOUR, "open", "waiting")]
    for stands in (
        standing(history),
        standing([*history, moved(9 * HOUR, "waiting", "open")]),
        standing([*history, counted(6 * HOUR, policy("low", resolve=90 * HOUR), "waiting")]),
        standing([*history, moved(7 * HOUR, "waiting", "resolved")]),
    ):
        assert stands.resolve_due_at == START + 4 * HOUR
    assert stands.resolved_at == START + 7 * HOUR
    assert stands.due_at is None


def test_an_end_at_the_very_deadline_keeps_it_and_a_moment_later_misses_it() -> None:
    kept = standing([made(policy()), moved(4 * HOUR, "new", "resolved")])
    assert kept.resolved_at == kept.resolve_due_at
    late = standing([made(policy()), moved(4 * HOUR + timedelta(microseconds=1), "new", "resolved")])
    assert late.resolved_at is not None
    assert late.resolve_due_at is not None
    assert late.resolved_at > late.resolve_due_at == START + 4 * HOUR


def test_a_pause_at_the_very_deadline_is_no_miss() -> None:
    history = [made(policy()), moved(4 * HOUR, "new", "waiting")]
    paused = standing(history)
    assert (paused.resolve_due_at, paused.resolve_left) == (None, 0 * HOUR)
    assert standing([*history, moved(9 * HOUR, "waiting", "open")]).resolve_due_at == START + 9 * HOUR


def test_a_falling_priority_counts_no_time_of_waiting() -> None:
    low = policy("low", own=2 * HOUR, resolve=8 * HOUR)
    history = [made(policy()), moved(HOUR, "new", "waiting"), moved(11 * HOUR, "waiting", "open")]
    assert standing([*history, counted(12 * HOUR, low, "open")]).resolve_due_at == START + 18 * HOUR


def test_a_miss_outside_working_hours_is_one_too() -> None:
    by = policy(calendar=OFFICE, resolve=8 * HOUR)
    late = standing([made(by), moved(8 * HOUR + MINUTE, "new", "resolved")])
    assert late.resolve_due_at == START + 8 * HOUR
    assert late.resolved_at == START + 8 * HOUR + MINUTE


def test_working_hours_carry_a_deadline_over_the_weekend() -> None:
    stands = standing([made(policy(calendar=OFFICE, own=2 * HOUR, resolve=10 * HOUR))])
    assert stands.own_due_at == START + 2 * HOUR
    assert stands.resolve_due_at == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def test_a_rising_priority_brings_deadlines_nearer_and_never_moves_them_away() -> None:
    near = standing([made(policy()), counted(HOUR / 2, policy("high", own=HOUR / 4, resolve=2 * HOUR))])
    assert (near.own_due_at, near.resolve_due_at) == (START + HOUR * 3 / 4, START + 2.5 * HOUR)
    far = standing([made(policy()), counted(HOUR / 2, policy("high", own=9 * HOUR, resolve=9 * HOUR))])
    assert (far.own_due_at, far.resolve_due_at) == (START + HOUR, START + 4 * HOUR)
    assert far.generation == 2


def test_a_falling_priority_counts_from_the_start_so_that_raising_and_lowering_wins_nothing() -> None:
    low = policy("low", own=2 * HOUR, resolve=8 * HOUR)
    up_and_down = standing([made(low), counted(3 * HOUR, policy("high")), counted(3.5 * HOUR, low)])
    assert up_and_down.resolve_due_at == standing([made(low)]).resolve_due_at
    never_back = standing([made(policy()), counted(3 * HOUR, policy("low", own=None, resolve=HOUR))])
    assert never_back.resolve_due_at == START + 3 * HOUR
    assert never_back.own_due_at == START + HOUR, "missed before the change"


def test_no_promise_no_deadline() -> None:
    stands = standing([made(policy(own=None, resolve=None))])
    assert (stands.own_due_at, stands.resolve_due_at, stands.due_at, stands.next_step) == (None, None, None, None)


def test_a_reopened_ticket_has_what_was_left() -> None:
    history = [made(policy()), moved(HOUR / 2, "new", "open"), moved(HOUR, "open", "resolved")]
    again = Happening(START + 90 * HOUR, "reopened", "resolved", "open", {POLICY: policy().to_json()})
    stands = standing([*history, again])
    assert stands.resolved_at is None
    assert stands.resolve_due_at == START + 93 * HOUR
    assert stands.generation == 2
    ended = standing([*history, moved(2 * HOUR, "resolved", "closed")])
    assert ended.resolved_at == START + HOUR


def test_a_merged_ticket_has_no_deadlines() -> None:
    stands = standing([made(policy()), moved(HOUR / 2, "new", "merged")])
    assert (stands.due_at, stands.own_due_at, stands.resolve_due_at, stands.next_at) == (None, None, None, None)
    assert stands.owned_at is None


STEPS = (
    Step("start", 0, "notify_channels"),
    Step("own", -15, "notify_operator"),
    Step("own", 0, "reassign"),
    Step("resolve", 30, "notify_lead"),
)


def test_steps_come_in_the_order_of_their_time_once_each() -> None:
    by = policy(steps=STEPS)
    history, seen = [made(by)], []
    for _ in STEPS:
        stands = standing(history)
        assert stands.next_step is not None
        assert stands.next_at is not None
        seen.append((stands.next_step, stands.next_at - START))
        history.append(stepped(stands.next_at - START, stands.next_step, 1))
    assert seen == [(0, 0 * HOUR), (1, 45 * MINUTE), (2, HOUR), (3, 4.5 * HOUR)]
    assert standing(history).next_step is None


def test_owning_leaves_out_the_steps_of_the_time_to_own() -> None:
    stands = standing([made(policy(steps=STEPS)), stepped(MINUTE, 0, 1), moved(HOUR / 2, "new", "open")])
    assert (stands.next_step, stands.next_at) == (3, START + 4.5 * HOUR)


def test_no_step_comes_while_a_ticket_waits_or_after_its_end() -> None:
    history = [made(policy(steps=STEPS)), stepped(MINUTE, 0, 1), moved(HOUR, "new", "waiting")]
    stands = standing(history)
    assert (stands.next_step, stands.next_at) == (3, None)
    back = standing([*history, moved(3 * HOUR, "waiting", "open")])
    assert back.next_at == START + 6.5 * HOUR
    over = standing([*history, moved(3 * HOUR, "waiting", "closed")])
    assert (over.next_step, over.next_at) == (None, None)


def test_a_new_policy_begins_its_steps_anew_and_an_old_step_counts_no_more() -> None:
    history = [made(policy(steps=STEPS)), stepped(MINUTE, 0, 1), counted(HOUR / 2, policy("high", steps=STEPS))]
    stands = standing([*history, stepped(HOUR / 2, 0, 1)])
    assert (stands.generation, stands.next_step, stands.next_at) == (2, 0, START + HOUR / 2)


def test_a_step_late_by_the_clock_is_due_at_once() -> None:
    history = [made(policy(steps=STEPS)), stepped(2 * HOUR, 0, 1)]
    assert standing(history).next_at == START + 2 * HOUR


def test_a_machine_that_stepped_back_turns_no_time_around() -> None:
    history = [made(policy()), moved(HOUR, "new", "open"), moved(HOUR / 2, "open", "waiting")]
    stands: Standing = standing(history)
    assert stands.resolve_left == 3 * HOUR


def test_a_history_without_a_policy_is_none() -> None:
    with pytest.raises(ValueError, match="policy"):
        standing([moved(HOUR, "new", "open")])


def test_a_deadline_at_the_end_of_the_hours_is_missed_and_its_steps_come_in_time() -> None:
    by = policy(calendar=OFFICE, own=None, resolve=8 * HOUR, steps=(Step("resolve", 30, "notify_lead"),))
    evening = Happening(START + 9 * HOUR, "commented", "new", "new")
    plain, told = standing([made(by)]), standing([made(by), evening])
    assert plain.resolve_due_at == told.resolve_due_at == START + 8 * HOUR
    assert told.next_at == plain.next_at == START + 70 * HOUR + 30 * MINUTE, "on Monday, half an hour after opening"
    resolved = standing([made(by), evening, moved(10 * HOUR, "new", "resolved")])
    assert resolved.resolve_due_at == START + 8 * HOUR, "missed"
