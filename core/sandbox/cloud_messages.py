"""Messages of the pretend cloud: ``POST /messages`` as Webex checks it, kept in memory for whoever looks."""

import json
from collections import deque
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.sandbox.credentials import BOT_TOKEN
from core.sandbox.tenant import Tenant
from core.sandbox.wire import WireError, answer, is_loopback, webex_id

SCOPE = "spark:messages_write"
LONGEST_TEXT = 7439
"""Bytes of ``text`` and of ``markdown``."""
MOST_KEPT = 200
TARGETS = ("roomId", "toPersonId", "toPersonEmail")
CARD = "application/vnd.microsoft.card.adaptive"
CARD_VERSIONS = ("1.0", "1.1", "1.2", "1.3")
_BOT = "tollwatch@webex.bot"


def routes(tenant: Tenant) -> list[Route]:
    """Writing a message, and reading on this machine what was written."""
    messages = _Messages(tenant)
    return [
        Route("/v1/messages", messages.write, methods=["POST"]),
        Route("/_sandbox/messages", messages.read, methods=["GET"]),
    ]


class _Messages:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._kept: deque[dict[str, Any]] = deque(maxlen=MOST_KEPT)

    async def write(self, request: Request) -> Response:
        sender = self._sender(request)
        content = await _content(request)
        targets = [name for name in TARGETS if content.get(name)]
        if len(targets) != 1:
            raise WireError(400, "Exactly one of roomId, toPersonId and toPersonEmail is required.")
        _check(content)
        room = content.get("roomId") or webex_id("ROOM", str(uuid4()))
        message: dict[str, Any] = {
            "id": webex_id("MESSAGE", str(uuid4())),
            "roomId": room,
            "roomType": "group" if targets == ["roomId"] else "direct",
            "personEmail": sender,
            "created": self._tenant.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **{name: content[name] for name in ("toPersonEmail", "text", "markdown", "attachments") if name in content},
        }
        self._kept.append(message)
        return answer(message)

    async def read(self, request: Request) -> Response:
        if not is_loopback(request) or request.headers.get("origin"):
            raise WireError(403, "The control interface answers programs on this machine only.")
        return JSONResponse({"items": list(self._kept)})

    def _sender(self, request: Request) -> str:
        """The bot, or the connected administrator with the scope to write."""
        if request.headers.get("authorization", "") == f"Bearer {BOT_TOKEN}":
            self._tenant.faults.check(request.url.path)
            return _BOT
        self._tenant.authorise(request, SCOPE)
        return self._tenant.world.administrator.email


async def _content(request: Request) -> dict[str, Any]:
    try:
        content = json.loads(await request.body())
    except ValueError as error:
        raise WireError(400, "The body is not JSON.") from error
    if not isinstance(content, dict):
        raise WireError(400, "The body must be a JSON object.")
    return content


def _check(content: dict[str, Any]) -> None:
    texts = [content[name] for name in ("text", "markdown") if content.get(name)]
    if not texts:
        raise WireError(400, "A message needs text or markdown.")
    if any(not isinstance(text, str) or len(text.encode()) > LONGEST_TEXT for text in texts):
        raise WireError(400, f"Text exceeds {LONGEST_TEXT} bytes.")
    attachments = content.get("attachments") or []
    if not isinstance(attachments, list) or len(attachments) > 1:
        raise WireError(400, "Only one attachment is supported.")
    for attachment in attachments:
        card = attachment.get("content") if isinstance(attachment, dict) else None
        if not isinstance(card, dict) or attachment.get("contentType") != CARD:
            raise WireError(400, "The attachment is not a card.")
        if card.get("version") not in CARD_VERSIONS:
            raise WireError(400, "Unable to retrieve content: the card's version is not supported.")
