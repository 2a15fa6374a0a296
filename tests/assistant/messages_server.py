"""A server on loopback that speaks Claude's Messages API: it answers as told, and keeps what it was sent."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.local_server import local_server

Responder = Callable[[dict[str, Any]], Response]


def said(text: str, *, stop_reason: str = "end_turn", read: int = 900, written: int = 200, **more: Any) -> Response:
    """A message of Claude's, as the API sends it."""
    body = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-5-5",
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": read, "output_tokens": written, "cache_read_input_tokens": 100},
        **more,
    }
    return JSONResponse(body, headers={"request-id": "req_42"})


def failed(status: int, kind: str, **headers: str) -> Response:
    """An error of the API."""
    body = {"type": "error", "error": {"type": kind, "message": "as told"}}
    return JSONResponse(body, status, headers=headers)


def view(**changes: Any) -> str:
    """A well-formed answer about an alert, with ``changes``."""
    fields = {
        "assessment": "<ENTITY> called a country nobody at the site calls, at night.",
        "abuse": "likely",
        "benign_causes": [{"cause": "A trip abroad", "likelihood": "possible"}],
        "checks": ["Ask the user whether they made the calls"],
        "recommended_action": "block_international",
        "action_reason": "It stops the loss at once.",
        "injection_suspected": False,
    }
    return json.dumps({**fields, **changes}, ensure_ascii=False)


@dataclass
class MessagesServer:
    """``answers`` are given in turn; then ``view()`` for ever."""

    url: str = ""
    answers: deque[Response | Responder] = field(default_factory=deque)
    sent: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def _answer(self, request: Request) -> Response:
        body = json.loads(await request.body())
        self.sent.append(body)
        self.headers.append(dict(request.headers))
        answer = self.answers.popleft() if self.answers else said(view())
        return answer(body) if not isinstance(answer, Response) else answer

    def __enter__(self) -> "MessagesServer":
        app = Starlette(routes=[Route("/v1/messages", self._answer, methods=["POST"])])
        self._server = local_server(app)
        self.url = f"http://127.0.0.1:{self._server.__enter__()}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__(None, None, None)
