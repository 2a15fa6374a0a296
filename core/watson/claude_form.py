"""The closed form in which Claude says what a message asks for, and what of it is believed.

Nothing in an answer is taken on trust: a name must be a placeholder of the message, prose a stretch of it word for
word, a day near, and every fact holds by ``facts.checked`` like those that the rules find.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from core.assistant.answers import in_form
from core.tickets.create import LONGEST_TITLE
from core.watson.book import Book
from core.watson.dialogue import INJECTION, Help
from core.watson.facts import Facts, checked
from core.watson.masking import CLIENT, OPERATOR, RECIPIENT, SITE, Masked
from core.watson.vocabulary import INTENTS, LONGEST_MESSAGE

FARTHEST = timedelta(days=400)
_OF = {
    "create_ticket": ("priority", "client", "site", "subject"),
    "schedule_visit": ("client", "operator", "site", "day", "time", "minutes"),
    "send_notification": ("recipients", "message"),
    "generate_report": ("report", "period"),
}
"""The facts that belong to each thing; others are not looked at."""


class MessageReading(BaseModel):
    """What Claude reads in a message; an empty text, 0 or ``unsaid`` where nothing is said."""

    model_config = ConfigDict(extra="forbid", strict=True)

    intent: Literal["create_ticket", "schedule_visit", "send_notification", "generate_report", "none"]
    priority: Literal["low", "medium", "high", "critical", "unsaid"]
    client: str
    operator: str
    site: str
    recipients: list[str]
    day: str
    time: str
    minutes: int
    report: Literal["calls", "alerts", "tickets", "operators", "recordings", "unsaid"]
    period: Literal[
        "24h", "7d", "30d", "today", "yesterday", "this_week", "last_week", "this_month", "last_month",
        "last_quarter", "unsaid",
    ]  # fmt: skip
    subject: str
    message: str
    injection_suspected: bool


def read_answer(text: str, masked: Masked, book: Book, today: date) -> Help:
    """What an answer says, as far as it is believed. Raises ``AnswerUnusableError`` for one out of form."""
    told = in_form(MessageReading, text)
    if told.injection_suspected:
        return Help(None, problem=INJECTION)
    intent = next((one for one in INTENTS if one == told.intent), None)
    if intent is None:
        return Help(None)
    found = _facts(told, masked, today)
    return Help(intent, checked({name: found[name] for name in _OF[intent] if name in found}, book))


def _facts(told: MessageReading, masked: Masked, today: date) -> Facts:
    client, operator = masked.entry(told.client, CLIENT), masked.entry(told.operator, OPERATOR)
    site = masked.entry(told.site, SITE)
    recipients = [masked.entry(one, RECIPIENT) for one in told.recipients]
    found: Mapping[str, Any] = {
        "priority": told.priority,
        "client": client and client.id,
        "operator": operator and operator.id,
        "site": site and site.name,
        # One that nobody knows leaves all out: whom it is to reach is asked for then.
        "recipients": [] if None in recipients else [one.key for one in recipients if one is not None],
        "day": told.day if _is_near(told.day, today) else "",
        "time": told.time,
        "minutes": told.minutes,
        "report": told.report,
        "period": told.period,
        "subject": masked.quoted(told.subject)[:LONGEST_TITLE],
        "message": masked.quoted(told.message)[:LONGEST_MESSAGE],
    }
    return {name: value for name, value in found.items() if value not in (None, "", 0, "unsaid", [])}


def _is_near(day: str, today: date) -> bool:
    try:
        return today <= date.fromisoformat(day) <= today + FARTHEST
    except ValueError:
        return False
