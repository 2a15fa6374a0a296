"""The REST form of the pretend Asterisk: who may ask, how parameters come, how errors are written."""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from core.sandbox.credentials import ASTERISK_PASSWORD, ASTERISK_USER


class RefusalError(Exception):
    """An answer other than success; ``key`` is ``error`` for a failed allocation, ``message`` for all else."""

    def __init__(self, status: int, text: str, key: str = "message") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.key = key


def refusal_answer(_request: Request, error: Exception) -> Response:
    """The refusal in Asterisk's form."""
    if not isinstance(error, RefusalError):
        return JSONResponse({"message": "Internal server error"}, 500)
    return JSONResponse({error.key: error.text}, error.status)


def is_known(connection: HTTPConnection) -> bool:
    """Whether user and password are right, by HTTP Basic or ``api_key``."""
    given = connection.query_params.get("api_key", "")
    scheme, _, coded = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(coded).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
    return hmac.compare_digest(given.encode(), f"{ASTERISK_USER}:{ASTERISK_PASSWORD}".encode())


async def parameters(request: Request) -> dict[str, Any]:
    """What a request asks: its query and, over it, a JSON object in its body. Raises ``RefusalError``."""
    if not is_known(request):
        raise RefusalError(401, "Authentication required")
    asked: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if body and "json" in request.headers.get("content-type", ""):
        try:
            told = json.loads(body)
        except ValueError as error:
            raise RefusalError(400, "Error parsing request body") from error
        if isinstance(told, Mapping):
            asked.update(told)
    return asked


def not_found(_request: Request, _error: Exception) -> Response:
    """The answer to an unknown path."""
    return JSONResponse({"message": "Resource not found"}, 404)


def not_allowed(_request: Request, _error: Exception) -> Response:
    """The answer to a method that a path does not know."""
    return JSONResponse({"message": "Invalid method"}, 405)


NO_CONTENT = 204


def done() -> Response:
    """Success without anything to say."""
    return Response(status_code=NO_CONTENT)
