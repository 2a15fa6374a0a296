"""The ladder of a call: who, what, why and when, and a diagram that no name can break."""

import random
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.journeys.ladder import Step, ladder_of, mermaid, message_text, participant_label, plain
from core.journeys.legs import Leg, legs_from_records
from core.journeys.model import Journey, Party
from core.journeys.participants import CALLER_KEY, MOST_PARTICIPANTS
from core.journeys.rebuild import rebuild
from core.language import LANGUAGES, Language
from tests.journeys.golden import GOLDEN
from tests.journeys.sequences import STORED

BOGOTA = ZoneInfo("America/Bogota")
LEGS = {golden.name: legs_from_records(golden.records, stored_at=STORED) for golden in GOLDEN}
LINE = re.compile(
    r"sequenceDiagram|    participant P\d+ as [^;:#%<>{}\[\]$\"]+(<br/>[^;:#%<>{}\[\]$\"]+)?"
    r"|    (P\d+(->>|-->>|-x|-\))P\d+|Note over P\d+): \d\d:\d\d:\d\d [^;:#%<>{}\[\]$\"]+"
)

DIAGRAMS = {
    "attendant, key 2, hunt group, first agent no answer, second answers": """\
sequenceDiagram
    participant P0 as +573001112233<br/>Caller
    participant P1 as Menu<br/>Auto attendant
    participant P2 as Equipo<br/>Hunt group
    participant P3 as Bob Rey<br/>202
    participant P4 as Ann Mora<br/>201
    P0->>P1: 09:00:01 dialled
    P1->>P2: 09:00:10 sent by the attendant (2)
    P2-xP4: 09:00:11 rang 10 s, not answered
    P2->>P3: 09:00:21 offered by the hunt group
    P3-->>P2: 09:00:25 answered after 4 s
    P0-)P3: 09:01:40 ended the call""",
    "blind transfer to an external number": """\
sequenceDiagram
    participant P0 as +573001112233<br/>Caller
    participant P1 as Ann Mora<br/>201
    participant P2 as +5351234567
    P0->>P1: 09:00:00 dialled
    P1-->>P0: 09:00:05 answered after 5 s
    P1->>P2: 09:00:35 transferred
    P2-->>P1: 09:00:40 answered after 5 s
    P2-)P0: 09:01:40 ended the call""",
    "parked, told only on the leg of the one who parked, and taken": """\
sequenceDiagram
    participant P0 as +573001112233<br/>Caller
    participant P1 as Ann Mora<br/>201
    participant P2 as Park
    participant P3 as Bob Rey<br/>202
    P0->>P1: 09:00:00 dialled
    P1-->>P0: 09:00:05 answered after 5 s
    P1->>P2: 09:00:35 parked
    P0->>P3: 09:01:18 taken from park
    P3-->>P0: 09:01:20 answered after 2 s
    P0-)P3: 09:03:20 ended the call""",
    "the receiving record of an internal call is missing": """\
sequenceDiagram
    participant P0 as Ann Mora<br/>Caller
    participant P1 as 202
    P0->>P1: 09:00:00 dialled
    Note over P1: 09:00:00 GAP. The record of who received this leg is missing
    P1-->>P0: 09:00:05 answered after 5 s
    P1-)P0: 09:01:05 ended the call""",
}


def journey(name: str) -> Journey:
    return rebuild(LEGS[name])


@pytest.mark.parametrize("name", DIAGRAMS)
def test_the_diagram_of_a_call(name: str) -> None:
    assert mermaid(ladder_of(journey(name)), BOGOTA, "en") == DIAGRAMS[name]


def test_the_diagram_speaks_spanish_and_the_viewers_time() -> None:
    shown = mermaid(ladder_of(journey("a supervisor barges in")), ZoneInfo("Europe/Madrid"), "es")
    assert "    participant P2 as Sue Jefa<br/>290\n" in shown
    assert "    P1-->>P0: 15:00:05 contestó a los 5 s\n" in shown
    assert "    P2->>P1: 15:00:50 intervino\n" in shown


@pytest.mark.parametrize("name", LEGS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_call_gives_a_well_formed_diagram(name: str, language: Language) -> None:
    lines = mermaid(ladder_of(journey(name)), BOGOTA, language).split("\n")
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_a_queue_that_rings_thirty_phones_names_some_and_counts_the_rest() -> None:
    ladder = ladder_of(journey("queue, thirty agents ring at once"))
    assert len(ladder.participants) == MOST_PARTICIPANTS
    drawn = sum(message.step is Step.ELSEWHERE for message in ladder.messages)
    more = next(message for message in ladder.messages if message.step is Step.MORE_RINGS)
    assert drawn + more.count == 29
    assert message_text(more) == f"{more.count} more phones rang"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(LEGS)), st.randoms(use_true_random=False))
def test_any_order_of_the_legs_gives_the_same_ladder(name: str, chance: random.Random) -> None:
    shuffled = list(LEGS[name])
    chance.shuffle(shuffled)
    assert ladder_of(rebuild(shuffled)) == ladder_of(journey(name))


@st.composite
def parts_of_calls(draw: st.DrawFn) -> list[Leg]:
    legs = LEGS[draw(st.sampled_from(sorted(LEGS)))]
    return draw(st.lists(st.sampled_from(legs), min_size=1, unique_by=lambda leg: leg.report_id))


@settings(max_examples=150, deadline=None)
@given(parts_of_calls())
def test_missing_legs_never_raise_and_every_gap_is_a_step(legs: list[Leg]) -> None:
    call = rebuild(legs)
    ladder = ladder_of(call)
    gaps = [(message.detail, message.report_id) for message in ladder.messages if message.step is Step.GAP]
    assert sorted(gaps) == sorted((str(gap.kind), gap.report_id) for gap in call.gaps)
    keys = {participant.key for participant in ladder.participants}
    assert {end for message in ladder.messages for end in (message.source, message.target)} <= keys
    assert ladder.participants[0].key == CALLER_KEY
    assert ladder.messages[-1].step in (Step.RELEASED, Step.ENDED)


HOSTILE = (
    "end", "x; P0->>P1: owned", "a\nP0->>P1: owned", "<script>alert(1)</script>", "%%{init: {}}%%", "#59;", "$$x$$",
    "Bob\u202egnp", "a\u0000b", "alt x", "", "\u2028P0->>P1: y", "a@{ 'type': 'database' }", "`![x](http://e.vil/p)",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_the_diagram(name: str) -> None:
    call = journey("blind transfer")
    stages = tuple(stage._replace(name=name, key=name) for stage in call.stages)
    hostile = call._replace(caller=Party(name, name, ""), stages=stages)
    ladder = ladder_of(hostile)
    lines = mermaid(ladder, BOGOTA).split("\n")
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert len(lines) == 1 + len(ladder.participants) + len(ladder.messages)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_what_is_shown_is_short_readable_and_on_one_line(text: str) -> None:
    shown = plain(text)
    assert 0 < len(shown) <= 40
    assert not re.search(r"[;:#%<>{}\[\]$\"`@|\\\x00-\x1f\u2028\u2029\u202a-\u202e]", shown)
    assert "end" not in shown.lower().split()


def test_people_are_called_by_name_and_services_by_what_they_are() -> None:
    ladder = ladder_of(journey("attendant to attendant to a person"))
    assert [participant_label(one) for one in ladder.participants] == [
        ("+573001112233", "Caller"),
        ("Menu", "Auto attendant"),
        ("Night menu", "Auto attendant"),
        ("Ann Mora", "201"),
    ]
