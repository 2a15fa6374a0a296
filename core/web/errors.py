"""One shape for every error that leaves a route, and the answers to errors nobody raised on purpose.

``{"error": {"code", "message", "remedy", "facts"?, "request_id"}}``; ``facts`` hold what fills the texts.
"""

import logging
import math
import secrets
from http import HTTPStatus
from typing import Any, cast

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from core.errors import InvalidInputError, NotAllowedError, PermanentError, TollwatchError, TransientError
from core.language import Language, preferred_language

SCOPE_REQUEST_ID = "tollwatch.request_id"
SCOPE_LANGUAGE = "tollwatch.language"
_log = logging.getLogger(__name__)


class UnknownAddressError(PermanentError):
    """No route has this path."""

    code = "unknown_address"
    http_status = 404


class MethodNotAllowedError(PermanentError):
    """The path exists, but not for this method."""

    code = "method_not_allowed"
    http_status = 405


class BodyTooLargeError(PermanentError):
    """The body of the request is longer than this route takes. Facts: ``largest`` (bytes)."""

    code = "body_too_large"
    http_status = 413


class ForeignOriginError(PermanentError):
    """A change was asked for from another site, or without the token that proves it was not."""

    code = "foreign_origin"
    http_status = 403


class UnknownHostError(PermanentError):
    """The request names a host under which this server is not known."""

    code = "unknown_host"
    http_status = 421


class TooManyRequestsError(TransientError):
    """The caller has used up its rate. Facts: ``seconds``."""

    code = "too_many_requests"
    http_status = 429


class MalformedRequestError(PermanentError):
    """The request cannot be read as HTTP or JSON."""

    code = "malformed_request"


_LETTERS = "bcdfghjkmnpqrstvwxz"


def new_number() -> str:
    """A number for the log; of letters alone, because runs of digits are struck out there as telephone numbers."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def language_of(connection: HTTPConnection) -> Language:
    """The language to answer in: the signed-in person's, else the first the browser asks for."""
    chosen = connection.scope.get(SCOPE_LANGUAGE)
    return cast(Language, chosen) if chosen else preferred_language(connection.headers.get("accept-language"))


def request_id_of(connection: HTTPConnection) -> str:
    """The number under which this request stands in the log."""
    return str(connection.scope.get(SCOPE_REQUEST_ID, ""))


def error_body(error: TollwatchError, language: Language, request_id: str) -> dict[str, Any]:
    """The one error shape."""
    content: dict[str, Any] = {
        "code": error.code,
        "message": error.message(language),
        "remedy": error.remedy(language),
        "request_id": request_id,
    }
    if error.facts:
        content["facts"] = {
            name: value if isinstance(value, int | float | bool) else str(value) for name, value in error.facts.items()
        }
    return {"error": content}


def error_response(connection: HTTPConnection, error: TollwatchError) -> JSONResponse:
    """The answer to an error, with ``Retry-After`` where waiting helps."""
    headers = {}
    if isinstance(error, TransientError) and error.retry_after_seconds is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after_seconds))
    if error.http_status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    body = error_body(error, language_of(connection), request_id_of(connection))
    return JSONResponse(body, status_code=error.http_status, headers=headers)


def on_tollwatch_error(request: Request, error: Exception) -> Response:
    """Handler of what the product raises on purpose."""
    known = cast(TollwatchError, error)
    if known.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("request %s failed: %s", request_id_of(request), known.code)
    return error_response(request, known)


def on_http_exception(request: Request, error: Exception) -> Response:
    """Handler of what the frameworks raise: unknown paths, methods, unreadable bodies."""
    status = cast(HTTPException, error).status_code
    response = error_response(request, _from_status(status))
    response.status_code = status
    for name, value in (cast(HTTPException, error).headers or {}).items():
        response.headers[name] = value
    return response


def _from_status(status: int) -> TollwatchError:
    if status == HTTPStatus.NOT_FOUND:
        return UnknownAddressError()
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return MethodNotAllowedError()
    if status == HTTPStatus.FORBIDDEN:
        return NotAllowedError(permission="")
    return MalformedRequestError() if status < HTTPStatus.INTERNAL_SERVER_ERROR else TollwatchError()


def on_validation_error(request: Request, error: Exception) -> Response:
    """Handler of a parameter or body that does not fit its type; names the first field that is wrong."""
    first = cast(RequestValidationError, error).errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("query", "body", "path", "header")]
    return error_response(request, InvalidInputError(field=".".join(where) or "body", problem=first["msg"]))


def unexpected_error_response(connection: HTTPConnection, error: Exception) -> Response:
    """Answer to a bug: logged with its trace under the request's number, of which the answer tells only the number."""
    _log.error("request %s failed unexpectedly", request_id_of(connection), exc_info=error)
    return error_response(connection, TollwatchError())


HANDLERS: dict[Any, Any] = {
    TollwatchError: on_tollwatch_error,
    HTTPException: on_http_exception,
    RequestValidationError: on_validation_error,
}
