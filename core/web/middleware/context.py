"""The layer that gives each request its number and the services, writes the access log, catches bugs."""

import logging
import re
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import TollwatchError
from core.services import Services
from core.web.errors import SCOPE_REQUEST_ID, new_number, on_tollwatch_error, unexpected_error_response
from core.web.html import problem
from core.web.measures import count_request
from core.web.services import SCOPE_KEY

_log = logging.getLogger("core.web.access")
_QUIET = ("/healthz", "/readyz", "/metrics", "/_stcore/health", "/static/")
_SECRET_PARAMETERS = re.compile(r"(?i)\b(code|state|token|key|secret|password|signature)=[^&\s]+")
_NUMBERS = re.compile(r"(?<!\d)((?:%2B|\+)?\d{2})\d{4,}(\d{2})(?!\d)")


def redacted(path_and_query: str) -> str:
    """An address as the log may keep it: no secrets of OAuth or links, no whole telephone numbers."""
    return _NUMBERS.sub(r"\1…\2", _SECRET_PARAMETERS.sub(r"\1=…", path_and_query))


class RequestContext:
    """ASGI middleware; ``provide`` gives the services of the process."""

    def __init__(self, app: ASGIApp, provide: Callable[[], Services]) -> None:
        self._app = app
        self._provide = provide
        self._services: Services | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if self._services is None:
            self._services = await run_in_threadpool(self._provide)
        services = self._services
        scope[SCOPE_KEY] = services
        scope[SCOPE_REQUEST_ID] = new_number()
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        await self._answer(scope, receive, send, services)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, services: Services) -> None:
        started = services.clock.monotonic()
        status = 0

        async def send_with_number(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = scope[SCOPE_REQUEST_ID]
            await send(message)

        try:
            await self._app(scope, receive, send_with_number)
        except Exception as error:
            if status:
                raise
            await _answer_to(scope, error)(scope, receive, send_with_number)
        finally:
            _tell(scope, status, services.clock.monotonic() - started)


def _answer_to(scope: Scope, error: Exception) -> Response:
    """What a layer before the routes raised: what was foreseen says what to do, as a page to who opens a page."""
    request = Request(scope)
    if not isinstance(error, TollwatchError):
        return unexpected_error_response(request, error)
    if scope["method"] == "GET" and "text/html" in request.headers.get("accept", ""):
        _log.warning("request %s failed: %s", scope[SCOPE_REQUEST_ID], error.code)
        return problem(request, error)
    return on_tollwatch_error(request, error)


def on_one_line(address: str) -> str:
    """An address as a line of a log may hold it: a stranger's line breaks and terminal controls are spelt out."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in address)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    path = scope["path"]
    count_request(scope, status, seconds)
    if path.startswith(_QUIET) and status < 400:
        return
    query = scope.get("query_string", b"").decode("latin-1")
    address = on_one_line(redacted(f"{path}?{query}" if query else path))
    client = scope["client"][0] if scope.get("client") else "-"
    _log.info(
        "%s %s %s %s %.0f ms from %s", scope[SCOPE_REQUEST_ID], scope["method"], address, status, seconds * 1000, client
    )
