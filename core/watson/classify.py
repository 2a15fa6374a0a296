"""Which of the four things a sentence asks for, by its verbs and nouns; anything else is nothing of ours."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.watson.vocabulary import INTENTS, Intent
from core.watson.words import Word, matches, words_in

REACH = 5
"""A verb governs a noun at most so many words behind it."""
_GOVERNED, _ALONE, _NOUN = 4, 3, 2


@dataclass(frozen=True)
class Reading:
    """What a sentence asks for, how surely, and the end of the words that said so.

    ``is_settled``: it surely asks for nothing of ours.
    """

    intent: Intent | None
    weight: int = 0
    end: int = 0
    is_settled: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether it says what to do by a verb, and not only names a thing."""
        return self.weight >= _ALONE


def read(text: str) -> Reading:
    """The thing asked for; of several the one that is governed by a verb, then the first.

    A question that only names a thing, or begins with "how many", asks about it and not for one. A thing under a verb
    of what this door does not do, or under a denial, is not asked for, nor is what follows.
    """
    words = list(words_in(text))
    found: list[tuple[int, int, Reading]] = []
    for intent in INTENTS:
        reading = _read_as(words, intent)
        if reading is not None:
            place, seen = reading
            found.append((-seen.weight, place, seen))
    if not found:
        return Reading(None, is_settled=_is_courtesy(words))
    best = min(found, key=lambda one: one[:2])
    if _is_forbidden(words, best[1]) or _begins_asking(text, words):
        return Reading(None, is_settled=True)
    return Reading(None) if "?" in text and not best[2].is_clear else best[2]


def _read_as(words: Sequence[Word], intent: Intent) -> tuple[int, Reading] | None:
    """The strongest sign of one intent: the place of its first word, and the reading."""
    best: tuple[int, Reading] | None = None
    for place, word in enumerate(words):
        sign: tuple[int, Reading] | None = None
        if matches("nouns", intent, word.text):
            verb = _governing(words, place, intent)
            weight = _NOUN if verb is None else _GOVERNED
            sign = (place if verb is None else verb, Reading(intent, weight, word.end))
        elif matches("alone", intent, word.text):
            sign = (place, Reading(intent, _ALONE, word.end))
        if sign is not None and (best is None or sign[1].weight > best[1].weight):
            best = sign
    return best


def _governing(words: Sequence[Word], noun: int, intent: Intent) -> int | None:
    """The verb nearest before a noun, unless another thing of ours stands between."""
    for place in range(noun - 1, max(noun - 1 - REACH, -1), -1):
        if matches("verbs", intent, words[place].text):
            return place
        if any(matches("nouns", other, words[place].text) for other in INTENTS):
            return None
    return None


def _begins_asking(text: str, words: Sequence[Word]) -> bool:
    return "?" in text and matches("other", "asking", words[0].text)


def _is_courtesy(words: Sequence[Word]) -> bool:
    """Whether a sentence only greets, thanks or agrees, or has no words at all."""
    return all(matches("other", "courtesy", word.text) for word in words)


def _is_forbidden(words: Sequence[Word], place: int) -> bool:
    """Whether the thing stands under a verb that this door does not know, or under a denial."""
    before = words[max(place - REACH, 0) : place]
    at_place = words[place].text if place < len(words) else ""
    if matches("other", "verbs", at_place):
        return True
    return any(matches("other", "verbs", word.text) for word in before) or any(
        matches("other", "denials", word.text) for word in before[-2:]
    )
