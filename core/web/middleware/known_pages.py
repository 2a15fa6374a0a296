"""Answers addresses that can be no page with our own "not found", in place of Streamlit's start page and dialog.

Streamlit answers whatever it does not know with its page, and the browser then shows a dialog in English. A page of
ours has an address of one plain part; one that merely does not exist is told by the page itself.
"""

import re
from collections.abc import Sequence

from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.web.errors import MalformedRequestError, UnknownAddressError

_PAGE = re.compile(r"/*[A-Za-z0-9_-]{0,60}/*", re.ASCII)
_STREAMLIT = ("/static/", "/_stcore/", "/media/", "/component/", "/app/static/", "/auth/")
_STREAMLIT_FILES = ("/favicon.png", "/manifest.json", "/oauth2callback")
_RESERVED = ("_stcore/health", "_stcore/host-config")
"""Streamlit asks for these below a page's address too, and goes by their being missing there."""


_UNREADABLE = re.compile(r"\x00|(^|[/\\])\.\.([/\\]|$)")
"""Streamlit answers these with two bare words before a route of ours could; the API has one shape for every error."""


class KnownPages:
    """ASGI middleware behind the gate; ``routes`` are our own.

    Raises ``UnknownAddressError``, and ``MalformedRequestError`` for a path that nothing may be looked up by.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[Route | Mount]) -> None:
        self._app = app
        self._routes = [route.path_regex for route in routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _UNREADABLE.search(scope["path"]):
            raise MalformedRequestError
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and not self._may_be_known(scope["path"]):
            raise UnknownAddressError
        await self._app(scope, receive, send)

    def _may_be_known(self, path: str) -> bool:
        return (
            _PAGE.fullmatch(path) is not None
            or path in _STREAMLIT_FILES
            or path.startswith(_STREAMLIT)
            or path.endswith(_RESERVED)
            or any(route.match(path) for route in self._routes)
        )
