"""Files behind Webex's download links, streamed to disk: capped, timed, from permitted hosts only.

A link is a secret: it never appears in an error, a log or a table. It carries a ticket of its own, so a bearer token
goes along only when the server asks for one (401), and then only to https hosts of Webex.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx

from core.services import Services
from core.settings import Settings
from core.webex.addresses import bearer_hosts, host_of
from core.webex.errors import (
    DownloadTooLargeError,
    LinkForeignError,
    LinkRefusedError,
    MalformedAnswerError,
    RateLimitedError,
    UnavailableError,
)
from core.webex.tokens import TokenSource
from core.webex.watch import ExchangeWatch
from core.webex.wire import trusted_certificates

WEBEX_DOMAINS = ("webex.com", "webexapis.com")
"""Hosts, with those below them, that a bearer token may go to with a download."""

LONGEST_SECONDS = 900.0
MOST_REDIRECTS = 3
_TIMEOUT = httpx.Timeout(connect=10, read=60, write=30, pool=10)
_SHOWN = "/download"
_REFUSED = (401, 403, 404, 410)
_DEFAULT_WAIT_SECONDS = 15.0
_LONGEST_WAIT_SECONDS = 900.0


@dataclass(frozen=True)
class Received:
    """A file as it came: its size, what the server called it, its SHA-256, and the size the server promised."""

    bytes_received: int
    content_type: str
    sha256: str
    promised: int | None


class Downloads:
    """Fetches files for one pass over recordings; closed when done."""

    def __init__(self, services: Services, stopping: Callable[[], bool] = lambda: False) -> None:
        settings = services.settings
        is_real = not (settings.sandbox or settings.allow_insecure_endpoints)
        self._settings = settings
        self._watch = ExchangeWatch(services.clock, stopping, LONGEST_SECONDS)
        self._http = httpx.Client(
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=is_real,
            verify=trusted_certificates(),
            headers={"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Tollwatch"},
        )

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def fetch(self, link: str, into: Path, *, largest: int, tokens: TokenSource | None = None) -> Received:
        """Write the file behind ``link`` to ``into``, at most ``largest`` bytes.

        Raises ``LinkForeignError``, ``LinkRefusedError`` (its time is over), ``DownloadTooLargeError``,
        ``RateLimitedError``, or ``UnavailableError`` when the wire breaks; the file may then hold a part.
        """
        address, bearer = link, ""
        for _hop in range(MOST_REDIRECTS + 2):
            if not may_download(self._settings, address):
                raise LinkForeignError(host=host_of(address))
            answer = self._send(address, bearer, into, largest)
            if isinstance(answer, Received):
                return answer
            if answer.status_code == 401 and tokens is not None and not bearer and may_carry(self._settings, address):
                bearer = tokens.token()
                continue
            address, bearer = self._next(address, answer), ""
        raise UnavailableError(path=_SHOWN, problem="redirects")

    def _next(self, address: str, answer: httpx.Response) -> str:
        """Where a redirect leads; anything else that is no file raises."""
        status = answer.status_code
        if answer.has_redirect_location:
            try:
                return urljoin(address, answer.headers["location"])
            except ValueError as error:
                raise LinkForeignError(host="?") from error
        if status in (423, 429):
            asked = answer.headers.get("retry-after", "")
            wait = float(asked) if _is_number(asked) and len(asked) < 8 else _DEFAULT_WAIT_SECONDS
            wait = min(wait, _LONGEST_WAIT_SECONDS)
            raise RateLimitedError(retry_after_seconds=wait, path=_SHOWN, seconds=round(wait))
        if status in _REFUSED:
            raise LinkRefusedError(status=status)
        raise UnavailableError(path=_SHOWN, problem=f"HTTP {status}")

    def _send(self, address: str, bearer: str, into: Path, largest: int) -> "Received | httpx.Response":
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        try:
            request = self._http.build_request("GET", address, headers=headers, extensions={"trace": self._watch.note})
            with self._watch.over(_SHOWN):
                response = self._http.send(request, stream=True)
                try:
                    return self._write(response, into, largest) if response.status_code == 200 else response
                finally:
                    response.close()
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise UnavailableError(path=_SHOWN, problem=type(error).__name__) from None

    def _write(self, response: httpx.Response, into: Path, largest: int) -> Received:
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise MalformedAnswerError(path=_SHOWN, problem="encoding")
        digest, size = hashlib.sha256(), 0
        with into.open("wb") as file:
            for part in response.iter_raw():
                self._watch.check()
                size += len(part)
                if size > largest:
                    raise DownloadTooLargeError(megabytes=largest >> 20)
                digest.update(part)
                file.write(part)
        told = response.headers.get("content-length", "")
        promised = int(told) if _is_number(told) and len(told) < 16 else None
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()[:80]
        return Received(size, kind, digest.hexdigest(), promised)


def may_download(settings: Settings, address: str) -> bool:
    """Whether a link may be followed: https below a permitted domain, or the very server that is configured."""
    domains = [name.strip().lower() for name in settings.webex_download_hosts.split(",") if name.strip()]
    return _is_below(address, (*WEBEX_DOMAINS, *domains)) or _is_own(settings, address)


def may_carry(settings: Settings, address: str) -> bool:
    """Whether a bearer token may go along: only to Webex itself."""
    return _is_below(address, WEBEX_DOMAINS) or _is_own(settings, address)


def _is_number(told: str) -> bool:
    """Whether a header is a whole number: ``²`` is a digit too, but none that can be counted with."""
    return told.isascii() and told.isdigit()


def _is_own(settings: Settings, address: str) -> bool:
    """Whether it is the pretend cloud or the permitted test server; the real one is judged by its name."""
    return bool(bearer_hosts(settings).own) and bearer_hosts(settings).allow(address)


def _is_below(address: str, domains: tuple[str, ...]) -> bool:
    if "\\" in address or not address.isprintable():
        return False
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        return False
    if url.scheme != "https" or url.userinfo or url.port not in (None, 443):
        return False
    host = url.host.lower()
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
