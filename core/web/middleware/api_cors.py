"""Lets pages of other sites call the API with a key, when an administrator lists those sites; off by default."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from core.web.origin import listed


class ApiCors:
    """ASGI middleware; never lets another site's page use a browser's session."""

    def __init__(self, app: ASGIApp, origins: str) -> None:
        self._app = app
        self._with_cors = CORSMiddleware(
            app,
            allow_origins=listed(origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["authorization", "content-type", "idempotency-key"],
            allow_credentials=False,
            max_age=600,
        )
        self._is_on = bool(listed(origins))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        on = self._is_on and scope["type"] == "http" and scope["path"].startswith("/api/")
        await (self._with_cors if on else self._app)(scope, receive, send)
