"""Administrators' acts copied from Webex's audit: from where the last reading ended, each once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.services import Services
from core.store.models.responses import AdminAuditEvent
from core.store.models.webex import SyncCursor
from core.webex import sync_log
from core.webex.admin_audit import SCOPE, AuditEvent, organisation_of, read_events
from core.webex.client import WebexClient
from core.webex.connections import ConnectionStatus, status
from core.webex.errors import AuditRightMissingError

CURSOR = "admin_audit"
FIRST_LOOK = timedelta(days=30)
OVERLAP = timedelta(minutes=15)
"""Events reach the audit some minutes late; the same stretch is asked for again and known ones are left out."""

ASK_AGAIN = timedelta(hours=1)
"""After a refusal that no scope explains (a role is missing), until when Webex is left in peace."""

_BATCH = 500
_REFUSED = "refused_at"


@dataclass(frozen=True)
class AuditSync:
    """What a reading brought; ``state`` is stored or no_right."""

    state: Literal["stored", "no_right"]
    read: int = 0
    new: int = 0


def sync_admin_audit(services: Services, client: WebexClient) -> AuditSync:
    """Store what administrators did since the last time. Without the right to read it nothing is asked, or rarely.

    Raises the errors of the client, transient ones among them; what was stored stays.
    """
    found, now = status(services), services.clock.now()
    with services.database.read() as session:
        cursor = session.get(SyncCursor, CURSOR)
    if not _may_ask(found, cursor, now):
        return AuditSync("no_right")
    since = max((cursor.watermark if cursor and cursor.watermark else now - FIRST_LOOK) - OVERLAP, now - FIRST_LOOK)
    try:
        organisation = organisation_of(services, client)
        read = new = 0
        batch: list[AuditEvent] = []
        for event in read_events(client, organisation, since, now):
            batch.append(event)
            if len(batch) >= _BATCH:
                new += _store(services, batch, now)
                read, batch = read + len(batch), []
        new += _store(services, batch, now)
        read += len(batch)
    except AuditRightMissingError as error:
        _note_refusal(services, error, now)
        return AuditSync("no_right")
    _move(services, now)
    return AuditSync("stored", read, new)


def _may_ask(found: ConnectionStatus, cursor: SyncCursor | None, now: datetime) -> bool:
    if found.scopes_granted is not None and SCOPE not in found.scopes_granted:
        return False
    refused = (cursor.detail or {}).get(_REFUSED) if cursor else None
    if refused is None:
        return True
    at = datetime.fromisoformat(refused)
    return now - at >= ASK_AGAIN or (found.connected_at is not None and found.connected_at > at)


def _store(services: Services, events: list[AuditEvent], now: datetime) -> int:
    if not events:
        return 0
    with services.database.write() as session:
        known = set(
            session.scalars(select(AdminAuditEvent.id).where(AdminAuditEvent.id.in_([event.id for event in events])))
        )
        fresh = {event.id: event for event in events if event.id not in known and not event.failed}
        session.add_all(_row(event, now) for event in fresh.values())
        return len(fresh)


def _row(event: AuditEvent, now: datetime) -> AdminAuditEvent:
    return AdminAuditEvent(
        id=event.id,
        at=event.at,
        setting=event.setting or "",
        actor_uuid=event.actor_uuid,
        actor_name=event.actor_name,
        actor_email=event.actor_email,
        actor_address=event.actor_address,
        category=event.category,
        description=event.description,
        action=event.action,
        target_uuid=event.target_uuid,
        target_name=event.target_name,
        stored_at=now,
    )


def _move(services: Services, to: datetime) -> None:
    with services.database.write() as session:
        row = _cursor(session, to)
        row.watermark = max(row.watermark, to) if row.watermark else to
        row.detail, row.changed_at = {}, to


def _note_refusal(services: Services, error: AuditRightMissingError, now: datetime) -> None:
    with services.database.write() as session:
        row = _cursor(session, now)
        row.detail, row.changed_at = {_REFUSED: now.isoformat()}, now
        sync_log.note(session, sync_log.SyncEvent("admin_audit", "failed", error=error), now)


def _cursor(session: Session, now: datetime) -> SyncCursor:
    row = session.get(SyncCursor, CURSOR, with_for_update=True)
    if row is None:
        row = SyncCursor(name=CURSOR, watermark=None, detail={}, changed_at=now)
        session.add(row)
    return row
