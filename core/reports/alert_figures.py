"""Questions of reports to the alerts: raised and closed in a period, by day, rule, site and owner."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import Session

from core.alerts import query
from core.alerts.filters import OPEN_WORK, AlertFilter
from core.alerts.query import Reader, Stats
from core.reports.moments import part_table
from core.reports.periods import Part, Period
from core.store.engine import Database
from core.store.models.alerts import AlertRow

ROWS_A_PAGE = 500
JUDGED = ("true_positive", "benign", "tuned")
"""Verdicts that say whether a rule was right; a duplicate says nothing."""


@dataclass
class Group:
    """The alerts of one value: how many, how they were judged, what they cost, how long owning and closing took."""

    value: str
    raised: int = 0
    verdicts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cost: float = 0.0
    to_own: list[float] = field(default_factory=list)
    to_resolve: list[float] = field(default_factory=list)

    @property
    def closed(self) -> int:
        """Those that were closed."""
        return sum(self.verdicts.values())

    @property
    def precision(self) -> float | None:
        """True positives among those judged."""
        judged = sum(self.verdicts.get(name, 0) for name in JUDGED)
        return self.verdicts.get("true_positive", 0) / judged if judged else None


def in_period(asked: AlertFilter, period: Period) -> AlertFilter:
    """The alerts of a filter raised in a period, whatever their state, muted ones included."""
    told = {**asked.to_query(), "state": [OPEN_WORK, "resolved"], "muted": ["all"]}
    told |= {"since": [period.since.isoformat()], "until": [period.until.isoformat()], "sort": ["newest"]}
    told.pop("last", None)
    return AlertFilter.from_query(told)


def stats(session: Session, wanted: AlertFilter, now: datetime) -> Stats:
    """The figures of a filter at an aware instant."""
    return query.stats(session, wanted, Reader(now))


def by_severity(session: Session, wanted: AlertFilter, parts: Sequence[Part], now: datetime) -> dict[str, list[int]]:
    """Alerts raised in each part, by severity."""
    part = part_table(parts)
    raised = type_coerce(AlertRow.emitted_at, part.c.begins.type)
    rows = session.execute(
        select(part.c.number, AlertRow.severity, func.count())
        .join_from(part, AlertRow, (raised >= part.c.begins) & (raised < part.c.ends))
        .where(*wanted.where(now))
        .group_by(part.c.number, AlertRow.severity)
    )
    found: dict[str, list[int]] = defaultdict(lambda: [0] * len(parts))
    for number, severity, count in rows:
        found[severity][number] = int(count)
    return dict(found)


def grouped(session: Session, wanted: AlertFilter, names: Sequence[str], now: datetime) -> dict[str, list[Group]]:
    """The alerts of a filter by each of ``names`` (``rule``, ``site``, ``owner``), those with most first.

    Times are of alerts raised live; the alerts are read one by one and not kept.
    """
    found: dict[str, dict[str, Group]] = {name: {} for name in names}
    rows = session.execute(
        select(
            AlertRow.detector,
            AlertRow.alert_type,
            AlertRow.site,
            AlertRow.owner,
            AlertRow.verdict,
            AlertRow.cost,
            AlertRow.created_at,
            AlertRow.acknowledged_at,
            AlertRow.resolved_at,
            AlertRow.is_backfilled,
        )
        .where(*wanted.where(now))
        .execution_options(yield_per=ROWS_A_PAGE)
    )
    for row in rows:
        values = {"rule": row.detector or row.alert_type, "site": row.site, "owner": row.owner}
        for name in names:
            _add(found[name].setdefault(values[name], Group(values[name])), row)
    return {
        name: sorted(groups.values(), key=lambda group: (-group.raised, group.value)) for name, groups in found.items()
    }


def _add(group: Group, row: Any) -> None:
    group.raised += 1
    group.cost += row.cost
    if row.verdict:
        group.verdicts[row.verdict] += 1
    if row.is_backfilled:
        return
    if row.acknowledged_at:
        group.to_own.append(max(0.0, (row.acknowledged_at - row.created_at).total_seconds()))
    if row.resolved_at:
        group.to_resolve.append(max(0.0, (row.resolved_at - row.created_at).total_seconds()))


def median(seconds: Iterable[float]) -> float | None:
    """The middle of some lengths of time; ``None`` of none."""
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2] if ordered else None


def listed(database: Database, wanted: AlertFilter, now: datetime) -> Iterator[AlertRow]:
    """The alerts of a filter, newest first, a page at a time in memory."""
    cursor: str | None = None
    while True:
        with database.read() as session:
            page = query.page(session, wanted, Reader(now), cursor=cursor, limit=ROWS_A_PAGE)
        yield from page.rows
        cursor = page.next
        if cursor is None:
            return


def closed_between(session: Session, period: Period) -> int:
    """How many alerts were closed in a period, whenever they were raised."""
    bounds = (AlertRow.resolved_at >= period.since, AlertRow.resolved_at < period.until)
    counted = select(func.count()).select_from(AlertRow).where(*bounds, AlertRow.deleted_at.is_(None))
    return session.scalar(counted) or 0
