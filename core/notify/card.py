"""A message as an Adaptive Card, for Webex and Teams.

Everything that may come from outside stands in text runs, which know neither Markdown nor mentions.
"""

from typing import Any

from core.notify.notice import Notice

CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
COLOURS = {"critical": "attention", "high": "attention", "medium": "warning", "low": "accent"}
_LONGEST_RUN = 1000
_MOST_ITEMS = 15


def card(notice: Notice, *, version: str) -> dict[str, Any]:
    """The card: title in the colour of its severity, what happened, the facts, a button to the page."""
    colour = COLOURS.get(notice.severity, "default")
    body = [_text(_run(notice.title, size="medium", weight="bolder", color=colour))]
    body += [_text(_run(text)) for text in (notice.lead, *notice.paragraphs) if text]
    body += [_text(_run(f"{label}: ", weight="bolder"), _run(value)) for label, value in notice.facts]
    for item in notice.items[:_MOST_ITEMS]:
        body += [_text(_run(item.title, weight="bolder")), _text(_run(item.detail, size="small"))]
    body.append(_text(_run(notice.footer, size="small", isSubtle=True)))
    actions = [{"type": "Action.OpenUrl", "title": notice.link_name, "url": notice.link}] if notice.link else []
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": version,
        "body": body,
        "actions": actions,
    }


def _text(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: Any) -> dict[str, Any]:
    # Braces would begin a date function of the card's host.
    plain = text.replace("{{", "{ {")[:_LONGEST_RUN] or "–"
    return {"type": "TextRun", "text": plain, **style}
