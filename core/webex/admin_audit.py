"""``GET /adminAudit/events``: what administrators did, of which changes of calling settings matter here.

Takes ``audit:events_read`` and a full administrator. Webex gives at most a year and 200 events a page; identifiers
are base64 of the bare UUID, unlike anywhere else.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.services import Services
from core.webex.call_settings import Setting
from core.webex.client import WebexClient
from core.webex.connections import status
from core.webex.errors import AuditRightMissingError, ForbiddenError
from core.webex.identifiers import uuid_of
from core.webex.persons import identify, plain

SCOPE = "audit:events_read"
PAGE = 200
LONGEST_WINDOW = timedelta(days=30)
"""A window a request: a month of a large organisation fits, and a broken one costs no more than that again."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORDS: tuple[tuple[Setting, re.Pattern[str]], ...] = (
    ("call_forwarding", re.compile(r"forward|business continuity", re.IGNORECASE)),
    ("outgoing_permission", re.compile(r"outgoing|calling permission|call permission", re.IGNORECASE)),
    ("call_intercept", re.compile(r"intercept", re.IGNORECASE)),
)


@dataclass(frozen=True)
class AuditEvent:
    """One act of an administrator; UUIDs are bare and in lower case, empty when Webex tells none."""

    id: str
    at: datetime
    actor_uuid: str
    actor_name: str
    actor_email: str
    actor_address: str
    category: str
    description: str
    action: str
    target_type: str
    target_uuid: str
    target_name: str
    failed: bool

    @property
    def setting(self) -> Setting | None:
        """The calling setting it tells a change of, by its words; Webex publishes no list of them."""
        said = f"{self.category} {self.description} {self.action}"
        return next((setting for setting, words in _WORDS if words.search(said)), None)


def organisation_of(services: Services, client: WebexClient) -> str:
    """The organisation to ask about, in Webex's identifier: by setting, by connection, else by asking who we are."""
    return services.settings.webex_org_id or status(services).org_id or identify(client).org_id


def read_events(client: WebexClient, organisation: str, since: datetime, until: datetime) -> Iterator[AuditEvent]:
    """The events from ``since`` until ``until``, in windows of 30 days, oldest window first.

    Raises ``AuditRightMissingError`` without scope or role, and the errors of the client.
    """
    while since < until:
        end = min(since + LONGEST_WINDOW, until)
        try:
            yield from _window(client, organisation, since, end)
        except ForbiddenError as error:
            facts = {**error.facts, "scope": SCOPE}
            raise AuditRightMissingError(**facts) from error
        since = end


def _window(client: WebexClient, organisation: str, since: datetime, until: datetime) -> Iterator[AuditEvent]:
    """One window; goes on by offset where a full page names no next one."""
    offset = 0
    while True:
        params = {
            "orgId": organisation,
            "from": _stamp(since),
            "to": _stamp(until),
            "max": str(PAGE),
            "offset": str(offset),
        }
        count = last = 0
        for page in client.pages("/adminAudit/events", params):
            yield from (event for item in page if (event := _event(item)) is not None)
            last = len(page)
            count += last
        if last < PAGE:
            return
        offset += count


def _event(item: Any) -> AuditEvent | None:
    if not isinstance(item, dict) or not item.get("id") or not isinstance(item.get("data"), dict):
        return None
    at, data = _instant(item.get("created")), item["data"]
    if at is None:
        return None

    def text(name: str, longest: int = 300) -> str:
        value = data.get(name)
        return plain(str(value))[:longest] if value is not None else ""

    return AuditEvent(
        id=plain(str(item["id"]))[:120],
        at=at,
        actor_uuid=bare(str(item.get("actorId") or "")),
        actor_name=text("actorName"),
        actor_email=text("actorEmail", 320),
        actor_address=text("actorIp", 60),
        category=text("eventCategory", 100),
        description=text("eventDescription"),
        action=text("actionText"),
        target_type=text("targetType", 100),
        target_uuid=bare(str(data.get("targetId") or "")),
        target_name=text("targetName"),
        failed=bool(data.get("errorCode")),
    )


def bare(identifier: str) -> str:
    """The UUID in an identifier of these events, whichever of Webex's forms it has; empty for none."""
    text = identifier.strip()[:300]
    known = uuid_of(text)
    if _UUID.fullmatch(known):
        return known
    try:
        decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").lower()
    except (binascii.Error, ValueError):
        return ""
    return decoded if _UUID.fullmatch(decoded) else ""


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _instant(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
