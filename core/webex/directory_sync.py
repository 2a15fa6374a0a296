"""People, locations and organisations read from Webex and kept beside the call records.

Somebody who left is marked removed, never deleted: old records still name them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import TollwatchError
from core.services import Services
from core.store import data_version
from core.store.crash_points import reached
from core.store.models.webex import WebexLocation, WebexOrganisation, WebexPerson
from core.webex import sync_log
from core.webex.client import WebexClient, open_client
from core.webex.errors import MalformedAnswerError, StopRequestedError
from core.webex.locations import read_locations
from core.webex.organisations import read_organisations
from core.webex.people import read_people

DATA_VERSION = "directory"

Progress = Callable[[int, int | None, str], None]
_Reader = Callable[[WebexClient], Iterable[dict[str, Any]]]
_Table = type[Any]


@dataclass(frozen=True)
class DirectoryCounts:
    """What a sync of one list found."""

    read: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0


def sync_directory(services: Services, progress: Progress, stopping: Callable[[], bool]) -> dict[str, DirectoryCounts]:
    """Read the three lists and store what changed; gives the counts of each.

    A list that fails does not keep the others back: the first error is raised after all were tried.
    """
    lists: tuple[tuple[sync_log.Kind, _Table, _Reader], ...] = (
        ("organisations", WebexOrganisation, read_organisations),
        ("locations", WebexLocation, read_locations),
        ("people", WebexPerson, read_people),
    )
    counts: dict[str, DirectoryCounts] = {}
    failures: list[TollwatchError] = []
    client = open_client(services)
    try:
        for index, (kind, table, reader) in enumerate(lists):
            progress(index, len(lists), kind)
            try:
                counts[kind] = _sync_list(services, kind, table, _until_stopped(reader(client), stopping))
            except StopRequestedError:
                return counts
            except TollwatchError as error:
                _note_failure(services, kind, error)
                failures.append(error)
    finally:
        client.close()
    if failures:
        raise failures[0]
    progress(len(lists), len(lists), "")
    return counts


def _until_stopped(items: Iterable[dict[str, Any]], stopping: Callable[[], bool]) -> Iterable[dict[str, Any]]:
    for item in items:
        if stopping():
            raise StopRequestedError
        yield item


def _sync_list(
    services: Services, kind: sync_log.Kind, table: _Table, items: Iterable[dict[str, Any]]
) -> DirectoryCounts:
    """Read a list to its end first: half a list would mark the other half as removed."""
    found = {item["uuid"]: item for item in items}
    reached("webex.directory_read")
    now = services.clock.now()
    with services.database.write() as session:
        counts = _store(session, table, found, now)
        if counts.new or counts.changed or counts.removed:
            data_version.bump(session, DATA_VERSION, now)
        sync_log.note(session, sync_log.SyncEvent(kind, "stored", counts=asdict(counts)), now)
        reached("webex.directory_written")
    return counts


def _store(session: Session, table: _Table, found: Mapping[str, dict[str, Any]], now: datetime) -> DirectoryCounts:
    known = {row.uuid: row for row in session.scalars(select(table))}
    present = [row for row in known.values() if not row.is_removed]
    if present and not found:
        raise MalformedAnswerError(path=f"/{table.__tablename__}", problem="empty")
    new = changed = removed = 0
    for uuid, values in found.items():
        row = known.get(uuid)
        if row is None:
            session.add(table(**values, changed_at=now, is_removed=False))
            new += 1
        elif row.is_removed or any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.is_removed, row.removed_at, row.changed_at = False, None, now
            changed += 1
    for row in present:
        if row.uuid not in found:
            row.is_removed, row.removed_at, row.changed_at = True, now, now
            removed += 1
    return DirectoryCounts(len(found), new, changed, removed)


def _note_failure(services: Services, kind: sync_log.Kind, error: TollwatchError) -> None:
    with services.database.write() as session:
        sync_log.note(session, sync_log.SyncEvent(kind, "failed", error=error), services.clock.now())
