"""How the door stands, and whether a caller would be served: told without doing anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.assistant.messages import is_configured
from core.services import Services
from core.watson import activity, classify, dialogue
from core.watson import book as known
from core.watson.book import Book
from core.watson.carrying_out import DoorCaller
from core.watson.dialogue import Open
from core.watson.vocabulary import INTENTS, SCOPES, USE

WINDOW = timedelta(hours=24)
_SAMPLES = (
    ("Crea un ticket: prueba de conexión", "create_ticket"),
    ("Generate a report of calls for last week", "generate_report"),
)
SIGNATURES = ("required", "checked", "unchecked")


@dataclass(frozen=True)
class Status:
    """The door's settings without secrets, and its last day. ``signature`` is one of ``SIGNATURES``."""

    address: str
    own_key: bool
    own_key_scopes: tuple[str, ...]
    signature: str
    per_minute: int
    retention_days: int
    last_request_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str
    open_sessions: int
    requests: Mapping[str, int]
    claude_seconds: float = 0.0
    """How long a message waits for Claude where the rules are unsure; 0 = Claude is never asked."""


@dataclass(frozen=True)
class Rehearsal:
    """What a text would be taken for, its facts in words, and the first that would be asked for."""

    intent: str
    facts: Mapping[str, str]
    missing: str


@dataclass(frozen=True)
class Check:
    """One thing that was tried, and whether it holds; texts stand below ``watson.checks`` and ``watson.remedies``."""

    name: str
    holds: bool
    needed: bool = True


def address(services: Services) -> str:
    """Where messages are sent to."""
    return f"{services.settings.base_url.rstrip('/')}/api/v1/watson/webhook"


def status(services: Services) -> Status:
    """How the door stands now."""
    settings, now = services.settings, services.clock.now()
    with services.database.read() as session:
        last = activity.last_request(session)
        failed = activity.failures(session, limit=1)
        return Status(
            address=address(services),
            own_key=bool(settings.watson_api_key.get_secret_value()),
            own_key_scopes=tuple(settings.watson_scopes.split()),
            signature=_signature(services),
            per_minute=settings.watson_per_minute,
            retention_days=settings.watson_retention_days,
            last_request_at=last.received_at if last else None,
            last_failure_at=failed[0].at if failed else None,
            last_failure=failed[0].error_code if failed else "",
            open_sessions=activity.open_sessions(session, now),
            requests=activity.counts(session, now - WINDOW),
            claude_seconds=settings.watson_claude_seconds if is_configured(settings) else 0.0,
        )


def rehearse(services: Services, text: str) -> Rehearsal:
    """What the rules read in a text that opens a conversation; nothing is done or kept, and Claude is not asked."""
    book = known.load(services)
    turn = dialogue.take(text, Open(), book, services.clock.now())
    return Rehearsal(
        turn.intent or "", {name: _told(name, value, book) for name, value in turn.facts.items()}, turn.missing
    )


def _told(name: str, value: Any, book: Book) -> str:
    """A fact in words: names instead of numbers."""
    if name == "recipients":
        return ", ".join(book.recipients[key].name for key in value)
    entry = book.client(value) if name == "client" else book.operator(value) if name == "operator" else None
    return entry.name if entry else str(value)


def checks(services: Services, caller: DoorCaller) -> list[Check]:
    """What a message of ``caller`` would meet, tried without making anything."""
    understood = all(classify.read(text).intent == intent for text, intent in _SAMPLES)
    return [
        Check("identity", caller.may(USE)),
        Check("scopes", any(caller.may(SCOPES[intent]) for intent in INTENTS)),
        Check("understanding", understood),
        Check("store", services.database.is_reachable()),
        Check("signature", _signature(services) != "unchecked", needed=False),
    ]


def _signature(services: Services) -> str:
    if services.settings.watson_require_signature:
        return "required"
    return "checked" if services.settings.watson_signing_secret.get_secret_value() else "unchecked"
