"""Which of the four things a sentence asks for, by its verbs and nouns; anything else is nothing of ours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.watson.vocabulary import INTENTS, Intent
from core.watson.words import Word, folded, matches, words_in

REACH = 5
"""A verb governs a noun at most so many words behind it."""
NEAR = 2
"""A denial so few words before is surely meant for the verb; farther off in the same clause it may be."""
_GOVERNED, _ALONE, _NOUN = 4, 3, 2
_LET_KNOW = re.compile(r"\blet (?!me\b|us\b)(?:\S+ ){1,6}?know\b")
_CLAUSE_END = re.compile(r"[.,;:!?\n]")


@dataclass(frozen=True)
class Reading:
    """What a sentence asks for, how surely, and the end of the words that said so.

    ``is_settled``: it surely asks for nothing of ours. ``next_wish`` is where a second thing is clearly asked for, 0
    where there is none.
    """

    intent: Intent | None
    weight: int = 0
    end: int = 0
    is_settled: bool = False
    next_wish: int = 0

    @property
    def is_clear(self) -> bool:
        """Whether it says what to do by a verb, and not only names a thing."""
        return self.weight >= _ALONE


@dataclass(frozen=True)
class _Sign:
    """A reading, and the place of the word that says it: its verb, else its noun."""

    place: int
    reading: Reading


def read(text: str) -> Reading:
    """The thing asked for; of several the one that is governed by a verb, then the first.

    A question that only names a thing, or begins with "how many", asks about it and not for one. A thing under a verb
    of what this door does not do, or under a denial, is not asked for, nor is what follows.
    """
    words = list(words_in(text))
    signs = [sign for intent in INTENTS for sign in _signs(text, words, intent)]
    if not signs:
        return Reading(None, is_settled=_is_none_of_ours(text, words))
    best = min(signs, key=lambda sign: (-sign.reading.weight, sign.place))
    if _is_forbidden(words, best) or _begins_asking(text, words) or _is_denied(text, words, best.place, NEAR):
        return Reading(None, is_settled=True)
    if _is_denied(text, words, best.place, REACH) or ("?" in text and not best.reading.is_clear):
        return Reading(None)
    found = best.reading
    return Reading(found.intent, found.weight, found.end, next_wish=_next_wish(words, best, signs))


def _signs(text: str, words: Sequence[Word], intent: Intent) -> list[_Sign]:
    found = [sign for place in range(len(words)) if (sign := _sign(words, place, intent)) is not None]
    if intent == "send_notification" and (known := _LET_KNOW.search(folded(text))):
        place = next(at for at, word in enumerate(words) if word.start >= known.start())
        found.append(_Sign(place, Reading(intent, _ALONE, words[place].end)))
    return found


def _sign(words: Sequence[Word], place: int, intent: Intent) -> _Sign | None:
    word = words[place]
    if matches("nouns", intent, word.text) and not _is_idle(words, place):
        verb = _governing(words, place, intent)
        if verb is not None:
            return None if _is_known(words, place, intent) else _Sign(verb, Reading(intent, _GOVERNED, word.end))
        return None if _is_mentioned(words, place) else _Sign(place, Reading(intent, _NOUN, word.end))
    if matches("alone", intent, word.text):
        return _Sign(place, Reading(intent, _ALONE, word.end))
    return None


def _governing(words: Sequence[Word], noun: int, intent: Intent) -> int | None:
    """The verb nearest before a noun, unless another thing of ours or a verb of looking stands between."""
    for place in range(noun - 1, max(noun - 1 - REACH, -1), -1):
        word = words[place].text
        if matches("verbs", intent, word):
            return place
        if matches("other", "looking", word) or any(matches("nouns", other, word) for other in INTENTS):
            return None
    return None


def _is_idle(words: Sequence[Word], place: int) -> bool:
    """Whether "case" stands in "in case" and the like."""
    return place > 0 and words[place].text in ("case", "caso") and matches("other", "idle", words[place - 1].text)


def _is_known(words: Sequence[Word], place: int, intent: Intent) -> bool:
    """Whether a ticket is named by its number, or is one of the person's: such a one is not to be made."""
    if intent != "create_ticket":
        return False
    after = words[place + 1].text if place + 1 < len(words) else ""
    before = words[place - 1].text if place else ""
    is_plain = before in ("el", "the", "un", "a", "nuevo", "new", "otro", "another") or not before
    is_numbered = re.fullmatch(r"t-?\d+|\d{1,6}", after) is not None
    return is_numbered or (matches("other", "known", before) and not is_plain)


def _is_mentioned(words: Sequence[Word], place: int) -> bool:
    """Whether a thing without a verb is one there is already: "the ticket", "my report", "tickets"."""
    word = words[place].text
    if word.endswith("s") and matches("nouns", "create_ticket", word):
        return True
    if place and matches("other", "known", words[place - 1].text):
        return True
    before = words[max(place - REACH, 0) : place]
    return any(matches("other", "looking", one.text) for one in before)


def _is_forbidden(words: Sequence[Word], sign: _Sign) -> bool:
    """Whether the thing stands under a verb that this door does not know, or, only named, beside one."""
    before = words[max(sign.place - REACH, 0) : sign.place + 1]
    among = before if sign.reading.is_clear else words
    return any(matches("other", "verbs", word.text) for word in among)


def _is_denied(text: str, words: Sequence[Word], place: int, reach: int) -> bool:
    """Whether a denial stands at most ``reach`` words before, in the same clause; "do not forget" is none."""
    plain = folded(text)
    for at in range(place - 1, max(place - 1 - reach, -1), -1):
        if _CLAUSE_END.search(plain, words[at].end, words[place].start):
            return False
        follows = [word.text for word in words[at + 1 : at + 4]]
        if matches("other", "denials", words[at].text):
            return not any(word.startswith(("olvid", "forget")) for word in follows)
        if words[at].text in ("sin", "without"):
            return all(word.text in ("a", "un", "una") for word in words[at + 1 : place])
    return False


def _is_none_of_ours(text: str, words: Sequence[Word]) -> bool:
    """Whether a sentence without a wish is only courteous, or works at things there are or asks about them."""
    if all(matches("other", "courtesy", word.text) for word in words):
        return True
    names_one = any(matches("nouns", intent, word.text) for intent in INTENTS for word in words)
    return names_one and (_begins_asking(text, words) or any(matches("other", "verbs", word.text) for word in words))


def _begins_asking(text: str, words: Sequence[Word]) -> bool:
    return "?" in text and matches("other", "asking", words[0].text)


def _next_wish(words: Sequence[Word], best: _Sign, signs: Sequence[_Sign]) -> int:
    """Where another thing is asked for by a verb right after "and", "also", "luego"; 0 for nowhere."""
    if not best.reading.is_clear:
        return 0
    places = [
        words[sign.place - 1].start
        for sign in signs
        if sign.reading.is_clear
        and sign.reading.intent != best.reading.intent
        and words[sign.place].start > best.reading.end
        and matches("other", "joining", words[sign.place - 1].text)
    ]
    return min(places, default=0)
