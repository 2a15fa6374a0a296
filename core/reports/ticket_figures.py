"""Questions of reports to the tickets: by state and priority, over time, by who does the work."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import Session

from core.reports.moments import part_table
from core.reports.periods import Part, Period
from core.store.engine import Database
from core.store.models.tickets import TicketRow
from core.tickets.figures import TicketStats, stats
from core.tickets.filters import Reader, TicketFilter

ROWS_AT_ONCE = 500


@dataclass
class Work:
    """What one operator did: tickets now in hand, those made in the period, resolved in it, and how long it took.

    ``kept`` and ``missed`` are promises to resolve, of tickets resolved in the period.
    """

    operator_id: int | None
    assigned: int = 0
    open: int = 0
    resolved: int = 0
    kept: int = 0
    missed: int = 0
    to_own: list[float] = field(default_factory=list)
    to_resolve: list[float] = field(default_factory=list)

    @property
    def kept_share(self) -> float | None:
        """Promises kept among those decided."""
        decided = self.kept + self.missed
        return self.kept / decided if decided else None


def in_period(filters: Mapping[str, Sequence[str]], period: Period) -> TicketFilter:
    """The tickets of a filter made in a period, whatever became of them."""
    bounds = {"since": [period.since.isoformat()], "until": [period.until.isoformat()], "view": ["all"]}
    return TicketFilter.from_query({**filters, **bounds})


def figures(session: Session, wanted: TicketFilter, now: datetime) -> TicketStats:
    """The figures of a filter at an aware instant."""
    return stats(session, wanted, Reader(now))


def by_state_and_priority(session: Session, wanted: TicketFilter, now: datetime) -> dict[tuple[str, str], int]:
    """How many tickets stand in each state with each priority."""
    rows = session.execute(
        select(TicketRow.state, TicketRow.priority, func.count())
        .where(*wanted.where(Reader(now)))
        .group_by(TicketRow.state, TicketRow.priority)
    )
    return {(state, priority): int(number) for state, priority, number in rows}


def over_time(
    session: Session, wanted: TicketFilter, parts: Sequence[Part], column: Any, by: Any, now: datetime
) -> dict[str, list[int]]:
    """Tickets whose ``column`` (an instant) falls into each part, by the values of ``by``."""
    part = part_table(parts)
    at = type_coerce(column, part.c.begins.type)
    rows = session.execute(
        select(part.c.number, by, func.count())
        .join_from(TicketRow, part, (at >= part.c.begins) & (at < part.c.ends))
        .where(*wanted.where(Reader(now)))
        .group_by(part.c.number, by)
    )
    found: dict[str, list[int]] = defaultdict(lambda: [0] * len(parts))
    for number, value, count in rows:
        found[str(value)][number] = int(count)
    return dict(found)


def listed(database: Database, wanted: TicketFilter, now: datetime) -> Iterator[TicketRow]:
    """The tickets of a filter, newest first, some at a time in memory."""
    query = select(TicketRow).where(*wanted.where(Reader(now))).order_by(TicketRow.id.desc())
    before: int | None = None
    while True:
        some = query if before is None else query.where(TicketRow.id < before)
        with database.read() as session:
            rows = list(session.scalars(some.limit(ROWS_AT_ONCE)))
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        before = rows[-1].id


def work_of_operators(
    session: Session, filters: Mapping[str, Sequence[str]], period: Period, now: datetime
) -> list[Work]:
    """What each operator has, got and resolved; those who resolved most first."""
    wanted = TicketFilter.from_query({**filters, "view": ["all"]})
    found: dict[int | None, Work] = {}
    query = select(
        TicketRow.operator_id,
        TicketRow.is_open,
        TicketRow.created_at,
        TicketRow.assigned_at,
        TicketRow.owned_at,
        TicketRow.resolved_at,
        TicketRow.resolve_due_at,
    )
    since = period.since
    touched = TicketRow.is_open.is_(True) | (TicketRow.assigned_at >= since) | (TicketRow.resolved_at >= since)
    rows = session.execute(query.where(*wanted.where(Reader(now)), touched).execution_options(yield_per=ROWS_AT_ONCE))
    for row in rows:
        _add(found.setdefault(row.operator_id, Work(row.operator_id)), row, period)
    return sorted(found.values(), key=lambda one: (one.operator_id is None, -one.resolved, -one.open, one.operator_id))


def _add(work: Work, row: Any, period: Period) -> None:
    work.open += bool(row.is_open)
    work.assigned += _falls(row.assigned_at, period)
    if row.owned_at is not None and _falls(row.owned_at, period):
        work.to_own.append((row.owned_at - row.created_at).total_seconds())
    if row.resolved_at is None or not _falls(row.resolved_at, period):
        return
    work.resolved += 1
    work.to_resolve.append((row.resolved_at - row.created_at).total_seconds())
    if row.resolve_due_at is not None:
        work.kept += row.resolved_at <= row.resolve_due_at
        work.missed += row.resolved_at > row.resolve_due_at


def _falls(at: datetime | None, period: Period) -> bool:
    return at is not None and period.since <= at < period.until


def resolved_by_day(
    session: Session, filters: Mapping[str, Sequence[str]], parts: Sequence[Part], now: datetime
) -> list[int]:
    """Tickets resolved in each part."""
    wanted = TicketFilter.from_query({**filters, "view": ["all"]})
    found = over_time(session, wanted, parts, TicketRow.resolved_at, TicketRow.priority, now)
    return [sum(values) for values in zip(*found.values(), strict=True)] if found else [0] * len(parts)
