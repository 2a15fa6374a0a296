"""Events of Asterisk, genuine and hostile."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.asterisk.events import (
    LONGEST_EVENT_BYTES,
    Destroyed,
    Dialled,
    EnteredApplication,
    Event,
    HangupRequested,
    PlaybackEnded,
    UnreadableEventError,
    read_event,
)
from core.dialer.names import is_substitute
from tests.asterisk.recordings import CAPTURES, events

MOMENT = "2026-11-21T01:43:18.199+0000"
KINDS = [
    "Dial",
    "ChannelStateChange",
    "StasisStart",
    "ChannelDestroyed",
    "ChannelDtmfReceived",
    "ApplicationReplaced",
    "PlaybackFinished",
    "RecordingFinished",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_a_recorded_end_is_read_with_cause_and_sip_answer() -> None:
    end = [event for event in events(CAPTURES / "sip-603.jsonl") if isinstance(event, Destroyed)][-1]
    assert (end.cause, end.sip_code, end.channel.id) == (21, 603, "tw-sip-603")


def test_dialling_is_about_the_peer() -> None:
    words = [event.status for event in events(CAPTURES / "local-busy17.jsonl") if isinstance(event, Dialled)]
    assert words == ["", "RINGING", "BUSY"]


def test_a_callee_that_forwards_is_told_with_the_channel_that_takes_its_place() -> None:
    told = events(CAPTURES / "sip-302.jsonl")
    (forwarding,) = [event for event in told if isinstance(event, Dialled) and event.forward]
    (substitute,) = [event for event in told if isinstance(event, EnteredApplication)]
    assert (forwarding.forward, forwarding.channel.id) == ("+576015550133", "tw-sip-302")
    assert forwarding.forwarded == substitute.channel.id
    assert is_substitute(substitute.channel.id, substitute.arguments)


def test_a_tone_that_a_hang_up_ends_is_said_to_have_failed() -> None:
    told = events(CAPTURES / "sip-tone-we-hangup.jsonl")
    order = [type(event) for event in told if isinstance(event, HangupRequested | PlaybackEnded | Destroyed)]
    assert order == [HangupRequested, PlaybackEnded, Destroyed]
    assert [event.has_failed for event in told if isinstance(event, PlaybackEnded)] == [True]
    assert [event.is_soft for event in told if isinstance(event, HangupRequested)] == [True]


def test_unknown_types_are_passed_over() -> None:
    assert read_event('{"type": "ChannelVarset", "timestamp": 7}') is None
    assert read_event('{"type": ["Dial"]}') is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        b"\xff",
        "[" * 5000,
        '{"type": "ChannelDestroyed"}',
        json.dumps({"type": "Dial", "timestamp": MOMENT, "channel": {"id": "x"}}),
        json.dumps({"type": "StasisStart", "timestamp": MOMENT, "channel": {"id": "x" * 150, "state": "Up"}}),
        json.dumps({"type": "StasisStart", "timestamp": "0001-01-01T00:00:00+2300", "channel": {"id": "x"}}),
        '{"type": "ApplicationReplaced", "timestamp": "2026-11-21T01:43:18"}',
        " " * (LONGEST_EVENT_BYTES + 1),
    ],
)
def test_what_is_no_event_is_refused(text: str | bytes) -> None:
    with pytest.raises(UnreadableEventError):
        read_event(text)


@settings(deadline=None)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(["channel", "peer", "cause", "timestamp"]), JSON))
def test_hostile_events_are_typed_or_refused(kind: str, rest: dict[str, object]) -> None:
    try:
        event = read_event(json.dumps({"timestamp": MOMENT, **rest, "type": kind}))
    except UnreadableEventError:
        return
    assert event is None or isinstance(event, Event)
