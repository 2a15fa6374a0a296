"""What is made of a transcript, whoever made it: the same shape from Claude and from our own rules."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

Source = Literal["claude", "local"]
Label = Literal["negative", "neutral", "positive"]
LABELS: tuple[Label, ...] = get_args(Label)
LABEL_FROM = 0.25
"""A score this far from nought is a feeling; below it is none."""


@dataclass(frozen=True)
class Claim:
    """A sentence, and what it rests on: ``cue`` is the index of a cue from 0, ``quote`` words of that cue."""

    text: str
    cue: int
    quote: str


@dataclass(frozen=True)
class ActionItem:
    """Something promised or asked for; ``owner`` and ``due`` as they were said, empty where they were not."""

    text: str
    owner: str
    due: str
    cue: int
    quote: str


@dataclass(frozen=True)
class Sentiment:
    """How it felt: ``score`` from -1 to 1."""

    label: Label
    score: float


@dataclass(frozen=True)
class SpokenLanguage:
    """A language code (es, en, pt, or other) and how sure that is, 0 to 1."""

    code: str
    confidence: float


@dataclass(frozen=True)
class Summary:
    """A call summed up in ``language``.

    ``source`` says who did it. ``error_code`` and ``error_facts`` say, as ``core.errors`` has them, why Claude did
    not although it was tried; ``is_passing`` that trying again later can help. ``dropped`` counts what an answer
    claimed without the transcript bearing it out. ``cost`` in US dollars. ``is_skipped`` when too little was said.
    """

    source: Source
    language: str
    claims: tuple[Claim, ...]
    bullets: tuple[Claim, ...]
    topics: tuple[str, ...]
    action_items: tuple[ActionItem, ...]
    sentiment: Sentiment
    spoken: SpokenLanguage
    injection_suspected: bool
    transcript_hash: str
    prompt_version: str
    dropped: int = 0
    is_translation: bool = False
    is_skipped: bool = False
    model: str = ""
    request_id: str = ""
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    error_code: str = ""
    error_facts: Mapping[str, Any] = field(default_factory=dict)
    is_passing: bool = False

    @property
    def text(self) -> str:
        """The summary as one paragraph."""
        return " ".join(claim.text for claim in self.claims)

    def answer(self) -> dict[str, Any]:
        """What is kept as JSON: ``summary`` (one paragraph), ``claims``, ``bullets``, ``topics``, ``action_items``,
        ``sentiment`` (label, score), ``language`` (code, confidence), ``injection_suspected``, ``dropped``."""
        return {
            "summary": self.text,
            "claims": [asdict(claim) for claim in self.claims],
            "bullets": [asdict(bullet) for bullet in self.bullets],
            "topics": list(self.topics),
            "action_items": [asdict(item) for item in self.action_items],
            "sentiment": asdict(self.sentiment),
            "language": asdict(self.spoken),
            "injection_suspected": self.injection_suspected,
            "dropped": self.dropped,
        }


def label_of(score: float) -> Label:
    """The feeling of a score from -1 to 1."""
    if abs(score) < LABEL_FROM:
        return "neutral"
    return "positive" if score > 0 else "negative"


def content_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a ``Summary`` that ``Summary.answer`` wrote, read back."""
    return {
        "claims": tuple(Claim(**claim) for claim in answer["claims"]),
        "bullets": tuple(Claim(**bullet) for bullet in answer["bullets"]),
        "topics": tuple(answer["topics"]),
        "action_items": tuple(ActionItem(**item) for item in answer["action_items"]),
        "sentiment": Sentiment(**answer["sentiment"]),
        "spoken": SpokenLanguage(**answer["language"]),
        "injection_suspected": bool(answer["injection_suspected"]),
        "dropped": int(answer["dropped"]),
    }
