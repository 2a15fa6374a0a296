"""What each synchronisation asked for and got, for the Connections page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import TollwatchError
from core.store.models.webex import SyncLogEntry

Kind = Literal["feed", "stream", "people", "locations", "organisations", "call_settings", "admin_audit"]
KEPT = timedelta(days=14)


@dataclass(frozen=True)
class SyncEvent:
    """One window of call history, or one list of the directory: ``counts`` are numbers by name."""

    kind: Kind
    state: Literal["stored", "failed", "stopped", "unreachable"]
    since: datetime | None = None
    until: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    error: TollwatchError | None = None


def note(session: Session, event: SyncEvent, at: datetime) -> None:
    """Append an event in the caller's transaction."""
    error = event.error
    session.add(
        SyncLogEntry(
            at=at,
            kind=event.kind,
            since=event.since,
            until=event.until,
            state=event.state,
            counts=dict(event.counts),
            error_code=error.code if error else None,
            error_facts={name: str(value)[:300] for name, value in error.facts.items()} if error else None,
        )
    )


def entries(session: Session, *, before: int | None = None, limit: int = 50) -> list[SyncLogEntry]:
    """Events newest first; pass the last one's ``id`` as ``before`` for older ones."""
    statement = select(SyncLogEntry).order_by(SyncLogEntry.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(SyncLogEntry.id < before)
    return list(session.scalars(statement))


def prune(session: Session, now: datetime) -> None:
    """Forget what is older than two weeks."""
    session.execute(delete(SyncLogEntry).where(SyncLogEntry.at < now - KEPT))
