"""A ticket in words: title and description in the reader's language, states, priorities and what happened."""

from core.language import DEFAULT_LANGUAGE, LANGUAGES, Language, is_text, translate
from core.store.models.tickets import TicketRow


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


def reason(given: str, language: Language = DEFAULT_LANGUAGE) -> str:
    """Why something was done: one of the product's own reasons in words, anybody else's as they gave it."""
    key = f"tickets.reasons.{given}"
    return translate(key, language) if is_text(key) else given


def _in(ticket: TicketRow, name: str, language: Language) -> str:
    by_language = ticket.texts.get(name) or {}
    return str(by_language.get(language) or by_language.get(DEFAULT_LANGUAGE) or "")
