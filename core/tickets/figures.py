"""Figures of the tickets of a filter: how many, how old, how soon owned and resolved, which promises were kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from core.store.models.tickets import TicketRow
from core.tickets.filters import SOON, Reader, TicketFilter
from core.tickets.vocabulary import PRIORITIES, STATES

MOST_TIMES = 20_000
"""Times are told of the newest this many tickets, which is enough for a median."""


@dataclass(frozen=True)
class Took:
    """How long something took by the clock on the wall: median and what nine in ten stayed below, in seconds.

    ``None`` where nothing did.
    """

    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True)
class Promise:
    """How many deadlines were kept and missed; one that passed unmet is missed although work goes on."""

    kept: int = 0
    missed: int = 0

    @property
    def share(self) -> float | None:
        """The share kept, 0 to 1; ``None`` without any."""
        decided = self.kept + self.missed
        return self.kept / decided if decided else None


@dataclass(frozen=True)
class TicketStats:
    """Figures of a filter. Ages are of open tickets; ``by_operator`` and ``unassigned`` too."""

    total: int
    open: int
    by_state: dict[str, int]
    by_priority: dict[str, int]
    by_source: dict[str, int]
    by_operator: dict[int, int]
    unassigned: int
    overdue: int
    due_soon: int
    age: Took
    to_own: Took
    to_resolve: Took
    own: Promise
    resolve: Promise


def stats(session: Session, filter: TicketFilter, reader: Reader) -> TicketStats:
    """The figures of a filter for a reader."""
    asked = filter.where(reader)
    by: dict[str, dict[Any, int]] = {"state": {}, "priority": {}, "source": {}, "operator": {}}
    grouped = select(TicketRow.state, TicketRow.priority, TicketRow.source, TicketRow.operator_id, TicketRow.is_open)
    keys = (TicketRow.state, TicketRow.priority, TicketRow.source, TicketRow.operator_id, TicketRow.is_open)
    still_open = unassigned = 0
    for *values, is_open, number in session.execute(grouped.add_columns(func.count()).where(*asked).group_by(*keys)):
        for name, value in zip(by, values, strict=True):
            if name != "operator" or (is_open and value is not None):
                by[name][value] = by[name].get(value, 0) + number
        still_open += number if is_open else 0
        unassigned += number if is_open and values[-1] is None else 0
    overdue, due_soon, *promises = _deadlines(session, asked, reader.now)
    ages, owned, resolved = _times(session, asked, reader.now)
    return TicketStats(
        total=sum(by["state"].values()),
        open=still_open,
        by_state={name: by["state"][name] for name in STATES if name in by["state"]},
        by_priority={name: by["priority"].get(name, 0) for name in PRIORITIES},
        by_source=by["source"],
        by_operator=by["operator"],
        unassigned=unassigned,
        overdue=overdue,
        due_soon=due_soon,
        age=_took(ages),
        to_own=_took(owned),
        to_resolve=_took(resolved),
        own=Promise(*promises[:2]),
        resolve=Promise(*promises[2:]),
    )


def _deadlines(session: Session, asked: Sequence[ColumnElement[bool]], now: datetime) -> list[int]:
    is_late = and_(TicketRow.is_open, TicketRow.due_at < now)
    comes_soon = and_(TicketRow.is_open, TicketRow.due_at >= now, TicketRow.due_at < now + SOON)
    counted = (
        is_late,
        comes_soon,
        *_kept_and_missed(TicketRow.owned_at, TicketRow.own_due_at, now),
        *_kept_and_missed(TicketRow.resolved_at, TicketRow.resolve_due_at, now),
    )
    sums = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in counted]
    return [int(number) for number in session.execute(select(*sums).where(*asked)).one()]


def _kept_and_missed(met: Any, due: Any, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    unmet = and_(TicketRow.state != "merged", met.is_(None), due < now)
    return met <= due, (met > due) | unmet


def _times(
    session: Session, asked: Sequence[ColumnElement[bool]], now: datetime
) -> tuple[list[float], list[float], list[float]]:
    query = (
        select(TicketRow.created_at, TicketRow.owned_at, TicketRow.resolved_at, TicketRow.is_open)
        .where(*asked)
        .order_by(TicketRow.id.desc())
        .limit(MOST_TIMES)
    )
    ages, owned, resolved = [], [], []
    for created_at, owned_at, resolved_at, is_open in session.execute(query):
        if is_open:
            ages.append((now - created_at).total_seconds())
        if owned_at is not None:
            owned.append((owned_at - created_at).total_seconds())
        if resolved_at is not None:
            resolved.append((resolved_at - created_at).total_seconds())
    return ages, owned, resolved


def _took(spans: list[float]) -> Took:
    if not spans:
        return Took()
    spans = sorted(max(0.0, span) for span in spans)
    return Took(spans[len(spans) // 2], spans[min(len(spans) - 1, int(0.9 * len(spans)))])
