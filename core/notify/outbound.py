"""One HTTP request to an address that a person named: checked, timed, capped, never redirected."""

import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from core.clock import Clock
from core.logs import redact
from core.notify.addresses import CheckedNetwork, check_address
from core.notify.errors import (
    ReceiverBusyError,
    ReceiverGoneError,
    ReceiverRefusedError,
    ReceiverUnavailableError,
    RedirectRefusedError,
)
from core.services import Services
from core.webex.errors import SlowAnswerError
from core.webex.watch import ExchangeWatch

LARGEST_ANSWER = 64 * 1024
LONGEST_EXCHANGE_SECONDS = 30.0
LONGEST_DETAIL = 200
_TIMEOUTS = {"connect": 10.0, "read": 15.0, "write": 15.0, "pool": 10.0}
_TRANSIENT = (408, 423, 425, 500, 502, 503, 504)
_DEFAULT_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What came back; ``text`` is the body as far as it was read."""

    host: str
    status: int
    text: str

    def said(self) -> str:
        """Status and first words, on one line and without secrets: what the delivery log shows."""
        words = redact(" ".join(self.text.split())[: 4 * LONGEST_DETAIL])[:LONGEST_DETAIL]
        return f"HTTP {self.status} {words}".strip()


def post_json(
    services: Services, address: str, content: Any, headers: Mapping[str, str] | None = None, *, own: bool = False
) -> Answer:
    """Send ``content`` as JSON and read the answer, which must be a success.

    ``own`` addresses come from the settings and need no check. Raises ``AddressRefusedError``, ``HostUnknownError``,
    ``ReceiverUnavailableError``, ``ReceiverBusyError``, ``RedirectRefusedError``, ``ReceiverRefusedError``.
    """
    return post(services, address, json.dumps(content, ensure_ascii=False).encode(), headers or {}, own=own)


def post(services: Services, address: str, body: bytes, headers: Mapping[str, str], *, own: bool = False) -> Answer:
    """As ``post_json`` for bytes that are JSON already, as a signature needs them."""
    if not own:
        check_address(address, services.settings)
    host = urlsplit(address).hostname or ""
    given = {"Content-Type": "application/json", "User-Agent": "Tollwatch", "Accept-Encoding": "identity", **headers}
    backend = httpcore.SyncBackend() if own else CheckedNetwork(services.settings)
    with httpcore.ConnectionPool(ssl_context=_certificates(), network_backend=backend, retries=0) as pool:
        watch = ExchangeWatch(services.clock, lambda: False, LONGEST_EXCHANGE_SECONDS)
        try:
            with watch.over(host):
                answer, waits = _exchange(pool, watch, address, body, given)
        except SlowAnswerError as error:
            raise ReceiverUnavailableError(host=host, problem="SlowAnswer") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            raise ReceiverUnavailableError(host=host, problem=type(error).__name__) from error
        except httpcore.UnsupportedProtocol as error:
            raise ReceiverRefusedError(host=host, status=0, detail=type(error).__name__) from error
    _check(answer, waits, services.clock)
    return answer


def _exchange(
    pool: httpcore.ConnectionPool, watch: ExchangeWatch, address: str, body: bytes, headers: Mapping[str, str]
) -> tuple[Answer, str]:
    """The answer, and what it says about when to come again."""
    host = urlsplit(address).hostname or ""
    with pool.stream(
        "POST",
        str(httpx.URL(address)),
        headers=[(name.encode(), value.encode()) for name, value in headers.items()],
        content=body,
        extensions={"timeout": _TIMEOUTS, "trace": watch.note},
    ) as response:
        read = bytearray()
        for part in response.iter_stream():
            read += part
            if len(read) >= LARGEST_ANSWER:
                break
        waits = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
        text = bytes(read[:LARGEST_ANSWER]).decode("utf-8", "replace")
        return Answer(host, response.status, text), waits.decode("ascii", "replace")


def _check(answer: Answer, waits: str, clock: Clock) -> None:
    host, status = answer.host, answer.status
    if status < 300:
        return
    if status < 400:
        raise RedirectRefusedError(host=host, status=status)
    detail = answer.said()
    if status == 429:
        seconds = _seconds(waits, clock)
        raise ReceiverBusyError(retry_after_seconds=seconds, host=host, seconds=round(seconds))
    if status in _TRANSIENT or status > 504:
        raise ReceiverUnavailableError(
            retry_after_seconds=_seconds(waits, clock) if waits else None, host=host, problem=detail
        )
    if status == 410:
        raise ReceiverGoneError(host=host, status=status, detail=detail)
    raise ReceiverRefusedError(host=host, status=status, detail=detail)


def _seconds(waits: str, clock: Clock) -> float:
    """A ``Retry-After`` value (RFC 9110 §10.2.3) in seconds, a minute where there is none that can be read."""
    waits = waits.strip()[:64]
    if re.fullmatch(r"\d{1,9}", waits):
        return float(waits)
    try:
        return max((parsedate_to_datetime(waits) - clock.now()).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return _DEFAULT_PATIENCE_SECONDS


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()
