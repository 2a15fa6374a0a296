"""The bars of a call: what each participant did when, to scale."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.journeys.legs import Leg
from core.journeys.model import Journey
from core.journeys.participants import CALLER_KEY
from core.journeys.rebuild import rebuild
from core.journeys.segments import Doing, segments_of
from tests.journeys.test_ladder import LEGS, parts_of_calls

BARS = {
    "inbound, answered, with a hold": {
        CALLER_KEY: [("ring", 0, 5), ("talk", 5, 75), ("hold", 75, 105)],
        "Ann Mora": [("ring", 0, 5), ("talk", 5, 75), ("hold", 75, 105)],
    },
    "queue, two agents ring at once, one answers": {
        CALLER_KEY: [("wait", 2, 22), ("talk", 22, 100)],
        "Ventas": [("wait", 2, 22)],
        "Ann Mora": [("ring", 10, 22), ("talk", 22, 100)],
        "Bob Rey": [("ring", 10, 22)],
    },
    "transfer after a consultation": {
        CALLER_KEY: [("ring", 0, 5), ("talk", 5, 40), ("hold", 40, 60), ("talk", 60, 100)],
        "Ann Mora": [("ring", 0, 5), ("talk", 5, 40), ("hold", 40, 60)],
        "Bob Rey": [("ring", 40, 45), ("talk", 45, 100)],
    },
    "blind transfer nobody takes": {
        CALLER_KEY: [("ring", 0, 5), ("talk", 5, 35), ("transfer", 35, 60)],
        "Ann Mora": [("ring", 0, 5), ("talk", 5, 35)],
        "Bob Rey": [("ring", 35, 60)],
    },
    "no answer, own voicemail": {
        CALLER_KEY: [("ring", 0, 20), ("message", 21, 50)],
        "Ann Mora": [("ring", 0, 20)],
        "Voice Portal Voice Messaging Group": [("message", 21, 50)],
    },
}


def told(call: Journey) -> dict[str, list[tuple[str, float, float]]]:
    drawn = segments_of(call)
    names = {one.key: one.key if one.key == CALLER_KEY else one.name for one in drawn.participants}
    rows: dict[str, list[tuple[str, float, float]]] = {}
    for bar in drawn.bars:
        since, until = ((at - call.started).total_seconds() for at in (bar.since, bar.until))
        rows.setdefault(names[bar.participant], []).append((str(bar.doing), since, until))
    return rows


@pytest.mark.parametrize("name", BARS)
def test_the_bars_of_a_call(name: str) -> None:
    assert told(rebuild(LEGS[name])) == BARS[name]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(LEGS)), st.randoms(use_true_random=False))
def test_any_order_of_the_legs_gives_the_same_bars(name: str, chance: random.Random) -> None:
    shuffled = list(LEGS[name])
    chance.shuffle(shuffled)
    assert segments_of(rebuild(shuffled)) == segments_of(rebuild(LEGS[name]))


@settings(max_examples=200, deadline=None)
@given(parts_of_calls())
def test_bars_lie_inside_the_call_and_the_caller_does_one_thing_at_a_time(legs: list[Leg]) -> None:
    call = rebuild(legs)
    drawn = segments_of(call)
    keys = {participant.key for participant in drawn.participants}
    for bar in drawn.bars:
        assert call.started <= bar.since < bar.until <= call.ended
        assert bar.participant in keys
    own = [bar for bar in drawn.bars if bar.participant == CALLER_KEY]
    assert all(first.until <= second.since for first, second in pairwise(own))
    assert len(drawn.missing) == len(call.gaps)
    assert all(call.started <= at <= call.ended for at in drawn.missing)


def test_the_talk_of_the_bars_is_the_talk_of_the_call() -> None:
    call = rebuild(LEGS["queue, two agents ring at once, one answers"])
    talked = sum(
        bar.seconds for bar in segments_of(call).bars if bar.doing is Doing.TALK and bar.participant != "caller"
    )
    assert talked == call.talk_seconds
