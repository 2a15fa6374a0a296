"""Call history: ``cdr_feed`` (by report time, 30 days back) and ``cdr_stream`` (by insertion time, 12 hours back).

Webex allows one first request and ten further pages a minute and token. The gates that keep this are rows of the
database, one pair for each person, so that jobs, tests of the connection and commands share them.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from core.clock import Clock
from core.services import Services
from core.settings import Settings
from core.store import rate_gate
from core.store.engine import Database
from core.webex.addresses import bearer_hosts
from core.webex.client import WebexClient
from core.webex.connections import BY_HAND, Kind, find, remember_analytics_url, row_kind
from core.webex.errors import (
    CallHistoryRoleMissingError,
    ForbiddenError,
    NotFoundOnWebexError,
    RateLimitedError,
    StopRequestedError,
)
from core.webex.grants import open_wire
from core.webex.tokens import ConnectionTokens

Endpoint = Literal["feed", "stream"]

SCOPE = "spark-admin:calling_cdr_read"
SECONDS_BETWEEN_WINDOWS = 61.0
SECONDS_BETWEEN_PAGES = 6.1
"""One, and a tenth of a minute, with a little room for clocks that differ."""

WAIT_WITHOUT_RETRY_AFTER_SECONDS = 60.0
_SLICE_SECONDS = 1.0
_NO_RECORDS = re.compile(r"\bno (cdrs?|records?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Reach:
    """What an endpoint lets us ask for: how close to now, how far back, how much at once."""

    lag: timedelta
    history: timedelta
    window: timedelta


def reach(settings: Settings, endpoint: Endpoint) -> Reach:
    """The limits of an endpoint, from the settings (the stream's 12 hours are Webex's own)."""
    if endpoint == "stream":
        return Reach(
            lag=timedelta(minutes=settings.webex_stream_lag_minutes),
            history=timedelta(hours=12),
            window=timedelta(hours=settings.webex_stream_window_hours),
        )
    return Reach(
        lag=timedelta(minutes=settings.webex_feed_lag_minutes),
        history=timedelta(days=settings.webex_feed_history_days),
        window=timedelta(hours=settings.webex_feed_window_hours),
    )


@dataclass
class GatePace:
    """Waits for the shared gates; a 429 closes them for everybody who uses the same token."""

    database: Database
    clock: Clock
    identity: str
    rate_scale: float
    stopping: Callable[[], bool]
    patience: int = 5

    def before(self, *, first: bool) -> None:
        seconds = SECONDS_BETWEEN_WINDOWS if first else SECONDS_BETWEEN_PAGES
        name, every = self._gate(first=first), seconds * self.rate_scale
        while True:
            remaining = rate_gate.take(self.database, name, capacity=1, per_seconds=every, clock=self.clock)
            if remaining <= 0:
                return
            self._wait(remaining)

    def limited(self, error: RateLimitedError) -> None:
        until = self.clock.now() + timedelta(seconds=error.retry_after_seconds or 0.0)
        for first in (True, False):
            rate_gate.penalise(self.database, self._gate(first=first), until)
        self.patience -= 1
        if self.patience < 0:
            raise error

    def _gate(self, *, first: bool) -> str:
        return f"webex_cdr_{'window' if first else 'page'}:{self.identity}"

    def _wait(self, seconds: float) -> None:
        deadline = self.clock.monotonic() + seconds
        while (left := deadline - self.clock.monotonic()) > 0:
            if self.stopping():
                raise StopRequestedError
            self.clock.sleep(min(left, _SLICE_SECONDS))


@dataclass
class CallHistory:
    """The call-history API of one connection with its shared pace; close it when done."""

    client: WebexClient
    pace: Callable[[], GatePace]
    page_size: int

    def close(self) -> None:
        """Give back the connections."""
        self.client.close()


def open_call_history(
    services: Services,
    *,
    kind: Kind = "admin",
    stopping: Callable[[], bool] = lambda: False,
    waits_for_turn: bool = True,
) -> CallHistory:
    """The call history of a connection, at the regional host it was last sent to.

    ``stopping`` is asked while waiting for a turn or an answer; ``StopRequestedError`` is raised when it says so, and
    without ``waits_for_turn`` also in place of a wait.
    """
    settings, hosts = services.settings, bearer_hosts(services.settings)
    with services.database.read() as session:
        row = find(session, settings, kind)
    moved_to = row.analytics_url if row else None
    client = WebexClient(
        base=moved_to if moved_to and hosts.allow(moved_to) else settings.webex_analytics,
        tokens=ConnectionTokens(services, kind),
        wire=open_wire(services, stopping),
        hosts=hosts,
        clock=services.clock,
        rate_scale=settings.rate_scale,
        default_wait_seconds=WAIT_WITHOUT_RETRY_AFTER_SECONDS,
        on_moved=lambda address: remember_analytics_url(services, kind, address),
    )
    identity = gate_identity(settings, kind, row.person_id if row else "")
    gives_up = stopping if waits_for_turn else lambda: True
    return CallHistory(
        client=client,
        pace=lambda: GatePace(services.database, services.clock, identity, settings.rate_scale, gives_up),
        page_size=settings.webex_page_size,
    )


def gate_identity(settings: Settings, kind: Kind, person_id: str) -> str:
    """The name of a person's gates: a hash, the same for every token of one person."""
    by_hand = row_kind(settings, kind) == BY_HAND
    whose = settings.webex_access_token.get_secret_value() if by_hand else person_id or kind
    return hashlib.sha256(whose.encode()).hexdigest()[:16]


def feed_pages(history: CallHistory, since: datetime, until: datetime) -> Iterator[list[Any]]:
    """The records of a window by report time, page by page, as they came; at most 12 hours, up to five minutes ago.

    Raises ``CallHistoryRoleMissingError`` on 403 and the other errors of ``core.webex.errors``.
    """
    return _pages(history, "feed", since, until)


def stream_pages(history: CallHistory, since: datetime, until: datetime) -> Iterator[list[Any]]:
    """The records that entered the cloud in a window, late ones among them; at most 2 hours, up to a minute ago."""
    return _pages(history, "stream", since, until)


def wire_time(instant: datetime) -> str:
    """An instant as call history wants it: UTC, exactly three decimals, ``Z``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def _pages(history: CallHistory, endpoint: Endpoint, since: datetime, until: datetime) -> Iterator[list[Any]]:
    params = {"startTime": wire_time(since), "endTime": wire_time(until), "max": str(history.page_size)}
    try:
        yield from history.client.pages(f"/cdr_{endpoint}", params, history.pace())
    except NotFoundOnWebexError as error:
        if not _NO_RECORDS.search(error.facts["detail"]):
            raise
    except ForbiddenError as error:
        raise CallHistoryRoleMissingError(**{**error.facts, "scope": SCOPE}) from error
