"""Writing into Webex: ``POST /messages`` with a card, and the same as Markdown for clients without cards.

Texts hold at most 7439 bytes each. Webex knows no idempotency key: a message whose answer was lost comes twice, with
the same reference below.
"""

import re
from collections.abc import Callable, Mapping

from core.errors import InvalidInputError
from core.notify.card import CONTENT_TYPE, card
from core.notify.errors import ReceiverRefusedError
from core.notify.kinds import addresses_in
from core.notify.notice import Notice, Order, Receipt, shortened
from core.notify.outbound import Answer, post_json
from core.webex.tokens import ConnectionTokens

LONGEST_TEXT = 7000
"""Bytes, some less than Webex's 7439 for what escaping adds nowhere else."""
CARD_VERSION = "1.3"
_UNAUTHORISED = 401
_TOKEN = re.compile(r"[!-~]{10,2000}", re.ASCII)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>])")


def check(values: Mapping[str, str]) -> None:
    """Raise ``InvalidInputError`` unless exactly one of space and person is named."""
    if bool(values["room"]) == bool(values["person"]):
        raise InvalidInputError(field="room", problem="room ≠ person")
    if values["person"] and len(addresses_in(values["person"])) != 1:
        raise InvalidInputError(field="person", problem=values["person"][:80])
    if values.get("bot_token") and not _TOKEN.fullmatch(values["bot_token"]):
        raise InvalidInputError(field="bot_token", problem="ASCII")


def send(order: Order) -> Receipt:
    """One message, by the bot if the channel has one, else by the Webex connection."""
    target = {"roomId": order.values["room"]} if order.values["room"] else {"toPersonEmail": order.values["person"]}
    content = {
        **target,
        "text": shortened(f"{order.notice.title}\n{order.notice.as_text()}\n{order.notice.footer}", LONGEST_TEXT),
        "markdown": markdown(order.notice),
        "attachments": [{"contentType": CONTENT_TYPE, "content": card(order.notice, version=CARD_VERSION)}],
    }
    address = f"{order.services.settings.webex_api}/messages"

    def attempt(token: str) -> Answer:
        return post_json(order.services, address, content, {"Authorization": f"Bearer {token}"}, own=True)

    if order.values.get("bot_token"):
        return Receipt(_said(attempt(order.values["bot_token"])))
    return Receipt(_said(_by_connection(order, attempt)))


def markdown(notice: Notice) -> str:
    """The message as Webex's Markdown, with nothing in it that a hostile name could act with."""
    lines = [f"**{escaped(notice.title)}**", "", escaped(notice.lead), *map(escaped, notice.paragraphs)]
    lines += ["", *(f"- {escaped(label)}: {escaped(value)}" for label, value in notice.facts)]
    lines += [f"- {escaped(item.title)} {item.link}" for item in notice.items]
    lines += ["", notice.link, "", f"_{escaped(notice.footer)}_"]
    return shortened("\n".join(lines), LONGEST_TEXT)


def escaped(text: str) -> str:
    """A text of one line that Webex shows as it stands; ``<`` starts mentions and goes."""
    flat = " ".join(text.split())
    return _MARKDOWN.sub(r"\\\1", flat.replace("&", "&amp;").replace("<", "&lt;"))


def _by_connection(order: Order, attempt: Callable[[str], Answer]) -> Answer:
    tokens = ConnectionTokens(order.services)
    token = tokens.token()
    try:
        return attempt(token)
    except ReceiverRefusedError as error:
        if error.facts.get("status") != _UNAUTHORISED:
            raise
        return attempt(tokens.replacement(token))


def _said(answer: Answer) -> str:
    """Only the status: the body repeats the message."""
    return f"HTTP {answer.status}"
