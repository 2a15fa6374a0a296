"""What becomes of a call: recorded calls, the rules for odd releases, and any order of events."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.asterisk.call_state import (
    FINAL,
    CallState,
    Detail,
    Status,
    accepted,
    after,
    cancel_requested,
    given_up,
    lost,
    not_accepted,
    observed,
)
from core.asterisk.events import Channel, Destroyed, Dialled, EnteredApplication, StateChanged
from tests.asterisk.recordings import CAPTURES, replayed
from tests.conftest import NOON

OURS = Channel("tw-1", "Down", NOON)
FRESH = CallState("tw-1", timeout_seconds=30)
ORDER = list(Status)


@pytest.mark.parametrize(
    ("name", "status", "detail", "cause", "sip_code"),
    [
        ("local-answer", Status.COMPLETED, "", 16, None),
        ("local-progress", Status.COMPLETED, "", 16, None),
        ("sip-answer", Status.COMPLETED, "", 0, None),
        ("local-busy", Status.BUSY, "", 0, None),
        ("local-busy17", Status.BUSY, "", 17, None),
        ("sip-603", Status.FAILED, "", 21, 603),
        ("sip-302", Status.FAILED, "", 23, 302),
        ("sip-302-release-20", Status.FAILED, "", 23, None),
        ("sip-answer-goodbye38", Status.COMPLETED, "", 38, None),
        ("sip-tone-we-hangup", Status.COMPLETED, "", 16, None),
        ("sip-ring-timeout3", Status.NO_ANSWER, "timeout", 19, None),
        ("local-cancel-while-ringing", Status.FAILED, "cancelled", 16, None),
    ],
)
def test_a_recorded_call_ends_as_it_did(
    name: str, status: Status, detail: str, cause: int, sip_code: int | None
) -> None:
    state = replayed(CAPTURES / f"{name}.jsonl")
    assert (state.status, state.detail, state.cause, state.sip_code) == (status, detail, cause, sip_code)


@pytest.mark.parametrize(("told", "kept"), [(0, 23), (127, 23), (23, 23), (17, 17)])
def test_a_peer_that_sends_calls_on_is_told_as_such_by_releases_that_do_not_say_so(told: int, kept: int) -> None:
    """Release 20.6 ends such a call with cause 0, 22.10 with 23; both tell where it was to go."""
    dialled = after(FRESH, Dialled(NOON, OURS, "CANCEL", "+576015550133"), NOON)
    assert after(dialled, Destroyed(NOON, OURS, told, None), NOON).cause == kept
    plain = after(FRESH, Dialled(NOON, OURS, "CANCEL"), NOON)
    assert after(plain, Destroyed(NOON, OURS, told, None), NOON).cause == told


def test_an_answer_stored_after_an_event_that_overtook_it_is_no_later_than_that() -> None:
    ringing = after(accepted(FRESH, NOON + timedelta(seconds=1)), Dialled(NOON, OURS, "RINGING"), NOON)
    assert (ringing.dialed_at, ringing.ringing_at) == (NOON, NOON)


@pytest.mark.parametrize(
    ("waited", "word", "status"),
    [(30.0, "", "no_answer"), (29.0, "", "failed"), (31.0, "CONGESTION", "failed"), (31.0, "BUSY", "busy")],
)
def test_older_releases_ring_out_with_cause_0(waited: float, word: str, status: str) -> None:
    dialled = after(FRESH, Dialled(NOON, OURS, word), NOON)
    assert after(dialled, Destroyed(NOON + timedelta(seconds=waited), OURS, 0, None), NOON).status == status


def test_a_new_channel_in_our_hands_is_not_answered() -> None:
    assert after(FRESH, EnteredApplication(NOON, OURS), NOON).status is Status.PENDING
    assert after(FRESH, EnteredApplication(NOON, replace(OURS, state="Up")), NOON).status is Status.ANSWERED


def test_an_end_nobody_saw_is_never_guessed() -> None:
    up = observed(FRESH, replace(OURS, state="Up"), NOON)
    assert (lost(up, NOON).status, lost(up, NOON).detail) == (Status.COMPLETED, Detail.UNOBSERVED)
    assert (lost(FRESH, NOON).status, lost(FRESH, NOON).detail) == (Status.FAILED, Detail.UNOBSERVED)


def test_a_refused_request_failed() -> None:
    assert not_accepted(FRESH, NOON).detail is Detail.NOT_ACCEPTED


def test_talk_is_measured_from_answer_to_end() -> None:
    elsewhere = NOON - timedelta(hours=3)
    up = after(FRESH, StateChanged(elsewhere, replace(OURS, state="Up")), NOON)
    ended = after(up, Destroyed(elsewhere, OURS, 38, None), NOON + timedelta(seconds=7))
    assert (ended.talk_seconds, ended.answered_at) == (7, NOON)


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_a_wrong_clock_at_asterisk_changes_neither_the_moments_nor_the_rule_of_the_timeout(hours: int) -> None:
    began = NOON + timedelta(hours=hours)
    theirs = replace(OURS, created_at=began)
    dialled = after(FRESH, Dialled(began, theirs, ""), NOON)
    rang_out = after(dialled, Destroyed(began + timedelta(seconds=30), theirs, 19, 480), NOON + timedelta(seconds=31))
    assert (rang_out.detail, rang_out.sip_code) == (Detail.TIMEOUT, None)
    assert (rang_out.dialed_at, rang_out.ended_at) == (NOON, NOON + timedelta(seconds=31))
    by_the_peer = after(dialled, Destroyed(began + timedelta(seconds=9), theirs, 19, 480), NOON + timedelta(seconds=40))
    assert (by_the_peer.detail, by_the_peer.sip_code) == (Detail.NONE, 480)


def test_a_time_that_asterisk_did_not_tell_is_measured_by_our_clock_alone() -> None:
    theirs = Channel("tw-1", "Ringing", None)
    dialled = after(FRESH, Dialled(NOON + timedelta(hours=5), theirs, ""), NOON)
    early = after(dialled, Destroyed(NOON + timedelta(hours=5), theirs, 0, None), NOON + timedelta(seconds=3))
    late = after(dialled, Destroyed(NOON + timedelta(hours=5), theirs, 0, None), NOON + timedelta(seconds=30))
    assert (early.status, late.status) == (Status.FAILED, Status.NO_ANSWER)


@pytest.mark.parametrize(
    ("cause", "sip_code", "detail"),
    [(16, None, "cancelled"), (19, None, "cancelled"), (0, None, "cancelled"), (127, 487, "cancelled"), (38, None, ""),
     (21, 603, ""), (34, 503, "")],
)  # fmt: skip
def test_our_hanging_up_is_named_unless_the_network_has_a_word_of_its_own(
    cause: int, sip_code: int | None, detail: str
) -> None:
    cancelled = cancel_requested(after(FRESH, Dialled(NOON, OURS, "RINGING"), NOON))
    ended = after(cancelled, Destroyed(NOON + timedelta(seconds=5), OURS, cause, sip_code), NOON)
    assert (ended.status, ended.detail) == (Status.FAILED, detail)


def test_a_call_that_never_left_says_so() -> None:
    assert (given_up(FRESH, NOON).status, given_up(FRESH, NOON).detail) == (Status.FAILED, Detail.NOT_PLACED)


class AnyOrder(RuleBasedStateMachine):
    """Asterisk's events, our requests and look-ups in any order, repeated, and mixed with other channels'."""

    def __init__(self) -> None:
        super().__init__()
        self.state = FRESH
        self.before = FRESH
        self.now = NOON

    def _become(self, state: CallState) -> None:
        self.before, self.state = self.state, state
        self.now += timedelta(seconds=1)

    @rule(word=st.sampled_from(["", "RINGING", "PROGRESS", "ANSWER", "BUSY", "NOANSWER", "CONGESTION", "?"]))
    def dials(self, word: str) -> None:
        self._become(after(self.state, Dialled(self.now, OURS, word), self.now))

    @rule(channel_state=st.sampled_from(["Down", "Ring", "Ringing", "Up", "Busy", ""]))
    def changes(self, channel_state: str) -> None:
        self._become(after(self.state, StateChanged(self.now, replace(OURS, state=channel_state)), self.now))

    @rule(cause=st.integers(0, 127), channel_state=st.sampled_from(["Down", "Ringing", "Up"]))
    def ends(self, cause: int, channel_state: str) -> None:
        self._become(after(self.state, Destroyed(self.now, replace(OURS, state=channel_state), cause, None), self.now))
        assert self.state.is_final

    @rule(cause=st.integers(0, 127), other=st.sampled_from(["tw-1;2", "tw-11", "1700000000.1"]))
    def another_channel_ends(self, cause: int, other: str) -> None:
        self._become(after(self.state, Destroyed(self.now, Channel(other, "Up", NOON), cause, None), self.now))
        assert self.state == self.before

    @rule(channel_state=st.sampled_from(["Down", "Ring", "Ringing", "Up", "Unknown", ""]))
    def is_looked_up_after_a_reconnection(self, channel_state: str) -> None:
        self._become(observed(self.state, replace(OURS, state=channel_state), self.now))
        assert self.state.is_final == self.before.is_final
        if channel_state == "Up" and not self.before.is_final:
            assert self.state.status is Status.ANSWERED

    @rule(other=st.sampled_from(["tw-1;2", "tw-11"]))
    def another_channel_is_looked_up(self, other: str) -> None:
        self._become(observed(self.state, Channel(other, "Up", NOON), self.now))
        assert self.state == self.before

    @rule(step=st.sampled_from([accepted, not_accepted, lost, given_up]))
    def is_told(self, step: Callable[[CallState, datetime], CallState]) -> None:
        self._become(step(self.state, self.now))

    @rule()
    def cancels(self) -> None:
        self._become(cancel_requested(self.state))

    @invariant()
    def never_moves_backwards(self) -> None:
        if self.before.status in FINAL:
            assert self.state == self.before
        assert ORDER.index(self.state.status) >= ORDER.index(self.before.status)

    @invariant()
    def is_completed_exactly_when_it_was_answered(self) -> None:
        if self.state.status is Status.COMPLETED:
            assert self.state.answered_at is not None
        if self.state.status in {Status.BUSY, Status.NO_ANSWER}:
            assert self.state.answered_at is None

    @invariant()
    def its_moments_follow_each_other(self) -> None:
        moments = [self.state.dialed_at, self.state.ringing_at, self.state.answered_at, self.state.ended_at]
        passed = [moment for moment in moments if moment is not None]
        assert passed == sorted(passed)

    @invariant()
    def ends_once_it_is_final(self) -> None:
        assert (self.state.ended_at is not None) == self.state.is_final


TestAnyOrder = AnyOrder.TestCase
