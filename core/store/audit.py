"""Who did what, when: an append-only list in which each entry carries the hash of the one before.

The database itself refuses to change or remove an entry (triggers of migration 0001). Somebody with the rights to
drop those triggers still breaks the chain, which ``verify`` finds; the ``head`` hash, noted elsewhere,
shows a cut tail.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.orm import Session

from core.store.engine import Database
from core.store.models.operations import AuditEntry

GENESIS = "0" * 64
_LOCK_KEY = 7_463_002
_BATCH = 1000


@dataclass(frozen=True)
class AuditFilter:
    """Which entries to list; an empty field does not restrict. ``action`` also matches ``action.*``."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AuditPage:
    """Entries newest first; ``next`` is the cursor of older ones, ``previous`` of newer ones."""

    entries: list[AuditEntry]
    next: int | None
    previous: int | None


@dataclass(frozen=True)
class Verification:
    """What ``verify`` found: how many entries hold, the hash of the last one, and the first broken entry's id."""

    entries: int
    head: str
    broken_at: int | None

    @property
    def intact(self) -> bool:
        return self.broken_at is None


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
    at: datetime,
) -> None:
    """Append one entry in the caller's transaction, so that it stands exactly when what it tells stands.

    ``detail`` holds JSON values and never a secret. Entries are chained one after the other, so keep the
    transaction short.
    """
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    previous = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)) or GENESIS
    entry = AuditEntry(
        at=at,
        actor=_plain(actor, 200),
        action=_plain(action, 80),
        subject=_plain(subject, 300),
        detail=json.loads(json.dumps(detail or {}, default=str)),
        previous_hash=previous,
    )
    entry.hash = _hash(entry)
    session.add(entry)
    session.flush()


def entries(
    session: Session,
    filter: AuditFilter | None = None,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 100,
) -> AuditPage:
    """One page of entries, newest first; pass a page's ``next`` as ``before`` or its ``previous`` as ``after``."""
    statement = _filtered(select(AuditEntry), filter or AuditFilter())
    if after is not None:
        newer = statement.where(AuditEntry.id > after).order_by(AuditEntry.id).limit(limit + 1)
        rows = list(session.scalars(newer))
        more_newer, more_older = len(rows) > limit, True
        rows = rows[:limit][::-1]
    else:
        if before is not None:
            statement = statement.where(AuditEntry.id < before)
        rows = list(session.scalars(statement.order_by(AuditEntry.id.desc()).limit(limit + 1)))
        more_newer, more_older = before is not None, len(rows) > limit
        rows = rows[:limit]
    return AuditPage(
        entries=rows,
        next=rows[-1].id if rows and more_older else None,
        previous=rows[0].id if rows and more_newer else None,
    )


def _filtered(statement: Select[AuditEntry], wanted: AuditFilter) -> Select[AuditEntry]:
    if wanted.actor:
        statement = statement.where(AuditEntry.actor == wanted.actor)
    if wanted.action:
        below = AuditEntry.action.startswith(f"{wanted.action}.", autoescape=True)
        statement = statement.where((AuditEntry.action == wanted.action) | below)
    if wanted.subject:
        statement = statement.where(AuditEntry.subject == wanted.subject)
    if wanted.since:
        statement = statement.where(AuditEntry.at >= wanted.since)
    if wanted.until:
        statement = statement.where(AuditEntry.at < wanted.until)
    return statement


def verify(database: Database) -> Verification:
    """Walk the whole chain and check each hash; reads in batches, so that it bears any length."""
    previous, checked, last_id = GENESIS, 0, 0
    columns = select(AuditEntry.__table__).order_by(AuditEntry.id).limit(_BATCH)
    with database.read() as session:
        while batch := session.execute(columns.where(AuditEntry.id > last_id)).all():
            for entry in batch:
                if entry.previous_hash != previous or entry.hash != _hash(entry):
                    return Verification(entries=checked, head=previous, broken_at=entry.id)
                previous, last_id, checked = entry.hash, entry.id, checked + 1
    return Verification(entries=checked, head=previous, broken_at=None)


def head(session: Session) -> tuple[int, str]:
    """Number of entries and hash of the newest: written down elsewhere, it shows that the tail was cut."""
    count = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    newest = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    return count, newest or GENESIS


def holds(session: Session, noted: str) -> bool:
    """Whether an entry with that hash, noted at an earlier check, is still there."""
    return noted == GENESIS or session.scalar(select(AuditEntry.id).where(AuditEntry.hash == noted)) is not None


def _plain(value: str, longest: int) -> str:
    return value.replace("\x00", "")[:longest]


def _hash(entry: AuditEntry | Row[Any]) -> str:
    content = {
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{entry.previous_hash}{canonical}".encode()).hexdigest()
