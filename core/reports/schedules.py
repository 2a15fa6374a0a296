"""Reports that are made again and again: kept, changed, paused, and turned into reports to make when they are due.

The period is told from the due instant, never from the present one, so that a report that was missed while nothing
ran is the one it should have been. Noting what is due and moving the schedule on are one transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import ConflictError, InvalidInputError, NotFoundError, PermanentError
from core.language import LANGUAGES, Language
from core.notify.kinds import MOST_RECIPIENTS, addresses_in
from core.reports import due, runs
from core.reports.asking import ask_for
from core.reports.order import ReportOrder
from core.reports.periods import NAMES, resolved, zone_of
from core.reports.runs import DATA_VERSION, LONGEST_NAME, Wanted
from core.services import Services
from core.store import audit, data_version
from core.store.crash_points import reached
from core.store.models.reports import ReportScheduleRow

MOST_SCHEDULES = 200
MOST_AT_ONCE = 50
"""Missed reports of one schedule noted in one transaction; more of them follow in the next round."""


@dataclass(frozen=True)
class Schedule:
    """What a schedule says. ``order`` has a named period; ``recipients`` may be empty: then it is only kept.

    Raises ``InvalidInputError`` for what cannot be meant.
    """

    name: str
    order: ReportOrder
    cron: str
    time_zone: str
    formats: tuple[str, ...]
    language: Language
    recipients: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        name = " ".join(self.name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise InvalidInputError(field="name", problem=name[:40] or "–")
        if self.order.period not in NAMES:
            raise InvalidInputError(field="period", problem=self.order.period or "–")
        if self.language not in LANGUAGES:
            raise InvalidInputError(field="language", problem=str(self.language)[:10])
        zone_of(self.time_zone)
        known = tuple(addresses_in(" ".join(self.recipients))) if self.recipients else ()
        if len(known) > MOST_RECIPIENTS:
            raise InvalidInputError(field="recipients", problem=f"> {MOST_RECIPIENTS}")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "formats", runs.checked_formats(self.formats))
        object.__setattr__(self, "recipients", known)

    def columns(self) -> dict[str, Any]:
        """What its row holds."""
        return {
            "name": self.name,
            "kind": self.order.kind,
            "parameters": {name: list(values) for name, values in self.order.parameters},
            "period": self.order.period,
            "cron": self.cron,
            "time_zone": self.time_zone,
            "formats": list(self.formats),
            "language": self.language,
            "recipients": list(self.recipients),
        }


def schedule_of(row: ReportScheduleRow) -> Schedule:
    """What a row says. Raises ``InvalidInputError`` where a later edition no longer knows it."""
    return Schedule(
        name=row.name,
        order=ReportOrder.stored(row.kind, row.period, row.parameters),
        cron=row.cron,
        time_zone=row.time_zone,
        formats=tuple(row.formats),
        language=cast(Language, row.language),
        recipients=tuple(row.recipients),
    )


def add(session: Session, schedule: Schedule, *, actor: str, at: datetime) -> int:
    """Keep a new schedule, audited; gives its id. Raises ``InvalidInputError``."""
    if len(listed(session)) >= MOST_SCHEDULES:
        raise InvalidInputError(field="schedules", problem=f"> {MOST_SCHEDULES}")
    wanted = _checked(schedule, at)
    row = ReportScheduleRow(
        **wanted.columns(),
        next_at=due.following(wanted.cron, wanted.time_zone, at),
        created_at=at,
        created_by=actor[:200],
        changed_at=at,
        changed_by=actor[:200],
        version=1,
    )
    session.add(row)
    session.flush()
    _audit(session, "added", row, actor, at)
    return row.id


def change(
    session: Session, schedule_id: int, schedule: Schedule, *, actor: str, at: datetime, version: int | None = None
) -> ReportScheduleRow:
    """Replace what a schedule says, audited; a paused one stays paused.

    Raises ``InvalidInputError``, ``NotFoundError``, and ``ConflictError`` where ``version`` is no longer its own.
    """
    row = one(session, schedule_id)
    if version is not None and version != row.version:
        raise ConflictError(what=f"report schedule {schedule_id}")
    wanted = _checked(schedule, at)
    for name, value in wanted.columns().items():
        setattr(row, name, value)
    if row.next_at is not None:
        row.next_at = due.following(wanted.cron, wanted.time_zone, at)
    _touch(session, "changed", row, actor, at)
    return row


def pause(session: Session, schedule_id: int, *, paused: bool, actor: str, at: datetime) -> ReportScheduleRow:
    """Stop a schedule for a while, or let it go on from its next time. Raises ``NotFoundError``."""
    row = one(session, schedule_id)
    row.next_at = None if paused else due.following(row.cron, row.time_zone, at)
    _touch(session, "paused" if paused else "resumed", row, actor, at)
    return row


def remove(session: Session, schedule_id: int, *, actor: str, at: datetime) -> None:
    """Remove a schedule; what it made stays in the history. Raises ``NotFoundError``."""
    row = one(session, schedule_id)
    _audit(session, "removed", row, actor, at)
    session.delete(row)


def run_now(session: Session, schedule_id: int, *, actor: str, at: datetime, key: str) -> int:
    """Ask for the report of a schedule as if it were due at ``at``; gives the report's id. Raises ``NotFoundError``."""
    row = one(session, schedule_id)
    return ask_for(session, _wanted(row, at), key=key, requested_by=actor, at=at)


