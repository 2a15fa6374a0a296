"""What is told, before any channel gives it its form, and how a channel is asked to send it.

All texts are plain and may come from outside: each channel escapes them for its own form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from core.language import Language
from core.services import Services


@dataclass(frozen=True)
class Item:
    """One line of a digest."""

    title: str
    detail: str
    link: str
    severity: str
    severity_name: str = ""

    @property
    def heading(self) -> str:
        """The title without its severity, for where that stands beside it."""
        return _without(self.title, self.severity_name)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail, such as an invitation (``text/calendar; method=REQUEST``) or a report."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Notice:
    """One message in the reader's language. ``facts`` are label and value; ``data`` is for programs.

    ``highlight`` is what must not be overlooked, such as when; ``closing`` comes after everything else.
    ``thread`` is the same for everything about one subject; ``reference`` is what reader and log have in common.
    ``because`` says why the reader gets it, ``manage`` is the address of the page where that is changed.
    """

    language: Language
    title: str
    lead: str
    severity: str
    severity_name: str
    facts: tuple[tuple[str, str], ...] = ()
    paragraphs: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    link: str = ""
    link_name: str = ""
    footer: str = ""
    reference: str = ""
    thread: str = ""
    event: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    highlight: str = ""
    closing: str = ""
    reply_to: str = ""
    because: str = ""
    manage: str = ""

    @property
    def heading(self) -> str:
        """The title without its severity, for where that stands beside it."""
        return _without(self.title, self.severity_name)

    def as_text(self) -> str:
        """The whole as plain text, for fall-backs and for channels without form."""
        lines: list[str] = []
        for text in filter(None, (self.lead, self.highlight, *self.paragraphs)):
            lines += ["", text]
        if self.facts:
            lines += ["", *(f"{label}: {value}" for label, value in self.facts)]
        for item in self.items:
            lines += ["", item.title, *filter(None, (item.detail, item.link))]
        if self.link:
            lines += ["", f"{self.link_name}: {self.link}"]
        if self.closing:
            lines += ["", self.closing]
        return "\n".join(lines).strip()


@dataclass(frozen=True)
class Order:
    """What a channel is to send and with what: ``values`` are its settings, secrets opened.

    ``message_id`` is the same at each attempt; ``written_at`` is when it was announced.
    """

    services: Services
    values: Mapping[str, str]
    recipients: tuple[str, ...]
    notice: Notice
    message_id: str
    written_at: datetime


@dataclass(frozen=True)
class Receipt:
    """What the other side said when it took the message, and which of several recipients it refused, and why."""

    answer: str = ""
    refused: Mapping[str, Exception] = field(default_factory=dict)


class Transport(Protocol):
    """How a channel hands a message over."""

    def __call__(self, order: Order) -> Receipt:
        """Hand it over. Raises a ``TransientError`` when trying again can help, else a ``PermanentError``."""


def _without(title: str, severity_name: str) -> str:
    return title.removeprefix(f"{severity_name.upper()}: ")


def shortened(text: str, most_bytes: int) -> str:
    """The text cut so that it has no more than that many bytes in UTF-8, with an ellipsis where it was cut."""
    encoded = text.encode()
    if len(encoded) <= most_bytes:
        return text
    return encoded[: most_bytes - 3].decode("utf-8", "ignore").rstrip() + "…"
