"""Figures of the tickets of a filter: how many, how old, how soon owned and resolved, which promises were kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select
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
    groups = _groups(session, asked, reader.now)
    by_state, by_operator = _tally(groups, "state"), _tally([one for one in groups if one.is_open], "operator_id")
    by_priority = _tally(groups, "priority")
    age, to_own, to_resolve = _times(session, asked, reader.now)
    return TicketStats(
        total=sum(by_state.values()),
        open=sum(by_operator.values()),
        by_state={name: by_state[name] for name in STATES if name in by_state},
        by_priority={name: by_priority.get(name, 0) for name in PRIORITIES},
        by_source=_tally(groups, "source"),
        by_operator={number: held for number, held in by_operator.items() if number is not None},
        unassigned=by_operator.get(None, 0),
        overdue=sum(one.overdue for one in groups),
        due_soon=sum(one.due_soon for one in groups),
        age=age,
        to_own=to_own,
        to_resolve=to_resolve,
        own=Promise(sum(one.own_kept for one in groups), sum(one.own_missed for one in groups)),
        resolve=Promise(sum(one.resolve_kept for one in groups), sum(one.resolve_missed for one in groups)),
    )


def _groups(session: Session, asked: Sequence[ColumnElement[bool]], now: datetime) -> Sequence[Row[Any]]:
    """How many tickets are alike, and how their deadlines stand: all counts come of one pass over the tickets."""
    keys = (TicketRow.state, TicketRow.priority, TicketRow.source, TicketRow.operator_id, TicketRow.is_open)
    own_kept, own_missed = _kept_and_missed(TicketRow.owned_at, TicketRow.own_due_at, now)
    resolve_kept, resolve_missed = _kept_and_missed(TicketRow.resolved_at, TicketRow.resolve_due_at, now)
    counted = {
        "overdue": and_(TicketRow.is_open, TicketRow.due_at < now),
        "due_soon": and_(TicketRow.is_open, TicketRow.due_at >= now, TicketRow.due_at < now + SOON),
        "own_kept": own_kept,
        "own_missed": own_missed,
        "resolve_kept": resolve_kept,
        "resolve_missed": resolve_missed,
    }
    sums = [func.sum(case((condition, 1), else_=0)).label(name) for name, condition in counted.items()]
    return session.execute(select(*keys, func.count().label("tickets"), *sums).where(*asked).group_by(*keys)).all()


def _tally(groups: Iterable[Row[Any]], key: str) -> dict[Any, int]:
    counted: dict[Any, int] = {}
    for one in groups:
        value = getattr(one, key)
        counted[value] = counted.get(value, 0) + one.tickets
    return counted


def _kept_and_missed(met: Any, due: Any, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    unmet = and_(TicketRow.state != "merged", met.is_(None), due < now)
    return met <= due, (met > due) | unmet


def _times(session: Session, asked: Sequence[ColumnElement[bool]], now: datetime) -> tuple[Took, Took, Took]:
    columns = (TicketRow.is_open, TicketRow.created_at, TicketRow.owned_at, TicketRow.resolved_at)
    found = session.execute(select(*columns).where(*asked).order_by(TicketRow.id.desc()).limit(MOST_TIMES)).all()
    return (
        _took(now - created for is_open, created, _, _ in found if is_open),
        _took(owned - created for _, created, owned, _ in found if owned is not None),
        _took(resolved - created for _, created, _, resolved in found if resolved is not None),
    )


def _took(times: Iterable[timedelta]) -> Took:
    spans = sorted(times)
    if not spans:
        return Took()
    median, p90 = spans[len(spans) // 2], spans[min(len(spans) - 1, int(0.9 * len(spans)))]
    return Took(max(0.0, median.total_seconds()), max(0.0, p90.total_seconds()))
