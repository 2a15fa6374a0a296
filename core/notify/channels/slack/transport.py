"""Sending to a Slack incoming webhook. What comes from outside stands in ``plain_text``, where nothing is markup."""

from typing import Any

from core.notify.notice import Notice, Order, Receipt
from core.notify.outbound import post_json

_HEADER, _SECTION, _FIELD, _FALLBACK = 150, 3000, 2000, 3500
_MOST_FIELDS = 10
_BUTTON = 75


def send(order: Order) -> Receipt:
    """One message with header, facts and a button; the answer is Slack's ``ok``."""
    return Receipt(post_json(order.services, order.values["url"], message(order.notice)).said())


def message(notice: Notice) -> dict[str, Any]:
    """The message as Slack's Block Kit has it, with an escaped text for notifications."""
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(notice.title, _HEADER)}]
    blocks += [_section(text) for text in (notice.lead, *notice.paragraphs) if text]
    if notice.facts:
        fields = [_plain(f"{label}: {value}", _FIELD) for label, value in notice.facts[:_MOST_FIELDS]]
        blocks.append({"type": "section", "fields": fields})
    blocks += [_section(f"{item.title}\n{item.detail}\n{item.link}") for item in notice.items[:20]]
    if notice.link.startswith("https://") or notice.link.startswith("http://"):
        button = {"type": "button", "text": _plain(notice.link_name, _BUTTON), "url": notice.link}
        blocks.append({"type": "actions", "elements": [button]})
    blocks.append({"type": "context", "elements": [_plain(notice.footer, _FIELD)]})
    return {"text": escaped(f"{notice.title}\n{notice.as_text()}"[:_FALLBACK]), "blocks": blocks}


def escaped(text: str) -> str:
    """A text in which no mention and no link can be made (Slack's three control characters)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _plain(text, _SECTION)}


def _plain(text: str, longest: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:longest] or "–", "emoji": False}
