"""What became of one outbound call: a pure state machine over Asterisk's events.

The rules are those observed on Asterisk 20 and 22. A call moves forward only, and its end is final. Nothing but the
channel we made counts: the far half of a Local channel (``id;2``) and nested legs carry other ids.

There are two clocks. Every moment kept here is by our own, as it is passed in beside the event: durations and what
people read never mix the two. Only whether a call rang as long as it was allowed to is told by Asterisk's clock, from
two moments of its own.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from core.asterisk.events import Channel, ChannelEvent, Destroyed, Dialled, EnteredApplication, Event, StateChanged

USER_BUSY = 17
_NO_ANSWER_CAUSES = frozenset({18, 19})
_RANG_OUT = 19
_UNKNOWN_CAUSE = 0
_CANCELLED_CAUSES = frozenset({0, 16, 19})
"""Causes our own hanging up may leave behind; any other one is the network's own word."""
_REDIRECTED = 23
_CAUSES_OF_FORWARDING = frozenset({0, 127})
"""What releases before 22 say where the peer sends calls on (SIP 302), in place of 23."""
_FORWARDED = "FORWARD"
"""Our own word, kept among Asterisk's of dialling: the peer sends calls on."""
_REFUSING_DIAL_WORDS = frozenset({"BUSY", "CONGESTION", "CHANUNAVAIL"})
_REQUEST_TERMINATED = 487
"""SIP: what a peer answers to our own cancelling; releases without a cause of its own for it say interworking."""
_RINGING_DIAL_WORDS = frozenset({"RINGING", "PROGRESS"})
_ROUNDING = timedelta(milliseconds=5)
"""Both of Asterisk's moments are cut to milliseconds, so a wait of exactly the timeout may look shorter."""


class Status(StrEnum):
    """Where a call stands, in the order it may pass through; the last four are final."""

    PENDING = "pending"
    DIALING = "dialing"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


class Detail(StrEnum):
    """What the status alone does not say about an end."""

    NONE = ""
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    UNOBSERVED = "unobserved"
    NOT_ACCEPTED = "not_accepted"
    NOT_PLACED = "not_placed"
    TRANSFERRED = "transferred"


_RANK = {Status.PENDING: 0, Status.DIALING: 1, Status.RINGING: 2, Status.ANSWERED: 3}
FINAL = frozenset({Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.FAILED})


@dataclass(frozen=True)
class CallState:
    """One call so far. Moments are aware UTC, by our own clock.

    ``timeout_seconds`` is what Asterisk was asked to ring for; ``sip_code`` is the peer's answer, where one was given.
    """

    channel_id: str
    timeout_seconds: int
    status: Status = Status.PENDING
    detail: Detail = Detail.NONE
    dialed_at: datetime | None = None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    last_dial_word: str = ""
    cause: int | None = None
    sip_code: int | None = None
    is_cancel_requested: bool = False

    @property
    def is_final(self) -> bool:
        """Whether nothing can change any more."""
        return self.status in FINAL

    @property
    def talk_seconds(self) -> float:
        """Seconds between answer and end; 0 when there was no answer or no end yet."""
        if self.answered_at is None or self.ended_at is None:
            return 0.0
        return max((self.ended_at - self.answered_at).total_seconds(), 0.0)


def accepted(state: CallState, at: datetime) -> CallState:
    """Asterisk took the request (200): it dials, which is not yet ringing."""
    return _advanced(state, Status.DIALING, at)


def not_accepted(state: CallState, at: datetime) -> CallState:
    """Asterisk refused the request (4xx, 5xx): failed, unless events already told another end."""
    return _ended(state, Status.FAILED, Detail.NOT_ACCEPTED, at)


def given_up(state: CallState, at: datetime) -> CallState:
    """The request never left for Asterisk and never will: failed."""
    return _ended(state, Status.FAILED, Detail.NOT_PLACED, at)


def cancel_requested(state: CallState) -> CallState:
    """We asked Asterisk to hang up; the end still comes from its events."""
    return state if state.is_final else replace(state, is_cancel_requested=True)


def observed(state: CallState, channel: Channel, at: datetime) -> CallState:
    """What looking the channel up told, after a time without events."""
    if channel.id != state.channel_id:
        return state
    if channel.state == "Up":
        return _advanced(state, Status.ANSWERED, at)
    return _advanced(state, Status.RINGING if channel.state == "Ringing" else Status.DIALING, at)


def lost(state: CallState, at: datetime) -> CallState:
    """The channel ended while nobody listened: completed if an answer was seen, else failed; never guessed busy."""
    if state.status is Status.ANSWERED:
        return _ended(state, Status.COMPLETED, Detail.UNOBSERVED, at)
    return _ended(state, Status.FAILED, Detail.CANCELLED if state.is_cancel_requested else Detail.UNOBSERVED, at)


