"""Publishing a push by ntfy's JSON interface (https://docs.ntfy.sh/publish/): plain text, priority by severity."""

import re
from collections.abc import Mapping

from core.errors import InvalidInputError
from core.notify.notice import Order, Receipt, shortened
from core.notify.outbound import post_json

PRIORITIES = {"critical": 5, "high": 4, "medium": 3, "low": 2}
LONGEST_MESSAGE, LONGEST_TITLE = 3500, 200
"""Bytes; ntfy makes an attachment of a message above 4096."""
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,200}", re.ASCII)


def check(values: Mapping[str, str]) -> None:
    """Raise ``InvalidInputError`` for a topic or token that ntfy could not take."""
    if not _TOPIC.fullmatch(values["topic"]):
        raise InvalidInputError(field="topic", problem="A-Z a-z 0-9 - _")
    if values.get("token") and not _TOKEN.fullmatch(values["token"]):
        raise InvalidInputError(field="token", problem="ASCII")


def send(order: Order) -> Receipt:
    """One push; a tap opens the page."""
    notice, token = order.notice, order.values.get("token", "")
    content = {
        "topic": order.values["topic"],
        "title": shortened(notice.title, LONGEST_TITLE),
        "message": shortened(notice.as_text(), LONGEST_MESSAGE),
        "priority": PRIORITIES.get(notice.severity, 3),
        "click": notice.link,
    }
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Receipt(post_json(order.services, order.values["url"].rstrip("/"), content, headers).said())
