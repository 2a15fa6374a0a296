"""What a supervisor asks of the desk: open work by severity, how soon alerts are owned and closed, and how right."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.detection.finding import SEVERITIES
from core.store.models.alerts import AlertRow

DAYS = 30
MOST_ALERTS = 20_000
"""Times are told of the newest this many alerts, which is enough for a median."""

_JUDGED = ("true_positive", "benign", "tuned")


@dataclass(frozen=True)
class Took:
    """How long something took: median, and what nine in ten stayed below; seconds, ``None`` where nothing did."""

    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True)
class DeskFigures:
    """Open alerts by severity and without owner, the cost they put at risk, times and precision of 30 days."""

    open: dict[str, int] = field(default_factory=dict)
    unowned: int = 0
    cost_at_risk: float = 0.0
    to_own: Took = Took()
    to_resolve: Took = Took()
    precision: float | None = None
    judged: int = 0

    @property
    def total_open(self) -> int:
        """All open alerts."""
        return sum(self.open.values())


def desk_figures(session: Session, now: datetime, sites: Sequence[str] = ()) -> DeskFigures:
    """The figures at an aware instant, of all sites or some by name; muted work counts, history told to nobody not."""
    kept = [AlertRow.deleted_at.is_(None)]
    if sites:
        kept.append(AlertRow.site.in_(sites))
    unowned = func.sum(case((AlertRow.owner == "", 1), else_=0))
    open_work = session.execute(
        select(AlertRow.severity, func.count(), unowned, func.sum(AlertRow.cost))
        .where(*kept, AlertRow.is_open.is_(True))
        .group_by(AlertRow.severity)
    ).all()
    worked = session.execute(
        select(AlertRow.created_at, AlertRow.acknowledged_at, AlertRow.resolved_at, AlertRow.verdict)
        .where(*kept, AlertRow.emitted_at >= now - timedelta(days=DAYS), AlertRow.is_backfilled.is_(False))
        .order_by(AlertRow.emitted_at.desc())
        .limit(MOST_ALERTS)
    ).all()
    verdicts = [row.verdict for row in worked if row.verdict in _JUDGED]
    return DeskFigures(
        open={severity: sum(row[1] for row in open_work if row[0] == severity) for severity in SEVERITIES},
        unowned=sum(int(row[2]) for row in open_work),
        cost_at_risk=round(sum(row[3] for row in open_work), 2),
        to_own=_took([(row.created_at, row.acknowledged_at) for row in worked]),
        to_resolve=_took([(row.created_at, row.resolved_at) for row in worked]),
        precision=verdicts.count("true_positive") / len(verdicts) if verdicts else None,
        judged=len(verdicts),
    )


def _took(spans: Sequence[tuple[datetime, datetime | None]]) -> Took:
    seconds = sorted(max(0.0, (end - begin).total_seconds()) for begin, end in spans if end is not None)
    if not seconds:
        return Took()
    return Took(seconds[len(seconds) // 2], seconds[min(len(seconds) - 1, int(0.9 * len(seconds)))])
