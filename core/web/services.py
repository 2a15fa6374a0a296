"""How a route gets at the opened stores: they travel in the ASGI scope, put there by the outermost middleware."""

from typing import cast

from starlette.requests import HTTPConnection

from core.services import Services

SCOPE_KEY = "tollwatch.services"


def services_of(connection: HTTPConnection) -> Services:
    """The services of the process that answers this request or websocket; also a FastAPI dependency."""
    return cast(Services, connection.scope[SCOPE_KEY])