def transferred(state: CallState, at: datetime) -> CallState:
    """Another channel took the place of ours, which happens to answered calls alone: completed."""
    return _ended(_advanced(state, Status.ANSWERED, at), Status.COMPLETED, Detail.TRANSFERRED, at)


def after(state: CallState, event: Event, at: datetime) -> CallState:
    """The call after that event, received at ``at`` (aware, our clock).

    It stays the same call for events of other channels and for those after its end.
    """
    if state.is_final or not isinstance(event, ChannelEvent) or event.channel.id != state.channel_id:
        return state
    match event:
        case Dialled():
            return _after_dialling(state, event, at)
        case StateChanged():
            return _after_state(state, event.channel.state, at)
        case EnteredApplication() if event.channel.state == "Up":
            return _advanced(state, Status.ANSWERED, at)
        case Destroyed():
            return _after_end(state, event, at)
    return state


def _after_dialling(state: CallState, event: Dialled, at: datetime) -> CallState:
    if event.forward:
        return replace(state, last_dial_word=_FORWARDED)
    told = replace(state, last_dial_word=event.status)
    if event.status == "ANSWER":
        return _advanced(told, Status.ANSWERED, at)
    if event.status in _RINGING_DIAL_WORDS:
        return _advanced(told, Status.RINGING, at)
    return _advanced(told, Status.DIALING, at)


def _after_state(state: CallState, channel_state: str, at: datetime) -> CallState:
    if channel_state == "Up":
        return _advanced(state, Status.ANSWERED, at)
    return _advanced(state, Status.RINGING, at) if channel_state == "Ringing" else state


def _after_end(state: CallState, event: Destroyed, at: datetime) -> CallState:
    is_forwarded = state.last_dial_word == _FORWARDED and event.cause in _CAUSES_OF_FORWARDING
    told = replace(state, cause=_REDIRECTED if is_forwarded else event.cause, sip_code=event.sip_code)
    if state.status is Status.ANSWERED or event.channel.state == "Up":
        # After an answer Asterisk makes the code up from the cause of the goodbye; no peer said it.
        answered = _advanced(replace(told, sip_code=None), Status.ANSWERED, at)
        return _ended(answered, Status.COMPLETED, Detail.NONE, at)
    if event.cause == USER_BUSY or state.last_dial_word == "BUSY":
        return _ended(told, Status.BUSY, Detail.NONE, at)
    if state.is_cancel_requested and (event.cause in _CANCELLED_CAUSES or event.sip_code == _REQUEST_TERMINATED):
        return _ended(told, Status.FAILED, Detail.CANCELLED, at)
    return _after_unanswered_end(told, event, at)


def _after_unanswered_end(state: CallState, event: Destroyed, at: datetime) -> CallState:
    is_over_time = _rang_whole_timeout(state, event, at)
    # Before 20.18 and 22.8 our own timeout came with cause 0.
    if event.cause == _UNKNOWN_CAUSE and is_over_time and state.last_dial_word not in _REFUSING_DIAL_WORDS:
        return _ended(state, Status.NO_ANSWER, Detail.TIMEOUT, at)
    if event.cause not in _NO_ANSWER_CAUSES:
        return _ended(state, Status.FAILED, Detail.NONE, at)
    if event.cause == _RANG_OUT and is_over_time:
        # Asterisk writes 480 on its own timeout, though no peer said so.
        return _ended(replace(state, sip_code=None), Status.NO_ANSWER, Detail.TIMEOUT, at)
    return _ended(state, Status.NO_ANSWER, Detail.NONE, at)


def _rang_whole_timeout(state: CallState, event: Destroyed, at: datetime) -> bool:
    """By Asterisk's clock from beginning to end; by ours from beginning to end where it did not tell the former."""
    if event.channel.created_at is not None:
        rang = event.at - event.channel.created_at
    elif state.dialed_at is not None:
        rang = at - state.dialed_at
    else:
        return False
    return rang + _ROUNDING >= timedelta(seconds=state.timeout_seconds)


def _advanced(state: CallState, status: Status, at: datetime) -> CallState:
    if state.is_final or _RANK[status] <= _RANK[state.status]:
        return state
    moment = at.astimezone(UTC)
    return replace(
        state,
        status=status,
        # The answer to the request may be stored later than an event that overtook it.
        dialed_at=min(state.dialed_at or moment, moment),
        ringing_at=moment if status is Status.RINGING else state.ringing_at,
        answered_at=moment if status is Status.ANSWERED else state.answered_at,
    )


def _ended(state: CallState, status: Status, detail: Detail, at: datetime) -> CallState:
    if state.is_final:
        return state
    return replace(state, status=status, detail=detail, ended_at=at.astimezone(UTC))
