"""Turns and whole calls that a person labelled, and how far our rules agree with them."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.assistant.masking import folded
from core.recordings.cues import Conversation, Cue
from core.recordings.extractive import action_items_of, topics_of
from core.recordings.sentiment import sentiment_of

FOLDER = Path(__file__).parent.parent / "golden"


@dataclass(frozen=True)
class Agreement:
    """How many labels our rules give too, of how many; and the negative ones among them."""

    agreed: int
    of: int
    negative_agreed: int
    negative_of: int


def turns(part: str, language: str) -> list[tuple[str, str]]:
    """Label and text of each turn of a part: tuned or held_out."""
    lines = (FOLDER / f"{part}_{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [(label, text) for label, _, text in (line.partition("\t") for line in lines)]


def agreement(part: str, language: str) -> Agreement:
    """How our rules do on a part."""
    told = [(label, sentiment_of(text, language).label) for label, text in turns(part, language)]
    negative = [(label, ours) for label, ours in told if label == "negative"]
    return Agreement(
        sum(label == ours for label, ours in told),
        len(told),
        sum(label == ours for label, ours in negative),
        len(negative),
    )


def calls() -> list[dict[str, Any]]:
    """The golden calls."""
    return list(tomllib.loads((FOLDER / "calls.toml").read_text(encoding="utf-8"))["calls"])


def conversation(call: dict[str, Any]) -> Conversation:
    """A golden call as a transcript: five seconds a turn."""
    cues = [Cue(at * 5000, at * 5000 + 4500, speaker, text) for at, (speaker, text) in enumerate(call["turns"])]
    return Conversation(cues, (), call["language"])


def promises(language: str) -> Counter[str]:
    """Over the calls of a language: promises ``wanted``, ``found``, ``invented``, and owners and dues ``right``."""
    counts: Counter[str] = Counter()
    for call in calls():
        if call["language"] != language:
            continue
        items = action_items_of(conversation(call))
        counts["wanted"] += len(call["promises"])
        used = set()
        for wanted in call["promises"]:
            found = next(
                (at for at, item in enumerate(items) if at not in used and folded(wanted["word"]) in folded(item.text)),
                None,
            )
            if found is not None:
                used.add(found)
                counts["found"] += 1
                counts["owner"] += folded(items[found].owner) == folded(wanted["owner"])
                counts["due"] += folded(items[found].due) == folded(wanted["due"])
        counts["invented"] += len(items) - len(used)
    return counts


def topics(language: str) -> tuple[int, int]:
    """How many of the topics a person named are among ours, whole or as a part, of how many."""
    hit = of = 0
    for call in calls():
        if call["language"] == language:
            ours = " | ".join(folded(topic) for topic in topics_of(conversation(call)))
            hit += sum(folded(topic) in ours for topic in call["topics"])
            of += len(call["topics"])
    return hit, of
