"""Finding recordings: lists of a week each, newest first; a cursor moves when everything up to it is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.recordings import facts
from core.recordings.access import WebexAccess
from core.recordings.pipeline import Pass
from core.recordings.vocabulary import DATA_VERSION, STEPS
from core.services import Services
from core.store import crash_points, data_version
from core.store.models.recordings import RecordingRow, RecordingStepRow
from core.store.models.webex import SyncCursor, WebexLocation, WebexPerson

CURSOR = "recordings"
WINDOW = timedelta(days=7)
OVERLAP = timedelta(hours=24)
"""A recording is created when Webex has made it, which can be hours after the call."""

OWNERS_EVERY = timedelta(hours=24)
SANDBOX_INTERVAL_SECONDS = 120


@dataclass
class ListCounts:
    """What a look at Webex's lists brought: recordings told of, and those that were new."""

    listed: int = 0
    new: int = 0


def is_due(services: Services) -> bool:
    """Whether it is time to list again."""
    interval = services.settings.recordings_interval_seconds
    if services.settings.sandbox:
        interval = min(interval, SANDBOX_INTERVAL_SECONDS)
    if not interval:
        return False
    with services.database.read() as session:
        row = session.get(SyncCursor, CURSOR)
    checked = facts.instant_of(row.detail.get("checked_at")) if row else None
    return checked is None or services.clock.now() - checked >= timedelta(seconds=interval)


def list_new(run: Pass, access: WebexAccess, *, hours: int | None = None, limit: int | None = None) -> ListCounts:
    """Store every recording created since the last look, or in the last ``hours``; at most ``limit`` new ones.

    Raises what refuses the list. Killed in between, the next look begins where the last whole one ended.
    """
    now = run.services.clock.now()
    since = now - timedelta(hours=hours) if hours else _since(run.services, now)
    counts = ListCounts()
    for begin, end in windows(since, now):
        for items in _pages(run, access, begin, end):
            _store(run, items, counts, limit)
            run.progress(counts.listed, None, "listing")
            if run.stopping() or (limit is not None and counts.new >= limit):
                return counts
    crash_points.reached("recordings.listed")
    if not hours or since <= _since(run.services, now):
        _change_cursor(run, now, {"checked_at": now.isoformat()})
    return counts


def windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The time between in stretches of a week, newest first."""
    end = until
    while end > since:
        begin = max(end - WINDOW, since)
        yield begin, end
        end = begin


def _since(services: Services, now: datetime) -> datetime:
    with services.database.read() as session:
        row = session.get(SyncCursor, CURSOR)
    settings = services.settings
    days = min(settings.recordings_history_days, settings.recordings_retention_days)
    oldest = now - timedelta(days=days)
    return max(row.watermark - OVERLAP, oldest) if row and row.watermark else oldest


def _pages(run: Pass, access: WebexAccess, begin: datetime, end: datetime) -> Iterator[list[dict[str, Any]]]:
    """The list, and where it holds nobody's recordings but those of who connected, each person's own list."""
    only_own = True
    for kind, items in access.listed(begin, end):
        me = access.person_email(kind).lower()
        only_own = only_own and all(str(item.get("ownerEmail", "")).lower() == me for item in items)
        yield items
    if _asks_owners(run, only_own=only_own):
        yield from _pages_of_owners(run, access, begin, end)


def _asks_owners(run: Pass, *, only_own: bool) -> bool:
    """One organisation's list was empty of others although they had recordings; asking costs a request a person."""
    wanted = run.services.settings.recordings_per_owner
    if wanted != "auto":
        return wanted == "always"
    if not only_own:
        return False
    with run.services.database.read() as session:
        row = session.get(SyncCursor, CURSOR)
    detail = row.detail if row else {}
    asked = facts.instant_of(detail.get("owners_asked_at"))
    return bool(detail.get("owners_needed")) or asked is None or run.services.clock.now() - asked >= OWNERS_EVERY


def _pages_of_owners(run: Pass, access: WebexAccess, begin: datetime, end: datetime) -> Iterator[list[dict[str, Any]]]:
    found = 0
    with run.services.database.read() as session:
        emails = session.scalars(
            select(WebexPerson.email).where(WebexPerson.is_removed.is_(False), WebexPerson.email != "")
        ).all()
    for email in sorted(set(emails)):
        if run.stopping():
            return
        for kind, items in access.listed(begin, end, email):
            found += sum(str(item.get("ownerEmail", "")) != access.person_email(kind) for item in items)
            yield items
    now = run.services.clock.now()
    if emails:
        needed = {"owners_needed": True} if found else {}
        _change_cursor(run, None, {"owners_asked_at": now.isoformat(), **needed})


def _store(run: Pass, items: list[dict[str, Any]], counts: ListCounts, limit: int | None) -> None:
    """One page in one transaction; a recording told of twice is stored once."""
    now = run.services.clock.now()
    with run.services.database.write() as session:
        run.fence(session)
        before = counts.new
        for told in items:
            counts.listed += 1
            if limit is None or counts.new < limit:
                counts.new += _store_one(session, told, now)
        if counts.new > before:
            data_version.bump(session, DATA_VERSION, now)
    crash_points.reached("recordings.page_stored")


def _store_one(session: Session, told: Mapping[str, Any], now: datetime) -> int:
    key = facts.key_of(str(told["id"]))
    created = facts.instant_of(told.get("createTime"))
    recorded = facts.instant_of(told.get("timeRecorded")) or created
    if not key or created is None or recorded is None:
        return 0
    known = session.scalars(select(RecordingRow).where(RecordingRow.webex_id == key)).one_or_none()
    if known is not None:
        facts.apply_listed(known, told)
        return 0
    row = RecordingRow(webex_id=key, created_at=created, recorded_at=recorded, found_at=now, changed_at=now)
    facts.apply_listed(row, told)
    location = session.get(WebexLocation, facts.location_uuid(row)[:100])
    row.site = location.name[:200] if location else ""
    row.owner_name = _owner_name(session, row)
    row.next_at = now
    session.add(row)
    session.flush()
    session.add_all(
        RecordingStepRow(recording_id=row.id, step=step, ordinal=ordinal, next_at=now)
        for ordinal, step in enumerate(STEPS)
    )
    session.flush()
    return 1


def _owner_name(session: Session, row: RecordingRow) -> str:
    if not row.owner_email:
        return ""
    statement = select(WebexPerson.name).where(func.lower(WebexPerson.email) == row.owner_email.lower()).limit(1)
    return (session.scalars(statement).one_or_none() or "")[:300]


def _change_cursor(run: Pass, watermark: datetime | None, detail: Mapping[str, Any]) -> None:
    now = run.services.clock.now()
    with run.services.database.write() as session:
        run.fence(session)
        row = session.get(SyncCursor, CURSOR, with_for_update=True)
        if row is None:
            row = SyncCursor(name=CURSOR, detail={}, changed_at=now)
            session.add(row)
        row.watermark = watermark or row.watermark
        row.detail = {**row.detail, **detail}
        row.changed_at = now
