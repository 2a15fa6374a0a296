"""A call as a ladder: a line for each participant, and between them in time what happened and why.

``ladder_of`` gives the structure, ``mermaid`` the text of a Mermaid ``sequenceDiagram``. Names come from outside:
what goes into a diagram is spelt with letters, digits and a few signs that mean nothing to Mermaid.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from core.journeys.model import PEOPLE, Journey, Kind, Reason, ReleasedBy, Ring, Stage
from core.journeys.participants import CALLER_KEY, Cast, Participant
from core.journeys.segments import times_of_stage
from core.language import DEFAULT_LANGUAGE, Language, translate


class Step(StrEnum):
    """What a message of the ladder tells; the text of each stands under ``journey_page.step``."""

    REACHED = "reached"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    NOT_TAKEN = "not_taken"
    ELSEWHERE = "elsewhere"
    MORE_RINGS = "more_rings"
    HOLD = "hold"
    GAP = "gap"
    RELEASED = "released"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that happened at ``at`` (aware UTC) between two participants, or at one (``source == target``).

    ``detail`` is a reason, the kind of a gap, or who released the call; ``seconds`` how long it rang or was held,
    ``count`` how many phones; ``key`` the attendant's key; ``report_id`` the record that tells it.
    """

    at: datetime
    step: Step
    source: str
    target: str
    detail: str = ""
    seconds: float = 0.0
    count: int = 0
    key: str = ""
    report_id: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The participants, the caller first, and the messages in time."""

    participants: tuple[Participant, ...]
    messages: tuple[Message, ...]


_BY_THE_ONE_WHO_JOINS = (Reason.BARGE_IN, Reason.MONITORING)
_TAKES_ANSWER = PEOPLE | {Kind.SUPERVISOR, Kind.VOICEMAIL}
_LAST = {Step.RELEASED: 2, Step.ENDED: 3}
_LONGEST_LABEL = 40
_PLAIN_SIGNS = " .,+-()'/!?"
_ARROWS = {
    Step.ANSWERED: "-->>",
    Step.UNANSWERED: "-x",
    Step.NOT_TAKEN: "-x",
    Step.ELSEWHERE: "-x",
    Step.RELEASED: "-)",
}


def ladder_of(journey: Journey) -> Ladder:
    """The ladder of a call; pure, the same for every order of its legs. Missing records are steps of their own."""
    cast = Cast(journey)
    told = [*_of_stages(journey, cast), *_of_rings(journey, cast), *_of_gaps(journey, cast), _end(journey, cast)]
    order = sorted(range(len(told)), key=lambda position: (_rank(told[position]), position))
    return Ladder(cast.participants, tuple(told[position] for position in order))


def _rank(message: Message) -> tuple[int, datetime]:
    return _LAST.get(message.step, 0), message.at


def _of_stages(journey: Journey, cast: Cast) -> Iterator[Message]:
    for position, stage in enumerate(journey.stages):
        source, before = cast.source_of(stage)
        target = cast.of_stage(position)
        times = times_of_stage(stage, before, journey)
        joins = stage.reason in _BY_THE_ONE_WHO_JOINS
        ends = (target, source) if joins else (source, target)
        yield Message(
            times.rang, Step.REACHED, *ends, str(stage.reason), key=_pressed(before), report_id=stage.report_id
        )
        if stage.kind not in _TAKES_ANSWER:
            continue
        rang = stage.ring_seconds if stage.answered else (times.taken - times.rang).total_seconds()
        step = Step.ANSWERED if stage.answered else _in_vain(rang)
        back = (target, source) if stage.answered else (source, target)
        if not (joins and stage.answered):
            yield Message(times.taken, step, *back, seconds=rang, report_id=stage.report_id)
        if stage.hold_seconds:
            yield Message(times.left, Step.HOLD, target, target, seconds=stage.hold_seconds, report_id=stage.report_id)


def _in_vain(seconds: float) -> Step:
    return Step.UNANSWERED if seconds >= 1 else Step.NOT_TAKEN


def _pressed(before: Stage | None) -> str:
    return before.key if before is not None else ""


def _of_rings(journey: Journey, cast: Cast) -> Iterator[Message]:
    beyond: dict[str, list[Ring]] = {}
    for ring in journey.rings:
        source, target = cast.rang_by(ring), cast.of_ring(ring)
        if target is None:
            beyond.setdefault(source, []).append(ring)
            continue
        step = Step.ELSEWHERE if ring.elsewhere else _in_vain(ring.seconds)
        yield Message(ring.at, step, source, target, str(ring.reason), ring.seconds, report_id=ring.report_id)
    for source, rings in beyond.items():
        yield Message(min(ring.at for ring in rings), Step.MORE_RINGS, source, source, count=len(rings))


def _of_gaps(journey: Journey, cast: Cast) -> Iterator[Message]:
    for gap in journey.gaps:
        key = cast.of_report(gap.report_id)
        yield Message(gap.at, Step.GAP, key, key, str(gap.kind), report_id=gap.report_id)


def _end(journey: Journey, cast: Cast) -> Message:
    final = next(
        (
            cast.of_stage(position)
            for position, stage in reversed(list(enumerate(journey.stages)))
            if (stage.uuid, stage.name, stage.number) == (journey.final.uuid, journey.final.name, journey.final.number)
        ),
        cast.of_stage(len(journey.stages) - 1) if journey.stages else CALLER_KEY,
    )
    by = journey.released_by
    ends = {ReleasedBy.CALLER: (CALLER_KEY, final), ReleasedBy.CALLED: (final, CALLER_KEY)}.get(by)
    if ends is None or ends[0] == ends[1]:
        return Message(journey.ended, Step.ENDED, CALLER_KEY, CALLER_KEY, str(by))
    return Message(journey.ended, Step.RELEASED, *ends, str(by))


def mermaid(ladder: Ladder, zone: tzinfo, language: Language = DEFAULT_LANGUAGE) -> str:
    """The ladder as a Mermaid diagram: times by the clock of ``zone``, texts in ``language``."""
    names = {participant.key: f"P{number}" for number, participant in enumerate(ladder.participants)}
    lines = ["sequenceDiagram"]
    for participant in ladder.participants:
        label = _lines(participant_label(participant, language))
        lines.append(f"    participant {names[participant.key]} as {label}")
    for message in ladder.messages:
        text = f"{message.at.astimezone(zone):%H:%M:%S} {message_text(message, language)}"
        source, target = names[message.source], names[message.target]
        if message.source == message.target and message.step is not Step.REACHED:
            lines.append(f"    Note over {source}: {text}")
        else:
            lines.append(f"    {source}{_ARROWS.get(message.step, '->>')}{target}: {text}")
    return "\n".join(lines)


def participant_label(participant: Participant, language: Language = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """What to call a participant: one line, or two with the number or the kind below the name."""
    kind = translate(f"journey_page.role.{participant.role}", language)
    name = participant.name or participant.number
    if participant.role in (*PEOPLE, Kind.SUPERVISOR):
        below = participant.number if participant.name else ""
        return tuple(text for text in (name or translate("journeys.kind.unknown", language), below) if text)
    if participant.role == CALLER_KEY:
        return tuple(text for text in (name or translate("journeys.kind.unknown", language), kind) if text)
    return (name, kind) if name and participant.role != Kind.PARK else (kind,)


def message_text(message: Message, language: Language = DEFAULT_LANGUAGE) -> str:
    """A message in words, safe for a diagram."""
    return translate(
        f"journey_page.step.{message.step}",
        language,
        reason=_reason(message, language),
        seconds=f"{message.seconds:.0f}",
        count=message.count,
    )


def _reason(message: Message, language: Language) -> str:
    if message.step is Step.GAP:
        return translate(f"journeys.gap.{message.detail}", language)
    if message.step in (Step.RELEASED, Step.ENDED):
        return translate(f"journeys.released_by.{message.detail}", language)
    reason = translate(f"journeys.reason.{message.detail}", language) if message.detail else ""
    return f"{reason} ({plain(message.key)})" if message.key else reason


def _lines(label: tuple[str, ...]) -> str:
    return "<br/>".join(plain(text) for text in label)


def plain(text: str) -> str:
    """A text from outside, spelt so that it can only be read: no sign that Mermaid or HTML acts on, one line, short.

    Letters and digits of every script stay; a lone ``end`` would close a block and is spelt with a full stop.
    """
    normal = unicodedata.normalize("NFC", text[: 4 * _LONGEST_LABEL])
    kept = "".join(sign if _readable(sign) else " " for sign in normal)
    words = " ".join(f"{word}." if word.lower() == "end" else word for word in kept.split())
    short = words if len(words) <= _LONGEST_LABEL else words[: _LONGEST_LABEL - 1].rstrip() + "…"
    return short or "?"


def _readable(sign: str) -> bool:
    return sign in _PLAIN_SIGNS or unicodedata.category(sign)[0] in "LNM"
