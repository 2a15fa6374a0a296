"""What every answer of the pretend cloud has in common: identifiers, the error shape, the headers, paging links."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class WireError(Exception):
    """An answer other than success, in Webex's form."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


def new_tracking_id() -> str:
    """The id support asks for."""
    return f"ROUTERGW_{uuid4()}"


def error_answer(error: WireError) -> Response:
    """The error as Webex writes it: message, errors and tracking id, the latter as a header too."""
    tracking = new_tracking_id()
    body = {"message": error.message, "errors": [{"description": error.message}], "trackingId": tracking}
    return JSONResponse(body, error.status, {**error.headers, "trackingid": tracking})


def answer(body: Any, headers: dict[str, str] | None = None) -> Response:
    """A successful JSON answer."""
    return JSONResponse(body, headers={"trackingid": new_tracking_id(), **(headers or {})})


def webex_id(kind: str, uuid: str) -> str:
    """The public id of a resource: unpadded base64 of its address."""
    return urlsafe_b64encode(f"ciscospark://us/{kind}/{uuid}".encode()).decode().rstrip("=")


def bare_uuid(identifier: str) -> str:
    """The UUID in a public id; a bare UUID stays itself, anything else is returned as it is."""
    try:
        return urlsafe_b64decode(identifier + "=" * (-len(identifier) % 4)).decode().rsplit("/", 1)[-1]
    except ValueError:
        return identifier


def whole_number(request: Request, name: str, default: int, most: int) -> int:
    """A query parameter as a number from 1 to ``most``. Raises ``WireError`` 400 for anything else."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdigit() or int(text) < 1:
        raise WireError(400, f"Invalid value of parameter '{name}'.")
    return min(int(text), most)


def is_loopback(request: Request) -> bool:
    """Whether the request comes from this machine."""
    return request.client is not None and request.client.host in {"127.0.0.1", "::1"}


def page_of(request: Request, items: list[Any], size: int) -> tuple[list[Any], dict[str, str]]:
    """One page of a list by ``max`` and ``cursor``, with the ``Link`` header to the next."""
    cursor = request.query_params.get("cursor", "0")
    start = int(cursor) if cursor.isdigit() else 0
    chosen = items[start : start + size]
    if start + size >= len(items):
        return chosen, {}
    following = request.url.include_query_params(cursor=start + size)
    return chosen, {"Link": f'<{following}>; rel="next"'}
