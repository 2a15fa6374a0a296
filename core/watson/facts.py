"""What a sentence tells besides what it asks for: each fact found by rules, and each checked before it is used."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from core.reports import periods
from core.reports.registry import reports
from core.tickets.create import LONGEST_TITLE
from core.tickets.vocabulary import PRIORITIES
from core.visits.vocabulary import LONGEST_MINUTES, SHORTEST_MINUTES
from core.watson import moments
from core.watson.book import Book, Found, meant, site_in
from core.watson.vocabulary import LONGEST_MESSAGE, Intent
from core.watson.words import folded, matches, names, words_in

Facts = dict[str, Any]

_NUMBER = re.compile(r"(?<![\w@.])(\+?\d[\d ().-]{5,20}\d)(?![\w@])")
_EXTENSION = re.compile(r"\b(?:extension|ext\.?|interno|anexo) (?:numero |number )?(\d{2,6})\b")
_PRIORITY_BEFORE = re.compile(r"\b(?:prioridad|priority)(?: es| is|:)? (\w+)")
_PRIORITY_AFTER = re.compile(r"\b(\w+) (?:prioridad|priority)\b")
_STANDS_ALONE = ("urgente", "urgentes", "urgent", "urgently", "urgentemente", "urge", "urgencia", "asap", "critico",
                 "critica", "critical", "emergencia", "emergency")  # fmt: skip
_NOT_SO = re.compile(r"\b(?:no|not|isn't|nada|sin|without|tan)(?: (?:es|is|tan|that|very|muy|so|una|an|any|tiene))* $")
_ASIDE = re.compile(
    r"[,;]?\s*\b(?:(?:con|de|with|as|in)\s+)?(?:(?:prioridad|priority)(?: es| is|:)? \w+|(?:alta|baja|media|high|low|"
    r"medium|critical|critica) (?:prioridad|priority))\b"
)
_CONNECTORS = re.compile(
    r"^(?:[\s,;:.\-–]+|(?:urgente|urgent|sobre|acerca de|porque|por|para|que|de|con|diciendo|dice|about|regarding|"
    r"because|saying|says|that|for|of|on|with|please|por favor|nuevo|new|el cliente|client|cliente)\b[\s,;:.\-–]*)+"
)
_SAID = re.compile(
    r":\s+|(?<=\bknow )that\b|\bknow (?!that\b)"
    r"|\b(?:que diga|diciendo(?: que)?|saying(?: that)?|that says|con el texto|with the text)\b:?\s*"
)
_THAT = re.compile(r"\b(?:de que|que|that)\b\s*")
_QUOTES = "\"'“”«»"


def found_in(
    text: str, intent: Intent | None, book: Book, now: datetime, *, after: int = 0, next_wish: int = 0
) -> Facts:
    """The facts a text tells; ``after`` is where the words end that said what is asked for.

    What a ticket is about ends where ``next_wish`` begins.
    """
    facts: Facts = {
        "priority": priority(text),
        "site": site_in(text, book.sites),
        "number": number(text),
        "minutes": moments.minutes(text),
    }
    clients = meant(text, book.clients)
    if clients:
        facts["client"] = clients[0].entry.id
    if intent == "schedule_visit":
        _add_visit(facts, text, book, clients, now)
    elif intent == "send_notification":
        _add_message(facts, text, book, after)
    elif intent == "generate_report":
        facts |= {"report": report(text), "period": moments.period(text)}
    elif intent == "create_ticket":
        facts["subject"] = subject(text[:next_wish] if next_wish else text, after, clients)
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def checked(facts: Mapping[str, Any], book: Book) -> Facts:
    """Of facts from elsewhere those that hold: known names, known words, numbers within bounds; the rest is dropped."""
    kept: Facts = {}
    for name, value in facts.items():
        test = _TESTS.get(name)
        if test is not None and test(value, book):
            kept[name] = value
    if "recipients" in kept:
        kept["recipients"] = list(dict.fromkeys(kept["recipients"]))
    return kept


def priority(text: str) -> str:
    """The priority that a text says."""
    plain = folded(text)
    for pattern in (_PRIORITY_BEFORE, _PRIORITY_AFTER):
        for match in pattern.finditer(plain):
            if known := _priority_of(match[1]):
                return known
    alone = next((word for word in words_in(text) if word.text in _STANDS_ALONE), None)
    return _priority_of(alone.text) if alone and not _NOT_SO.search(plain[: alone.start]) else ""


def number(text: str) -> str:
    """The telephone number or extension that a text names: digits, with a plus where it had one."""
    plain = folded(text)
    if found := _EXTENSION.search(plain):
        return found[1]
    for match in _NUMBER.finditer(plain):
        digits = "".join(sign for sign in match[1] if sign.isdecimal())
        is_date = re.match(r"20\d\d-\d\d-\d\d", match[1]) is not None
        if 7 <= len(digits) <= 15 and not is_date:
            return ("+" if match[1].startswith("+") else "") + digits
    return ""


def report(text: str) -> str:
    """The kind of report that a text names first."""
    for word in words_in(text):
        for kind in names("reports"):
            if matches("reports", kind, word.text):
                return kind
    return ""


def subject(text: str, after: int, clients: list[Found]) -> str:
    """What a ticket is about: what follows the words that asked for it, without its priority and client."""
    rest = _without(text, after, _ASIDE)
    for found in clients:
        name = text[found.start : found.end]
        led_to = re.match(_CONNECTORS.pattern + re.escape(folded(name)), folded(rest))
        if name in rest and (led_to or rest.lstrip(" ,:.-").startswith(name)):
            rest = rest[rest.index(name) + len(name) :]
    return _clean(rest)[:LONGEST_TITLE]


def message(text: str, after: int, recipients: list[Found]) -> str:
    """What is to be told: what follows a colon or "saying", else "that", else the recipients."""
    plain = folded(text)
    for pattern in (_SAID, _THAT):
        if match := pattern.search(plain, after):
            return _clean(text[match.end() :])[:LONGEST_MESSAGE]
    last = max((found.end for found in recipients), default=len(text))
    return _clean(text[max(last, after) :])[:LONGEST_MESSAGE]


def _priority_of(word: str) -> str:
    return next((name for name in names("priorities") if matches("priorities", name, word)), "")


def _add_visit(facts: Facts, text: str, book: Book, clients: list[Found], now: datetime) -> None:
    site = facts["site"] or (clients[0].entry.site if clients else "")
    said = moments.when(text, now, book.zone_at(site))
    taken = [(found.start, found.end) for found in clients]
    operators = [
        found
        for found in meant(text, book.operators)
        if not any(found.start < end and start < found.end for start, end in taken)
    ]
    facts["operator"] = operators[0].entry.id if operators else None
    facts["day"] = said.day.isoformat() if said.day else None
    facts["time"] = f"{said.hour:%H:%M}" if said.hour else None


def _add_message(facts: Facts, text: str, book: Book, after: int) -> None:
    plain = folded(text)
    said = _SAID.search(plain, after) or _THAT.search(plain, after)
    # Names within what is to be told are not those it is told to.
    head = text[: said.start()] if said else text
    recipients = meant(head, list(book.recipients.values()), every=True)
    facts["recipients"] = [found.entry.key for found in recipients]
    facts["message"] = message(text, after, recipients)
    facts.pop("client", None)


def _without(text: str, after: int, pattern: re.Pattern[str]) -> str:
    kept, last, plain = [], after, folded(text)
    for match in pattern.finditer(plain, after):
        kept.append(text[last : match.start()])
        last = match.end()
    return "".join([*kept, text[last:]])


def _clean(text: str) -> str:
    match = _CONNECTORS.match(folded(text))
    rest = text[match.end() :] if match else text
    return " ".join(rest.split()).strip(" ,;.:-–" + _QUOTES)


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and 2000 <= date.fromisoformat(value).year < 2100
    except ValueError:
        return False


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and time.fromisoformat(value).tzinfo is None and len(value) == len("09:30")
    except ValueError:
        return False


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= longest


def _is_count(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _are_recipients(value: object, book: Book) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(one, str) and one in book.recipients for one in value)


_TESTS: dict[str, Callable[[Any, Book], bool]] = {
    "priority": lambda value, _book: value in PRIORITIES,
    "client": lambda value, book: type(value) is int and book.client(value) is not None,
    "operator": lambda value, book: type(value) is int and book.operator(value) is not None,
    "site": lambda value, book: isinstance(value, str) and value in book.sites,
    "number": lambda value, _book: isinstance(value, str) and re.fullmatch(r"\+?\d{2,15}", value) is not None,
    "day": lambda value, _book: _is_day(value),
    "time": lambda value, _book: _is_time(value),
    "minutes": lambda value, _book: _is_count(value, SHORTEST_MINUTES, LONGEST_MINUTES),
    "report": lambda value, _book: isinstance(value, str) and value in names("reports") and value in reports(),
    "period": lambda value, _book: value in periods.NAMES,
    "recipients": _are_recipients,
    "subject": lambda value, _book: _is_text(value, LONGEST_TITLE),
    "message": lambda value, _book: _is_text(value, LONGEST_MESSAGE),
}
"""For each fact whether a value of it holds."""
