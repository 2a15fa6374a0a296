"""A ticket in words: title and description in the reader's language, states, priorities and what happened."""

from collections.abc import Mapping
from typing import Any

from core.language import DEFAULT_LANGUAGE, LANGUAGES, Language, is_text, translate
from core.operators import assignment
from core.store.models.tickets import TicketRow

CHOICE = "choice"
"""Where the timeline's detail keeps the facts that tell why somebody was chosen."""


def title(ticket: TicketRow, language: Language = DEFAULT_LANGUAGE) -> str:
    """The title, in the language where a rule wrote it in each."""
    return _in(ticket, "title", language) or ticket.title


def description(ticket: TicketRow, language: Language = DEFAULT_LANGUAGE) -> str:
    """The description, likewise."""
    return _in(ticket, "description", language) or ticket.description


def titles(ticket: TicketRow) -> dict[str, str]:
    """The title by language."""
    return {language: title(ticket, language) for language in LANGUAGES}


def word(area: str, value: str, language: Language = DEFAULT_LANGUAGE) -> str:
    """A value of ours in words: area states, priorities, sources, actions, steps, links."""
    key = f"tickets.{area}.{value}"
    return translate(key, language) if is_text(key) else value


def why(given: str, detail: Mapping[str, Any], language: Language = DEFAULT_LANGUAGE) -> str:
    """Why something was done, from the reason and detail of a timeline row.

    The product's own reasons are told in words: of a rule, a step, or whom the choice fell on. People's stay as given.
    """
    key = f"tickets.reasons.{given}"
    if is_text(key):
        return translate(key, language)
    return assignment.words(given, detail[CHOICE], language) or given if CHOICE in detail else given


def note(words: str, reason: str = "", detail: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What goes with a change when people are told of it, by language: the words written, else the reason."""
    return {language: words or why(reason, detail or {}, language) for language in LANGUAGES}


def _in(ticket: TicketRow, name: str, language: Language) -> str:
    by_language = ticket.texts.get(name) or {}
    return str(by_language.get(language) or by_language.get(DEFAULT_LANGUAGE) or "")
