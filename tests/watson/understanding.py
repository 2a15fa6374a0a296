"""The people and places that the messages of these tests name, and reading a file of such messages."""

import tomllib
from pathlib import Path
from typing import Any

from core.watson import classify
from core.watson.book import Book, Entry
from core.watson.facts import found_in
from core.watson.words import language_of
from tests.conftest import NOON

BOOK = Book(
    clients=[
        Entry("client", 1, "Hotel Costa"),
        Entry("client", 2, "Banco Andino"),
        Entry("client", 3, "Comercial Ñandú"),
    ],
    operators=[
        Entry("operator", 1, "Luisa Fernández", "luisa@example.com"),
        Entry("operator", 2, "Pedro Gómez", "pedro@example.com"),
    ],
    channels=[Entry("channel", 1, "Fraud desk"), Entry("channel", 2, "Guardia")],
    sites=["Bogotá", "Medellín", "San José"],
    zones={"Bogotá": "America/Bogota", "Medellín": "America/Bogota", "San José": "America/Costa_Rica"},
    zone="America/Bogota",
)
_FOLDER = Path(__file__).parent
TOLD = ("priority", "client", "site", "number", "day", "time", "minutes", "period", "report", "operator", "recipients")
"""Facts that must be as written, and absent where nothing is written."""
PROSE = ("subject", "message")
"""Facts that are compared where something is written."""


def messages(name: str) -> list[dict[str, Any]]:
    """The messages of a file, each with what is to be read in it."""
    found: list[dict[str, Any]] = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["message"]
    return found


def read(text: str) -> dict[str, Any]:
    """What the rules make of a text: language, intent and facts, by name instead of number."""
    reading = classify.read(text)
    facts = found_in(text, reading.intent, BOOK, NOON, after=reading.end, next_wish=reading.next_wish)
    shown: dict[str, Any] = {**facts, "language": language_of(text), "intent": reading.intent or ""}
    if "client" in shown:
        shown["client"] = next(one.name for one in BOOK.clients if one.id == shown["client"])
    if "operator" in shown:
        shown["operator"] = next(one.name for one in BOOK.operators if one.id == shown["operator"])
    if "recipients" in shown:
        shown["recipients"] = [BOOK.recipients[key].name for key in shown["recipients"]]
    return shown


def differences(message: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Where the reading of a message differs: what was to be read, what was."""
    got = read(message["text"])
    names = ["language", "intent", *TOLD, *(name for name in PROSE if name in message)]
    return {name: (message.get(name), got.get(name)) for name in names if message.get(name) != got.get(name)}
