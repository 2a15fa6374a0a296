"""The session's cookie: set at sign-in, cleared at sign-out, out of reach of scripts and other sites."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from core.access.sessions import COOKIE, LONGEST, Origin
from core.web.html import is_secure
from core.web.origin import client_address


def set_session(connection: HTTPConnection, response: Response, token: str) -> None:
    """Put a new session into the browser."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(connection),
    )


def clear_session(connection: HTTPConnection, response: Response) -> None:
    """Take the session out of the browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_secure(connection))


def origin_of(connection: HTTPConnection, method: str) -> Origin:
    """Where a sign-in by ``method`` comes from."""
    return Origin(method=method, address=client_address(connection), agent=connection.headers.get("user-agent", ""))
