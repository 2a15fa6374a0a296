"""Nobody who is not signed in gets past here, except to the few addresses listed as public.

Pages are refused before Streamlit runs a line of them: a page's address leads to ``/sign-in`` and back, and the
websocket on which pages arrive is not opened, nor is it for a page of another site or port. Our own routes identify
their callers themselves, because programs come with keys instead of sessions; they are left to it by their exact
paths, since whatever no route takes is answered by Streamlit with its page.
"""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.access.errors import NotSignedInError
from core.web.errors import UnknownAddressError, error_response
from core.web.identity import signed_in_person
from core.web.origin import is_from_our_page
from core.web.services import services_of

PUBLIC = frozenset(
    {
        "/healthz",
        "/readyz",
        "/health",
        "/sign-in",
        "/sign-in/organisation",
        "/sign-out",
        "/set-up",
        "/set-password",
        "/auth/login",
        "/oauth2callback",
        "/_stcore/health",
        "/_stcore/host-config",
        "/favicon.png",
        "/robots.txt",
    }
)
PUBLIC_FOLDERS = ("/static/",)
NEVER = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check", "/mcp")
"""Streamlit's own measurements and machine interface, which know no sign-in."""


class SignInGate:
    """ASGI middleware; ``routes`` are our own, each with its permission or public by intent."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route | Mount]) -> None:
        self._app = app
        self._routes = [route.path_regex for route in routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or (scope["type"] == "http" and self._is_open(scope["path"])):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if scope["path"].startswith(NEVER):
            await _refuse(connection, scope, receive, send, missing=True)
        elif scope["type"] == "websocket" and not is_from_our_page(connection, services_of(connection).settings):
            await _refuse(connection, scope, receive, send)
        elif await run_in_threadpool(signed_in_person, connection):
            await self._app(scope, receive, send)
        else:
            await _refuse(connection, scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return path in PUBLIC or path.startswith(PUBLIC_FOLDERS) or any(route.match(path) for route in self._routes)


async def _refuse(
    connection: HTTPConnection, scope: Scope, receive: Receive, send: Send, *, missing: bool = False
) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
    elif missing:
        await error_response(connection, UnknownAddressError())(scope, receive, send)
    elif _is_navigation(connection, scope):
        await RedirectResponse(f"/sign-in?next={quote(_wanted(scope), safe='')}", status_code=303)(scope, receive, send)
    else:
        await error_response(connection, NotSignedInError())(scope, receive, send)


def _is_navigation(connection: HTTPConnection, scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and "text/html" in connection.headers.get("accept", "")


def _wanted(scope: Scope) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{quote(scope['path'])}?{query}" if query else quote(scope["path"])
