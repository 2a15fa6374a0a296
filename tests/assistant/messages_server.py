"""A server on loopback that speaks Claude's Messages API: it answers as told, and keeps what it was sent."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.local_server import local_server

Responder = Callable[[dict[str, Any]], Response]


def said(text: str, *, stop_reason: str = "end_turn", read: int = 900, written: int = 200, **more: Any) -> Response:
    """A message of Claude's, as the API sends it."""
    body = message(text, stop_reason=stop_reason, read=read, written=written, **more)
    return JSONResponse(body, headers={"request-id": "req_42"})


def message(
    text: str, *, stop_reason: str = "end_turn", read: int = 900, written: int = 200, **more: Any
) -> dict[str, Any]:
    """The body of a message of Claude's, alone or in a batch."""
    return {
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
    """``answers`` are given in turn; then ``view()`` for ever.

    Batches end when ``batch_lines`` is set: the lines of their results, as the API writes them.
    """

    url: str = ""
    batch_lines: list[dict[str, Any]] | None = None
    results_elsewhere: str = ""
    answers: deque[Response | Responder] = field(default_factory=deque)
    sent: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def _answer(self, request: Request) -> Response:
        body = json.loads(await request.body())
        self.sent.append(body)
        self.headers.append(dict(request.headers))
        answer = self.answers.popleft() if self.answers else said(view())
        return answer(body) if not isinstance(answer, Response) else answer

    async def _take_batch(self, request: Request) -> Response:
        answer = self.answers.popleft() if self.answers else None
        self.sent.append(json.loads(await request.body()))
        return answer if isinstance(answer, Response) else JSONResponse(self._batch())

    async def _batch_state(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return JSONResponse(self._batch())

    async def _results(self, request: Request) -> Response:
        return PlainTextResponse("\n".join(json.dumps(line) for line in self.batch_lines or []))

    def _batch(self) -> dict[str, Any]:
        has_ended = self.batch_lines is not None
        return {
            "id": "msgbatch_01",
            "type": "message_batch",
            "processing_status": "ended" if has_ended else "in_progress",
            "request_counts": {"processing": 0, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0},
            "created_at": "2026-11-20T17:00:00Z",
            "expires_at": "2026-11-21T17:00:00Z",
            "ended_at": "2026-11-20T18:00:00Z" if has_ended else None,
            "cancel_initiated_at": None,
            "archived_at": None,
            "results_url": f"{self.results_elsewhere or self.url}/v1/messages/batches/msgbatch_01/results",
        }

    def __enter__(self) -> "MessagesServer":
        app = Starlette(
            routes=[
                Route("/v1/messages", self._answer, methods=["POST"]),
                Route("/v1/messages/batches", self._take_batch, methods=["POST"]),
                Route("/v1/messages/batches/msgbatch_01", self._batch_state),
                Route("/v1/messages/batches/msgbatch_01/results", self._results),
            ]
        )
        self._server = local_server(app)
        self.url = f"http://127.0.0.1:{self._server.__enter__()}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__(None, None, None)
