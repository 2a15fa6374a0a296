"""One HTTP exchange with Webex: capped, timed, and never following a redirect with a token in hand."""

import re
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import orjson
import structlog

from core.clock import Clock
from core.json_text import parsed
from core.logs import HIDDEN, redact
from core.webex.errors import AnswerTooLargeError, MalformedAnswerError, UnavailableError
from core.webex.watch import ExchangeWatch

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes; a page of 5000 call records is about 20 MB."""

LONGEST_EXCHANGE_SECONDS = 300.0
_TIMEOUT = httpx.Timeout(connect=10, read=60, write=30, pool=10)
_USER_AGENT = "Tollwatch"
_PLAIN = ("", "identity")
_COMPRESSED = ("gzip", "x-gzip")
_GZIP_WINDOW = 31
_SECRET_FIELDS = ("client_secret", "refresh_token", "code", "code_verifier")
_LONGEST_DETAIL, _LONGEST_READ_DETAIL = 300, 4000
_LONGEST_SHOWN_PATH = 200
_SHORTEST_SECRET = 6
_MOST_SECRETS = 20
_LARGEST_STEP = 1 << 20

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """What came back; ``path`` is the path asked for, safe to show."""

    path: str
    status: int
    headers: httpx.Headers
    body: bytes
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ``MalformedAnswerError`` for HTML, cut or other content."""
        return self._parsed

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        if "html" in self.headers.get("content-type", "").lower() or self.body.lstrip()[:1] == b"<":
            raise MalformedAnswerError(path=self.path, problem="HTML")
        try:
            value = parsed(self.body)
        except orjson.JSONDecodeError as error:
            raise MalformedAnswerError(path=self.path, problem="JSON") from error
        if not isinstance(value, dict):
            raise MalformedAnswerError(path=self.path, problem=type(value).__name__)
        return value

    def detail(self) -> str:
        """Webex's own explanation of an error, short, on one line and without secrets; empty when there is none."""
        try:
            value = self.json_object()
        except MalformedAnswerError:
            return ""
        errors = value.get("errors")
        first = errors[0].get("description") if isinstance(errors, list) and errors and _is_object(errors[0]) else None
        text = value.get("message") or value.get("error_description") or first or value.get("error") or ""
        told = without_secrets(" ".join(str(text).split()), self.secrets)
        return redact(told[:_LONGEST_READ_DETAIL])[:_LONGEST_DETAIL]

    def without_secrets(self, text: str) -> str:
        """A text of the other side without what we sent in confidence, should it give that back."""
        return without_secrets(text, self.secrets)


class Wire:
    """Sends requests; one for each place that talks to Webex, closed when done."""

    def __init__(
        self,
        clock: Clock,
        *,
        trust_environment: bool = True,
        largest: int = LARGEST_ANSWER,
        longest_seconds: float = LONGEST_EXCHANGE_SECONDS,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._largest = largest
        self._watch = ExchangeWatch(clock, stopping, longest_seconds)
        self._secrets: tuple[str, ...] = ()
        self._http = httpx.Client(
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=trust_environment,
            verify=trusted_certificates(),
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": _USER_AGENT},
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
        content: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One request and its whole answer, whatever its status; ``content`` is sent as JSON.

        Raises ``UnavailableError`` when the wire breaks (``SlowAnswerError`` when it takes too long),
        ``StopRequestedError`` when nobody waits any more, ``MalformedAnswerError`` for an encoding that cannot be
        undone or was not asked for, ``AnswerTooLargeError`` beyond the cap.
        """
        self._remember(bearer, form)
        path = without_secrets(urlsplit(address).path, self._secrets)[:_LONGEST_SHOWN_PATH]
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        extensions = {"trace": self._watch.note}
        try:
            request = self._http.build_request(
                method,
                address,
                params=params or None,
                data=form,
                json=content,
                headers=headers,
                extensions=extensions,
            )
            with self._watch.over(path):
                response = self._http.send(request, stream=True)
                try:
                    body = self._read(response, path)
                finally:
                    response.close()
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise UnavailableError(path=path, problem=type(error).__name__) from error
        if response.status_code >= 400:
            _log.warning(
                "webex refused a request",
                method=method,
                path=path,
                status=response.status_code,
                tracking_id=_tracking_id(without_secrets(response.headers.get("trackingid", ""), self._secrets)),
            )
        return Answer(path, response.status_code, response.headers, body, self._secrets)

    def _remember(self, bearer: str | None, form: Mapping[str, str] | None) -> None:
        sent = [bearer or "", *((form or {}).get(name, "") for name in _SECRET_FIELDS)]
        self._secrets = tuple(dict.fromkeys((*self._secrets, *filter(None, sent))))[-_MOST_SECRETS:]

    def _read(self, response: httpx.Response, path: str) -> bytes:
        """The body, never larger than the cap on its way: neither as it came nor unpacked."""
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in _PLAIN + _COMPRESSED:
            raise MalformedAnswerError(path=path, problem="encoding")
        try:
            body = bytearray()
            raw = response.iter_raw()
            for part in _unpacked(raw, self._largest) if encoding in _COMPRESSED else raw:
                self._watch.check()
                body += part
                if len(body) > self._largest:
                    raise AnswerTooLargeError(path=path, megabytes=self._largest >> 20)
        except (zlib.error, EOFError) as error:
            raise MalformedAnswerError(path=path, problem="encoding") from error
        return bytes(body)


def _unpacked(parts: Iterator[bytes], largest: int) -> Iterator[bytes]:
    """Gunzip in steps of a megabyte at most, so that a bomb is seen before it is large."""
    packed = zlib.decompressobj(_GZIP_WINDOW)
    has_begun = False
    for part in parts:
        has_begun = True
        left = part
        while left and not packed.eof:
            yield packed.decompress(left, min(largest + 1, _LARGEST_STEP))
            left = packed.unconsumed_tail
        yield b""
    yield packed.flush()
    if has_begun and not packed.eof:
        raise EOFError


def without_secrets(text: str, secrets: tuple[str, ...]) -> str:
    """The text with each of the secrets hidden, also where it stands quoted for an address or in other letters."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            forms = "|".join(re.escape(form) for form in {secret, quote(secret, safe="")})
            text = re.sub(forms, HIDDEN, text, flags=re.IGNORECASE)
    return text


@cache
def trusted_certificates() -> ssl.SSLContext:
    """The trusted certificates, loaded once: it takes longer than a request."""
    return httpx.create_ssl_context()


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _tracking_id(value: str) -> str:
    return "".join(letter for letter in value[:120] if letter.isalnum() or letter in "_-.")
