"""One HTTP exchange with Webex: capped, timed, and never following a redirect with a token in hand."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import structlog

from core.clock import Clock
from core.webex.errors import AnswerTooLargeError, MalformedAnswerError, UnavailableError

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes; a page of 5000 call records is about 20 MB."""

LONGEST_EXCHANGE_SECONDS = 300.0
_TIMEOUT = httpx.Timeout(connect=10, read=60, write=30, pool=10)
_USER_AGENT = "Tollwatch"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """What came back; ``path`` is the path asked for, safe to show."""

    path: str
    status: int
    headers: httpx.Headers
    body: bytes

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ``MalformedAnswerError`` for HTML, cut or other content."""
        return self._parsed

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        if "html" in self.headers.get("content-type", "").lower() or self.body.lstrip()[:1] == b"<":
            raise MalformedAnswerError(path=self.path, problem="HTML")
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise MalformedAnswerError(path=self.path, problem="JSON") from error
        if not isinstance(value, dict):
            raise MalformedAnswerError(path=self.path, problem=type(value).__name__)
        return value

    def detail(self) -> str:
        """Webex's own explanation of an error, short and on one line; empty when there is none."""
        try:
            value = self.json_object()
        except MalformedAnswerError:
            return ""
        errors = value.get("errors")
        first = errors[0].get("description") if isinstance(errors, list) and errors and _is_object(errors[0]) else None
        text = value.get("message") or value.get("error_description") or first or value.get("error") or ""
        return " ".join(str(text).split())[:300]


class Wire:
    """Sends requests; one for each place that talks to Webex, closed when done."""

    def __init__(self, clock: Clock, *, trust_environment: bool = True, largest: int = LARGEST_ANSWER) -> None:
        self._clock = clock
        self._largest = largest
        self._http = httpx.Client(
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=trust_environment,
            verify=_certificates(),
            headers={"Accept": "application/json", "User-Agent": _USER_AGENT},
        )

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def send(
        self,
        method: str,
        address: str,
        *,
        bearer: str | None = None,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request and its whole answer, whatever its status.

        Raises ``UnavailableError`` when the wire breaks or is too slow, ``MalformedAnswerError`` for an encoding that
        cannot be undone, ``AnswerTooLargeError`` beyond the cap.
        """
        path = urlsplit(address).path
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        try:
            request = self._http.build_request(method, address, params=params or None, data=form, headers=headers)
            response = self._http.send(request, stream=True)
            try:
                body = self._read(response, path)
            finally:
                response.close()
        except httpx.DecodingError as error:
            raise MalformedAnswerError(path=path, problem="encoding") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise UnavailableError(path=path, problem=type(error).__name__) from error
        if response.status_code >= 400:
            _log.warning(
                "webex refused a request",
                method=method,
                path=path,
                status=response.status_code,
                tracking_id=_tracking_id(response.headers),
            )
        return Answer(path, response.status_code, response.headers, body)

    def _read(self, response: httpx.Response, path: str) -> bytes:
        deadline = self._clock.monotonic() + LONGEST_EXCHANGE_SECONDS
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes(1 << 20):
            size += len(part)
            if size > self._largest:
                raise AnswerTooLargeError(path=path, megabytes=self._largest >> 20)
            if self._clock.monotonic() > deadline:
                raise UnavailableError(path=path, problem="SlowAnswer")
            parts.append(part)
        return b"".join(parts)


@cache
def _certificates() -> ssl.SSLContext:
    """The trusted certificates, loaded once: it takes longer than a request."""
    return httpx.create_ssl_context()


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _tracking_id(headers: httpx.Headers) -> str:
    value = headers.get("trackingid", "")
    return "".join(letter for letter in value[:120] if letter.isalnum() or letter in "_-.")
