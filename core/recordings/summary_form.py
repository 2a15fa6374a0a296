"""The closed form of Claude's summary, and what is checked again when it arrives.

The service does not hold an answer to lengths and ranges, and nothing holds it to the truth: so every claim quotes the
cue it rests on, and a claim whose quote does not stand there is dropped and counted.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from core.assistant.answers import in_form
from core.assistant.errors import AnswerUnusableError
from core.assistant.masking import folded
from core.assistant.plain_text import plain
from core.recordings.cues import Cue
from core.recordings.masking import Masked
from core.recordings.summary import ActionItem, Claim, Label, Sentiment, SpokenLanguage, label_of

MOST_CLAIMS, MOST_BULLETS, MOST_TOPICS, MOST_ITEMS = 6, 8, 10, 10
LONGEST_TEXT, LONGEST_QUOTE, LONGEST_TOPIC, LONGEST_WORD = 400, 300, 60, 80
SHORTEST_QUOTE = 2
"""Words; a turn that is shorter may be quoted whole."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SaidClaim(_Form):
    """A sentence with the words of the cue it rests on."""

    text: str = Field(min_length=3, max_length=LONGEST_TEXT)
    cue: int = Field(ge=0)
    quote: str = Field(min_length=1, max_length=LONGEST_QUOTE)


class SaidItem(SaidClaim):
    """Something promised or asked for."""

    owner: str | None = Field(max_length=LONGEST_WORD)
    due: str | None = Field(max_length=LONGEST_WORD)


class SaidSentiment(_Form):
    """How the call felt."""

    label: Label
    score: float = Field(ge=-1, le=1)


class SaidLanguage(_Form):
    """What is spoken."""

    code: Literal["es", "en", "other"]
    confidence: float = Field(ge=0, le=1)


class CallSummary(_Form):
    """What Claude makes of a call."""

    summary: list[SaidClaim] = Field(min_length=1, max_length=MOST_CLAIMS)
    bullets: list[SaidClaim] = Field(max_length=MOST_BULLETS)
    topics: list[str] = Field(max_length=MOST_TOPICS)
    action_items: list[SaidItem] = Field(max_length=MOST_ITEMS)
    sentiment: SaidSentiment
    language: SaidLanguage
    injection_suspected: bool


class Checked(BaseModel):
    """A summary of which every claim was found in the transcript, names put back."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    claims: tuple[Claim, ...]
    bullets: tuple[Claim, ...]
    topics: tuple[str, ...]
    action_items: tuple[ActionItem, ...]
    sentiment: Sentiment
    spoken: SpokenLanguage
    injection_suspected: bool
    dropped: int


Said = TypeVar("Said", bound=SaidClaim)


def read_summary(text: str, masked: Masked) -> Checked:
    """The summary, if it keeps to the form and the transcript bears out at least one sentence of it.

    Raises ``AnswerUnusableError`` saying what is wrong.
    """
    said = in_form(CallSummary, text)
    claims, bullets, items = (
        list(_borne_out(group, masked)) for group in (said.summary, said.bullets, said.action_items)
    )
    if not claims:
        raise AnswerUnusableError(problem="no sentence of the summary quotes words of the cue it names")
    topics = [topic for topic in said.topics if masked.knows(topic) and topic.strip()]
    given = len(said.summary) + len(said.bullets) + len(said.action_items) + len(said.topics)
    return Checked(
        claims=tuple(_claim(one, masked) for one in claims),
        bullets=tuple(_claim(one, masked) for one in bullets),
        topics=tuple(dict.fromkeys(_shown(topic, masked)[:LONGEST_TOPIC] for topic in topics)),
        action_items=tuple(_item(one, masked) for one in items if isinstance(one, SaidItem)),
        sentiment=Sentiment(label_of(said.sentiment.score), round(said.sentiment.score, 3)),
        spoken=SpokenLanguage(said.language.code, round(said.language.confidence, 3)),
        injection_suspected=said.injection_suspected,
        dropped=given - len(claims) - len(bullets) - len(items) - len(topics),
    )


def _borne_out(said: Iterable[Said], masked: Masked) -> Iterator[Said]:
    for one in said:
        if _stands(one.quote, one.cue, masked.cues) and masked.knows(f"{one.text} {one.quote}"):
            yield one


def _stands(quote: str, index: int, cues: Sequence[Cue]) -> bool:
    """Whether the words of a quote stand in that cue, in order; case, accents and punctuation aside."""
    if index >= len(cues):
        return False
    quoted, spoken = _words(quote), _words(cues[index].text)
    is_enough = len(quoted) >= SHORTEST_QUOTE or quoted == spoken
    return is_enough and bool(quoted) and f" {' '.join(quoted)} " in f" {' '.join(spoken)} "


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", folded(text))


def _shown(text: str, masked: Masked) -> str:
    return str(plain(masked.shown(str(plain(text)))))


def _claim(said: SaidClaim, masked: Masked) -> Claim:
    return Claim(_shown(said.text, masked), said.cue, _shown(said.quote, masked))


def _item(said: SaidItem, masked: Masked) -> ActionItem:
    owner, due = (
        _shown(told, masked) if told and told.strip() and masked.knows(told) else "" for told in (said.owner, said.due)
    )
    return ActionItem(_shown(said.text, masked), owner, due, said.cue, _shown(said.quote, masked))
