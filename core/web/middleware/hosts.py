"""Refuses requests that name a host this server is not known by (DNS rebinding, poisoned links)."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from core.web.errors import UnknownHostError, error_response
from core.web.origin import is_known_host
from core.web.services import services_of

_PROBES = ("/healthz", "/readyz")
_REFUSED = {"type": "websocket.close", "code": 1008, "reason": ""}


class KnownHosts:
    """ASGI middleware. Probes may name the machine's bare address, as container platforms do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in _PROBES:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if is_known_host(connection, services_of(connection).settings):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send(_REFUSED)
        else:
            await error_response(connection, UnknownHostError())(scope, receive, send)
