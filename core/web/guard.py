"""The permission of a plain route, said where the route is written."""

import functools
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.access.errors import NotSignedInError
from core.web.identity import require
from core.web.storable import refuse_unstorable

Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(permission: str) -> Callable[[Endpoint], Endpoint]:
    """Let only callers with ``permission`` through; a person who only followed a link is led to sign in first."""
    check = require(permission)

    def decorate(endpoint: Endpoint) -> Endpoint:
        @functools.wraps(endpoint)
        async def checked(request: Request) -> Response:
            try:
                await run_in_threadpool(check, request)
            except NotSignedInError:
                if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                    return _to_sign_in(request)
                raise
            await refuse_unstorable(request)
            return await endpoint(request)

        checked.__dict__["permission"] = permission
        return checked

    return decorate


def _to_sign_in(request: Request) -> Response:
    wanted = request.url.path
    if request.url.query:
        wanted = f"{wanted}?{request.url.query}"
    return RedirectResponse(f"/sign-in?next={quote(wanted, safe='')}", status_code=303)
