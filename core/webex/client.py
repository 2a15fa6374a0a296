"""Asking Webex: one request or a paged list, with the errors sorted by what can be done about them."""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from core.clock import Clock
from core.services import Services
from core.webex.addresses import BearerHosts, bearer_hosts, host_of, next_link, origin, region_origin
from core.webex.connections import Kind
from core.webex.errors import (
    ForbiddenError,
    MalformedAnswerError,
    NotFoundOnWebexError,
    PagingLoopError,
    PagingRefusedError,
    RateLimitedError,
    RegionRefusedError,
    RequestRefusedError,
    SlowAnswerError,
    UnavailableError,
)
from core.webex.grants import open_wire
from core.webex.tokens import ConnectionTokens, TokenSource
from core.webex.wire import Answer, Wire

TRIES = 3
"""How often a request is sent when the wire breaks or the answer is unusable."""

LONGEST_RETRY_AFTER_SECONDS = 900.0
SHORTEST_CAP_SECONDS = 5.0
MOST_PAGES = 10_000
MOST_EMPTY_PAGES = 10
"""In a row; Webex ends a list with its last item, a server that always names a further page never would."""


class Pace(Protocol):
    """Who decides when a request of a paged list may go out."""

    def before(self, *, first: bool) -> None:
        """Wait for the turn of the first page or of a further one."""

    def limited(self, error: RateLimitedError) -> None:
        """Take note of a 429; returns to try again, raises ``error`` when patience is over."""


@dataclass
class PlainPace:
    """Sends at once and waits out a few short 429s: for lists without a limit of their own."""

    clock: Clock
    patience: int = 3
    longest_seconds: float = 60.0

    def before(self, *, first: bool) -> None:
        return None

    def limited(self, error: RateLimitedError) -> None:
        self.patience -= 1
        seconds = error.retry_after_seconds or 0.0
        if self.patience < 0 or seconds > self.longest_seconds:
            raise error
        self.clock.sleep(seconds)


@dataclass(frozen=True)
class _Request:
    """One request; ``reads`` raises when the answer is not of the shape asked for."""

    method: str
    address: str
    params: Mapping[str, str] | None = None
    first: bool = True
    reads: Callable[[Answer], object] | None = None
    content: Mapping[str, Any] | None = None


