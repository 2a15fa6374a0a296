"""Digests: what rules collect instead of sending at once goes out as one message when its hour has come."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.notify.channel_book import recipients_of
from core.notify.severities import NONE, rank
from core.notify.wording import DIGEST
from core.services import Services
from core.store import outbox, outbox_digests
from core.store.crash_points import reached
from core.store.models.outbox import NotificationChannel, OutboxMessage
from core.store.outbox import Parcel


def collect_due(services: Services) -> int:
    """Write a digest for every channel that has something due; gives how many were written.

    A channel's items and its digest change in one transaction: an item is told once. A paused channel goes on
    collecting.
    """
    now, written = services.clock.now(), 0
    with services.database.read() as session:
        channels = outbox_digests.channels_with_digests(session, now)
    for channel_id in channels:
        with services.database.write() as session:
            written += _collect(session, channel_id, now)
            reached("outbox.collected")
    return written


def _collect(session: Session, channel_id: int, now: datetime) -> bool:
    channel = session.get(NotificationChannel, channel_id, with_for_update=True)
    if channel is None or channel.is_paused:
        return False
    items = outbox_digests.collect(session, channel_id, now)
    if not items:
        return False
    parcel = Parcel(
        key=f"{DIGEST}:{channel_id}:{items[0].id}:{items[-1].id}",
        kind=channel.kind,
        subject=DIGEST,
        subject_id=channel_id,
        event=DIGEST,
        severity=max((item.severity for item in items), key=rank, default=NONE),
        content={"items": [_entry(item) for item in items]},
        language=channel.language,
        recipients=recipients_of(channel),
        channel_id=channel_id,
    )
    digest = outbox.put(session, parcel, at=now)
    for item in items:
        item.digest_id = digest
    return True


def _entry(item: OutboxMessage) -> dict[str, Any]:
    return {
        "subject": item.subject,
        "subject_id": item.subject_id,
        "event": item.event,
        "severity": item.severity,
        "at": item.created_at.isoformat(),
        "content": item.content,
    }
