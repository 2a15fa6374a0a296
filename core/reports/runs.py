"""The history of reports: each is asked for once, claimed by compare-and-set, and kept with its files for a while.

A maker that dies leaves its lease to run out, and the same report is made again under the same id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Select, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import InvalidInputError, NotFoundError
from core.language import LANGUAGES, Language
from core.reports.forms import FORMATS
from core.reports.order import ReportOrder
from core.reports.periods import Period
from core.store import data_version
from core.store.commands import backoff_seconds, describe
from core.store.engine import Database, is_passing
from core.store.models.outbox import OutboxMessage
from core.store.models.reports import ReportRunRow
from core.store.outbox import DEAD, DISCARDED, QUEUED, SENDING, SENT

DATA_VERSION = "reports"
"""Name under which ``core.store.data_version`` counts changes of history and schedules."""

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
STATES = (WAITING, RUNNING, DONE, FAILED)
LEASE = timedelta(minutes=3)
MOST_ATTEMPTS = 8
FILES_KEPT = timedelta(days=90)
HISTORY_KEPT = timedelta(days=730)
LONGEST_NAME = 120
_MAIL_STATES = (DISCARDED, SENT, SENDING, QUEUED, DEAD)
"""Of several mails of one report the last of these is told."""


@dataclass(frozen=True)
class Wanted:
    """A report to be made: what, over which period, in which forms and language, for whom.

    Raises ``InvalidInputError`` for forms or a language that there are not.
    """

    order: ReportOrder
    period: Period
    formats: tuple[str, ...]
    language: Language
    recipients: tuple[str, ...] = ()
    name: str = ""
    schedule_id: int | None = None

    def __post_init__(self) -> None:
        checked_formats(self.formats)
        if self.language not in LANGUAGES:
            raise InvalidInputError(field="language", problem=str(self.language)[:10])


@dataclass(frozen=True)
class Claimed:
    """A report in the hands of one maker, as its row stood; ``attempt`` fences an earlier claim."""

    id: int
    row: ReportRunRow
    attempt: int

    @property
    def wanted(self) -> Wanted:
        """What is to be made. Raises ``InvalidInputError`` where a later edition no longer knows it."""
        return wanted_of(self.row)


def checked_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """Forms in their order, each once. Raises ``InvalidInputError`` for none or an unknown one."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise InvalidInputError(field="formats", problem=(unknown or ["–"])[0][:40])
    return tuple(name for name in FORMATS if name in formats)


def ask(session: Session, wanted: Wanted, *, key: str, requested_by: str, at: datetime) -> int:
    """Ask for a report in the caller's transaction; gives its id, of the first one with ``key``."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(ReportRunRow)
        .values(
            key=key[:200],
            schedule_id=wanted.schedule_id,
            name=wanted.name[:LONGEST_NAME],
            kind=wanted.order.kind,
            parameters={name: list(values) for name, values in wanted.order.parameters},
            since=wanted.period.since,
            until=wanted.period.until,
            time_zone=wanted.period.zone,
            formats=list(wanted.formats),
            language=wanted.language,
            recipients=list(wanted.recipients),
            requested_by=requested_by[:200],
            requested_at=at,
            state=WAITING,
            attempts=0,
            not_before=at,
            done=0,
            total=len(wanted.formats),
            files=[],
        )
        .on_conflict_do_nothing(index_elements=[ReportRunRow.key])
        .returning(ReportRunRow.id)
    )
    made = session.execute(statement).scalar_one_or_none()
    if made is not None:
        data_version.bump(session, DATA_VERSION, at)
        return made
    return session.execute(select(ReportRunRow.id).where(ReportRunRow.key == key[:200])).scalar_one()


def claim(database: Database, clock: Clock) -> Claimed | None:
    """Take the report that waits longest; nobody else gets it while the lease lasts. ``None`` when none is due."""
    now = clock.now()
    with database.write() as session:
        taken = session.execute(
            update(ReportRunRow)
            .where(ReportRunRow.id == _due(now).scalar_subquery())
            .values(state=RUNNING, attempts=ReportRunRow.attempts + 1, lease_until=now + LEASE, done=0)
            .returning(ReportRunRow.id)
            .execution_options(synchronize_session=False)
        ).scalar_one_or_none()
        if taken is None:
            return None
        data_version.bump(session, DATA_VERSION, now)
        row = session.get_one(ReportRunRow, taken, populate_existing=True)
        return Claimed(row.id, row, row.attempts)


def _due(now: datetime) -> Select[int]:
    abandoned = and_(ReportRunRow.state == RUNNING, ReportRunRow.lease_until < now)
    waiting = and_(ReportRunRow.state == WAITING, ReportRunRow.not_before <= now)
    query = select(ReportRunRow.id).where(or_(waiting, abandoned)).order_by(ReportRunRow.not_before, ReportRunRow.id)
    return query.limit(1).with_for_update(skip_locked=True)


def wanted_of(row: ReportRunRow) -> Wanted:
    """What a row asks for. Raises ``InvalidInputError`` where a later edition no longer knows it."""
    order = ReportOrder.stored(row.kind, "", row.parameters, (row.since, row.until))
    return Wanted(
        order=order,
        period=Period(row.since, row.until, row.time_zone),
        formats=tuple(row.formats),
        language=cast(Language, row.language),
        recipients=tuple(row.recipients),
        name=row.name,
        schedule_id=row.schedule_id,
    )


def still_at_it(database: Database, claimed: Claimed, clock: Clock, *, done: int) -> bool:
    """Note that ``done`` of its files are written and prolong the lease; ``False`` when another maker has it."""
    with database.write() as session:
        return change(session, claimed, done=done, lease_until=clock.now() + LEASE)


def fail(session: Session, claimed: Claimed, error: Exception, at: datetime, chance: Any) -> bool:
    """Note a failure in the caller's transaction: one that passes is tried again later. Tells whether it is final."""
    told = describe(error)
    noted: dict[str, Any] = {"error_code": told["code"], "error_facts": told["facts"], "lease_until": None}
    final = not is_passing(error) or claimed.attempt >= MOST_ATTEMPTS
    if final:
        change(session, claimed, **noted, state=FAILED, finished_at=at)
    else:
        due = at + timedelta(seconds=backoff_seconds(claimed.attempt, chance))
        change(session, claimed, **noted, state=WAITING, not_before=due)
    data_version.bump(session, DATA_VERSION, at)
    return final