@dataclass
class WebexClient:
    """One Webex API for one connection. ``base`` may move to another region's host; ``on_moved`` is told."""

    base: str
    tokens: TokenSource
    wire: Wire
    hosts: BearerHosts
    clock: Clock
    rate_scale: float = 1.0
    default_wait_seconds: float = 10.0
    tries: int = TRIES
    patience: int = 3
    on_moved: Callable[[str], None] | None = None
    jitter: random.Random = field(default_factory=random.Random)

    def close(self) -> None:
        """Give back the connections."""
        self.wire.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at ``path``. Raises the errors of ``core.webex.errors``."""
        request = _Request("GET", self.base + path, params, reads=Answer.json_object)
        return self._ask(request, PlainPace(self.clock, self.patience)).json_object()

    def find(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """The JSON object at ``path``, or ``None`` where there is none yet (204)."""
        request = _Request("GET", self.base + path, params, reads=_object_or_none)
        return _object_or_none(self._ask(request, PlainPace(self.clock, self.patience)))

    def post(self, path: str, content: Mapping[str, Any]) -> None:
        """Ask for something that, asked for twice, happens once; sent again where the wire breaks."""
        self._ask(_Request("POST", self.base + path, content=content), PlainPace(self.clock, self.patience))

    def put(self, path: str, content: Mapping[str, Any]) -> None:
        """Replace what stands at ``path``; sent again where the wire breaks, since that changes nothing more."""
        self._ask(_Request("PUT", self.base + path, content=content), PlainPace(self.clock, self.patience))

    def delete(
        self, path: str, params: Mapping[str, str] | None = None, content: Mapping[str, Any] | None = None
    ) -> None:
        """Remove what stands at ``path``; ``content`` says why, where Webex wants to know."""
        request = _Request("DELETE", self.base + path, params, content=content)
        self._ask(request, PlainPace(self.clock, self.patience))

    def pages(
        self, path: str, params: Mapping[str, str] | None = None, pace: Pace | None = None
    ) -> Iterator[list[Any]]:
        """The ``items`` of each page as they came, following ``Link: rel="next"``.

        Raises ``PagingRefusedError`` before the token would go to a foreign host, ``PagingLoopError`` when a page
        comes back, and ``MalformedAnswerError`` when page after page is empty.
        """
        pace, seen = pace or PlainPace(self.clock, self.patience), set[str]()
        request = _Request("GET", self.base + path, params, reads=_items)
        empty = 0
        while True:
            answer = self._ask(request, pace)
            items = _items(answer)
            yield items
            following = next_link(answer.headers.get("link"), request.address)
            if following is None:
                return
            self._check_next(following, answer, seen)
            empty = 0 if items else empty + 1
            if empty >= MOST_EMPTY_PAGES:
                raise MalformedAnswerError(path=answer.path, problem=f"{empty} empty pages")
            request = _Request("GET", following, first=False, reads=_items)

    def _check_next(self, following: str, answer: Answer, seen: set[str]) -> None:
        if not self.hosts.allow(following):
            raise PagingRefusedError(host=answer.without_secrets(host_of(following)), path=answer.path)
        if following in seen or len(seen) >= MOST_PAGES:
            raise PagingLoopError(path=answer.path)
        seen.add(following)

    def _ask(self, request: _Request, pace: Pace) -> Answer:
        """Send when it is our turn, and again where that may help: all requests made here bear repetition."""
        attempt, moved = 1, False
        while True:
            pace.before(first=request.first)
            try:
                answer = self._exchange(request)
            except RateLimitedError as error:
                pace.limited(error)
                continue
            except SlowAnswerError:
                raise
            except (UnavailableError, MalformedAnswerError):
                if attempt >= self.tries:
                    raise
                self.clock.sleep(2 ** (attempt - 1) * self.rate_scale * self.jitter.uniform(0.75, 1.25))
                attempt += 1
                continue
            if answer.status != 451:
                return answer
            request = replace(request, address=self._move(answer, request.address, moved=moved))
            moved = True

    def _move(self, answer: Answer, address: str, *, moved: bool) -> str:
        """Follow a 451 once to the region it names, and stay there."""
        new, named = region_origin(answer.body.decode("utf-8", "replace"), address, self.hosts)
        if new is None or moved:
            raise RegionRefusedError(host=answer.without_secrets(named))
        self.base = new + urlsplit(self.base).path
        if self.on_moved:
            self.on_moved(self.base)
        return new + address[len(origin(address)) :]

    def _exchange(self, request: _Request) -> Answer:
        token = self.tokens.token()
        answer = self._send(request, token)
        if answer.status == 401:
            token = self.tokens.replacement(token)
            answer = self._send(request, token)
            if answer.status == 401:
                raise self.tokens.refused()
        if answer.status == 451:
            return answer
        self._check(answer)
        if request.reads:
            request.reads(answer)
        return answer

    def _send(self, request: _Request, token: str) -> Answer:
        return self.wire.send(
            request.method, request.address, bearer=token, params=request.params, content=request.content
        )

    def _check(self, answer: Answer) -> None:
        status, path = answer.status, answer.path
        if status < 300:
            return
        if status in (423, 429):
            seconds = self._retry_after(answer)
            raise RateLimitedError(retry_after_seconds=seconds, path=path, seconds=round(seconds))
        if status == 403:
            raise ForbiddenError(path=path, scope="", detail=answer.detail())
        if status == 404:
            raise NotFoundOnWebexError(path=path, status=status, detail=answer.detail())
        if status >= 500:
            raise UnavailableError(path=path, problem=f"HTTP {status}")
        raise RequestRefusedError(path=path, status=status, detail=answer.detail())

    def _retry_after(self, answer: Answer) -> float:
        """Seconds to wait after a 429, with jitter; absent or senseless values become ours, absurd ones the cap."""
        asked = _seconds(answer.headers.get("retry-after", ""), self.clock.now())
        if asked is None:
            asked = self.default_wait_seconds * self.rate_scale
        cap = max(LONGEST_RETRY_AFTER_SECONDS * self.rate_scale, SHORTEST_CAP_SECONDS)
        return min(asked, cap) * self.jitter.uniform(1.0, 1.1)


def open_client(services: Services, kind: Kind = "admin") -> WebexClient:
    """A client of the general Webex API for a connection; close it when done."""
    return WebexClient(
        base=services.settings.webex_api,
        tokens=ConnectionTokens(services, kind),
        wire=open_wire(services),
        hosts=bearer_hosts(services.settings),
        clock=services.clock,
        rate_scale=services.settings.rate_scale,
    )


def _object_or_none(answer: Answer) -> dict[str, Any] | None:
    return None if answer.status == 204 else answer.json_object()


def _items(answer: Answer) -> list[Any]:
    items = answer.json_object().get("items")
    if not isinstance(items, list):
        raise MalformedAnswerError(path=answer.path, problem="items")
    return items


def _seconds(value: str, now: datetime) -> float | None:
    """A ``Retry-After`` value: seconds or an HTTP date (RFC 9110 §10.2.3); ``None`` when it is neither."""
    value = value.strip()[:64]
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