def one(session: Session, schedule_id: int) -> ReportScheduleRow:
    """One schedule. Raises ``NotFoundError``."""
    row = session.get(ReportScheduleRow, schedule_id)
    if row is None:
        raise NotFoundError(what=f"report schedule {schedule_id}")
    return row


def listed(session: Session) -> list[ReportScheduleRow]:
    """Every schedule by name."""
    rows = session.scalars(select(ReportScheduleRow).limit(MOST_SCHEDULES + 1))
    return sorted(rows, key=lambda row: (row.name.casefold(), row.id))


def note_due(services: Services, fence: Callable[[Session], None] | None = None) -> list[int]:
    """Turn every due time up to now into a report to make, missed ones included; gives the reports' ids.

    ``fence`` raises in the transaction where this process has been replaced.
    """
    now = services.clock.now()
    with services.database.read() as session:
        waiting = select(ReportScheduleRow.id).where(ReportScheduleRow.next_at <= now)
        ids = list(session.scalars(waiting.order_by(ReportScheduleRow.next_at)))
    noted: list[int] = []
    for schedule_id in ids:
        with services.database.write() as session:
            if fence is not None:
                fence(session)
            row = session.get(ReportScheduleRow, schedule_id, with_for_update=True)
            if row is not None and _is_readable(row):
                noted += _note_due_of(session, row, now)
            elif row is not None:
                row.next_at = None
                _audit(session, "unreadable", row, "reports", now)
        reached("reports.due_noted")
    return noted


def _is_readable(row: ReportScheduleRow) -> bool:
    """Whether this edition knows what the schedule asks for; one that it does not know is paused, not lost."""
    try:
        schedule_of(row)
    except PermanentError:
        return False
    return True


def _note_due_of(session: Session, row: ReportScheduleRow, now: datetime) -> list[int]:
    noted = []
    for _ in range(MOST_AT_ONCE):
        at = row.next_at
        if at is None or at > now:
            break
        key = f"schedule:{row.id}:{at.isoformat()}"
        noted.append(runs.ask(session, _wanted(row, at), key=key, requested_by=row.changed_by, at=now))
        row.next_at = due.following(row.cron, row.time_zone, at)
    return noted


def _wanted(row: ReportScheduleRow, at: datetime) -> Wanted:
    schedule = schedule_of(row)
    return Wanted(
        order=schedule.order,
        period=resolved(row.period, at, row.time_zone),
        formats=schedule.formats,
        language=schedule.language,
        recipients=schedule.recipients,
        name=schedule.name,
        schedule_id=row.id,
    )


def _checked(schedule: Schedule, now: datetime) -> Schedule:
    return replace(schedule, cron=due.checked(schedule.cron, schedule.time_zone, now))


def _touch(session: Session, deed: str, row: ReportScheduleRow, actor: str, at: datetime) -> None:
    row.version += 1
    row.changed_at, row.changed_by = at, actor[:200]
    _audit(session, deed, row, actor, at)


def _audit(session: Session, deed: str, row: ReportScheduleRow, actor: str, at: datetime) -> None:
    detail = {name: getattr(row, name) for name in _AUDITED}
    audit.record(session, actor=actor, action=f"report_schedule.{deed}", subject=str(row.id), detail=detail, at=at)
    data_version.bump(session, DATA_VERSION, at)


_AUDITED = ("name", "kind", "parameters", "period", "cron", "time_zone", "formats", "language", "recipients")