def hand_back(session: Session, claimed: Claimed, at: datetime) -> None:
    """Return an unfinished report at no cost: the maker is stopping."""
    attempts = max(claimed.attempt - 1, 0)
    change(session, claimed, state=WAITING, not_before=at, lease_until=None, attempts=attempts)


def change(session: Session, claimed: Claimed, **values: Any) -> bool:
    """Set columns of a report that is still in the hands of ``claimed``; ``False`` when another maker has it."""
    statement = (
        update(ReportRunRow)
        .where(ReportRunRow.id == claimed.id, ReportRunRow.state == RUNNING, ReportRunRow.attempts == claimed.attempt)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def retry(session: Session, run_id: int, at: datetime) -> None:
    """Make a failed report after all. Raises ``NotFoundError`` when there is none such."""
    statement = (
        update(ReportRunRow)
        .where(ReportRunRow.id == run_id, ReportRunRow.state == FAILED)
        .values(state=WAITING, attempts=0, not_before=at, finished_at=None, error_code=None, error_facts=None)
        .execution_options(synchronize_session=False)
    )
    result = session.execute(statement)
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise NotFoundError(what=f"failed report {run_id}")
    data_version.bump(session, DATA_VERSION, at)


def one(session: Session, run_id: int) -> ReportRunRow:
    """One report of the history. Raises ``NotFoundError``."""
    row = session.get(ReportRunRow, run_id)
    if row is None:
        raise NotFoundError(what=f"report {run_id}")
    return row


def page(
    session: Session, *, before: int | None = None, limit: int = 50, schedule_id: int | None = None, state: str = ""
) -> list[ReportRunRow]:
    """Reports, newest first, those below the id ``before``."""
    query = select(ReportRunRow).order_by(ReportRunRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ReportRunRow.id < before)
    if schedule_id is not None:
        query = query.where(ReportRunRow.schedule_id == schedule_id)
    if state:
        query = query.where(ReportRunRow.state == state)
    return list(session.scalars(query))


def mail_states(session: Session, run_ids: Sequence[int]) -> dict[int, str]:
    """How the mails of reports stand; where somebody is still without theirs, or never gets it, that is told."""
    asked = select(OutboxMessage.subject_id, OutboxMessage.state).where(
        OutboxMessage.subject == "report", OutboxMessage.subject_id.in_(run_ids), OutboxMessage.channel_id.is_(None)
    )
    found: dict[int, str] = {}
    for run_id, state in session.execute(asked):
        found[run_id] = max(found.get(run_id, state), state, key=_MAIL_STATES.index)
    return found


def file_of(row: ReportRunRow, format: str) -> Mapping[str, Any]:
    """What is known of a file: its format, name, bytes and SHA-256. Raises ``NotFoundError``."""
    found = next((file for file in row.files if file.get("format") == format), None)
    if found is None:
        raise NotFoundError(what=f"{format[:10]} of report {row.id}")
    return found


def expired(session: Session, now: datetime, limit: int = 500) -> list[ReportRunRow]:
    """Reports whose files are kept no longer and still there."""
    query = select(ReportRunRow).where(ReportRunRow.expires_at < now).order_by(ReportRunRow.id).limit(limit)
    return list(session.scalars(query))


def prune(session: Session, before: datetime) -> int:
    """Forget reports that ended before an instant, their files being gone; gives how many."""
    old = (ReportRunRow.finished_at < before, ReportRunRow.expires_at.is_(None))
    result = session.execute(delete(ReportRunRow).where(*old).execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0
