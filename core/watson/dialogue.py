"""From a message and what is still open of a conversation to what is asked for, and the fact that is missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.watson import classify
from core.watson.book import Book
from core.watson.facts import Facts, checked, found_in
from core.watson.vocabulary import INTENTS, LONGEST_MESSAGE, NEEDED, Intent
from core.watson.words import matches, words_in

RULES, CLAUDE = "rules", "claude"
INJECTION = "injection"
"""Problem of a message that reads like an order to whoever reads messages: nothing it asks for is done."""
MADE_OUT = ("day", "time", "minutes", "report")
"""Facts that Claude can make out of words where the rules cannot; a name that is not known is known to neither."""
_BY_RULES = ("day", "time", "minutes", "number")
"""What the rules find of these goes before what Claude says: a calendar is no matter of opinion."""
_PROSE = ("subject", "message")
_LONGEST = {"subject": 200, "message": LONGEST_MESSAGE}
_BARE_HOUR = re.compile(r"\s*(\d{1,2})(?:[:.h](\d{2}))?\s*h?\s*")
_MOST_DROPPING_WORDS = 4


@dataclass(frozen=True)
class Open:
    """What a conversation has so far; ``awaiting`` is the fact that was asked for, empty when nothing is open."""

    intent: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    awaiting: str = ""


@dataclass(frozen=True)
class Help:
    """What Claude reads in a message, its facts checked; with a ``problem`` (a code) it says nothing."""

    intent: Intent | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Turn:
    """What is asked for now, with all facts so far; ``missing`` is the next one needed, empty when it can be done.

    ``has_more``: the message asks for a second thing, which is not looked at.
    """

    intent: Intent | None
    facts: Facts = field(default_factory=dict)
    missing: str = ""
    is_dropped: bool = False
    goes_on: bool = False
    has_more: bool = False
    source: str = RULES


def take(text: str, before: Open, book: Book, now: datetime, help: Help | None = None) -> Turn:
    """Read a message in the light of what is open, by rules, and by ``help`` where they are unsure.

    While a fact is awaited the message is its answer, unless it clearly asks for something else; a text that is
    awaited takes the message as it is.
    """
    by_rules = _by_rules(text, before, book, now)
    if help is None or help.problem not in ("", INJECTION) or not _is_unsure(text, before, by_rules):
        return by_rules
    if by_rules.goes_on:
        return _completed(by_rules, before, help, book)
    if help.intent is None:
        return Turn(None, source=CLAUDE)
    sure = found_in(text, help.intent, book, now)
    facts = checked({**help.facts, **{name: sure[name] for name in _BY_RULES if name in sure}}, book)
    return Turn(help.intent, facts, missing(help.intent, facts), source=CLAUDE)


def wants_help(text: str, before: Open, book: Book, now: datetime) -> bool:
    """Whether the rules are unsure of a message: they find nothing in it, a mere name of a thing, or no answer.

    What is denied, asks for something this door does not do, or is only courteous, is understood.
    """
    return _is_unsure(text, before, _by_rules(text, before, book, now))


def _is_unsure(text: str, before: Open, turn: Turn) -> bool:
    if turn.is_dropped:
        return False
    if turn.goes_on:
        return turn.missing == before.awaiting and before.awaiting in MADE_OUT
    reading = classify.read(text)
    return not reading.is_clear and not reading.is_settled


def _completed(turn: Turn, before: Open, help: Help, book: Book) -> Turn:
    """The awaited fact as Claude made it out, where it is one of what is open."""
    found = {name: help.facts[name] for name in MADE_OUT if name in help.facts and help.intent == turn.intent}
    if turn.intent is None or before.awaiting not in found:
        return turn
    facts = checked({**found, **turn.facts}, book)
    return replace(turn, facts=facts, missing=missing(turn.intent, facts), source=CLAUDE)


def _by_rules(text: str, before: Open, book: Book, now: datetime) -> Turn:
    reading = classify.read(text)
    intent = next((one for one in INTENTS if one == before.intent), None)
    if intent is None or not before.awaiting:
        return _begun(text, reading, book, now)
    if _is_dropping(text):
        return Turn(intent, is_dropped=True)
    if reading.is_clear and before.awaiting not in _PROSE:
        return _begun(text, reading, book, now)
    facts = checked({**before.facts, **_answer(text, intent, before.awaiting, book, now)}, book)
    return Turn(intent, facts, missing(intent, facts), goes_on=True)


def missing(intent: Intent, facts: Mapping[str, Any]) -> str:
    """The first fact that is needed and not there."""
    return next((name for name in NEEDED[intent] if name not in facts), "")


def _begun(text: str, reading: classify.Reading, book: Book, now: datetime) -> Turn:
    if reading.intent is None:
        return Turn(None)
    found = found_in(text, reading.intent, book, now, after=reading.end, next_wish=reading.next_wish)
    facts = checked(found, book)
    return Turn(reading.intent, facts, missing(reading.intent, facts), has_more=reading.next_wish > 0)


def _answer(text: str, intent: Intent, awaited: str, book: Book, now: datetime) -> Facts:
    """The facts of a message that answers a question; nothing already told in prose is replaced."""
    if awaited in _PROSE:
        facts = found_in(text, None, book, now) if awaited == "subject" else {}
        return {**facts, awaited: " ".join(text.split())[: _LONGEST[awaited]]}
    facts = {name: value for name, value in found_in(text, intent, book, now).items() if name not in _PROSE}
    if awaited == "time" and "time" not in facts and (bare := _BARE_HOUR.fullmatch(text)):
        facts["time"] = found_in(f"at {bare[1]}:{bare[2] or '00'}", intent, book, now).get("time", "")
    return facts


def _is_dropping(text: str) -> bool:
    found = [word.text for word in words_in(text)]
    return 0 < len(found) <= _MOST_DROPPING_WORDS and matches("other", "dropping", found[0])
