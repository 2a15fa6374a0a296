"""Whether Webex gives Tollwatch what it needs, one finding a matter, each with its remedy (S2-26, S2-29).

Asks Webex a handful of quick questions. Call history, of which one window a minute is granted, is judged by what the
ingest last met; it is asked for only when its turn is free.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from core.doctor import Finding, Level
from core.errors import TollwatchError
from core.services import Services
from core.store.encryption import SecretUnreadableError
from core.store.engine import StoreError
from core.store.models.webex import SyncLogEntry
from core.webex.addresses import host_of
from core.webex.cdr import SCOPE, feed_pages, open_call_history, reach
from core.webex.client import WebexClient, open_client
from core.webex.connections import ConnectionStatus, status
from core.webex.errors import (
    ForbiddenError,
    NeedsAuthorisationError,
    NotFoundOnWebexError,
    RateLimitedError,
    StopRequestedError,
)
from core.webex.ingest import calls_sync
from core.webex.persons import identify

EXPIRY_WARNING = timedelta(days=14)
STALE = timedelta(minutes=30)
EVIDENCE_AGE = timedelta(hours=2)
_PROBED = timedelta(minutes=1)


def findings(services: Services) -> list[Finding]:
    """What is well and what is not with the administrator's connection; never raises for what Webex answers.

    Raises ``StoreError`` where our own database keeps from asking: that says nothing about Webex.
    """
    found = status(services)
    if found.state == "disconnected":
        return [Finding("webex_not_connected", "problem")]
    client = open_client(services)
    client.tries, client.patience = 1, 0
    try:
        token = _token(client, found)
        if token.level == "problem":
            return [token]
        now = services.clock.now()
        return [
            token,
            *_expiry(found, now),
            *_scopes(status(services)),
            *_list(client, "webex_people", "/people"),
            *_list(client, "webex_locations", "/locations"),
            *_list(client, "webex_recordings", "/admin/convergedRecordings"),
            *_call_history(services),
            *_progress(services, now),
        ]
    finally:
        client.close()


def _token(client: WebexClient, found: ConnectionStatus) -> Finding:
    try:
        person = identify(client)
    except SecretUnreadableError:
        return Finding("webex_token_unreadable", "problem")
    except NeedsAuthorisationError:
        return Finding("webex_token_refused", "problem", {"person": found.person_name or "?"})
    except RateLimitedError as error:
        return Finding("webex_busy", "problem", {"seconds": error.facts["seconds"]})
    except StoreError:
        raise
    except TollwatchError as error:
        return Finding("webex_unreachable", "problem", {"address": found.api_url, "code": error.code})
    return Finding("webex_token", "ok", {"person": person.name, "organisation": person.org_name or person.org_id})


def _expiry(found: ConnectionStatus, now: datetime) -> list[Finding]:
    if found.method != "oauth":
        return [Finding("webex_token_by_hand", "warning")]
    until = found.refresh_expires_at
    if until is None:
        return []
    level: Level = "warning" if until - now < EXPIRY_WARNING else "ok"
    return [Finding("webex_expiry", level, {"until": until})]


def _scopes(found: ConnectionStatus) -> list[Finding]:
    if found.scopes_granted is None:
        return [Finding("webex_scopes_unknown", "warning")] if found.method == "oauth" else []
    if not found.scopes_missing:
        return [Finding("webex_scopes", "ok", {"count": len(found.scopes_granted)})]
    return [
        Finding("webex_scope_missing", "problem" if scope == SCOPE else "warning", {"scope": scope})
        for scope in found.scopes_missing
    ]


def _list(client: WebexClient, code: str, path: str) -> list[Finding]:
    """Whether a list may be read; one that this cloud does not have says nothing."""
    try:
        client.get(path, {"max": "1"})
    except ForbiddenError as error:
        return [Finding(code, "warning", {"detail": error.facts["detail"]})]
    except NotFoundOnWebexError:
        return []
    except RateLimitedError as error:
        return [Finding("webex_busy", "warning", {"seconds": error.facts["seconds"]})]
    except StoreError:
        raise
    except TollwatchError as error:
        return [Finding("webex_unreachable", "warning", {"address": path, "code": error.code})]
    return [Finding(code, "ok")]


def _call_history(services: Services) -> list[Finding]:
    met = _last_met(services)
    code = met.error_code if met is not None else _probe(services)
    host = host_of(status(services).analytics_url)
    if code is None:
        return [Finding("webex_call_history", "ok", {"host": host})]
    if code == StopRequestedError.code:
        return [Finding("webex_call_history_unknown", "warning")]
    known: dict[str, Callable[[], Finding]] = {
        "webex_cdr_role_missing": lambda: Finding("webex_call_history_role", "problem", {"scope": SCOPE}),
        "webex_region_refused": lambda: Finding("webex_region", "problem", {"host": host}),
        "webex_rate_limited": lambda: Finding("webex_call_history_busy", "warning"),
    }
    made = known.get(code)
    return [made() if made else Finding("webex_call_history", "problem", {"host": host, "code": code})]


def _last_met(services: Services) -> SyncLogEntry | None:
    """What the last window of call history met, if that was lately."""
    statement = (
        select(SyncLogEntry)
        .where(SyncLogEntry.kind.in_(("feed", "stream")), SyncLogEntry.state.in_(("stored", "failed")))
        .where(SyncLogEntry.at > services.clock.now() - EVIDENCE_AGE)
        .order_by(SyncLogEntry.id.desc())
        .limit(1)
    )
    with services.database.read() as session:
        return session.scalars(statement).one_or_none()


def _probe(services: Services) -> str | None:
    """Ask for one minute of call history if that costs no waiting; the error's code, ``None`` when it was given."""
    history = open_call_history(services, waits_for_turn=False)
    history.client.tries = 1
    until = services.clock.now() - reach(services.settings, "feed").lag
    try:
        next(iter(feed_pages(history, until - _PROBED, until)), None)
    except StoreError:
        raise
    except TollwatchError as error:
        return error.code
    finally:
        history.close()
    return None


def _progress(services: Services, now: datetime) -> list[Finding]:
    sync = calls_sync(services)
    if sync.head is None:
        return [Finding("webex_no_calls_yet", "warning")]
    facts = {"at": sync.head, "windows": sync.windows_left}
    if sync.is_ahead:
        return [Finding("webex_cursor_ahead", "problem", facts)]
    late = now - sync.head > STALE
    return [Finding("webex_progress", "warning" if late else "ok", facts)]
