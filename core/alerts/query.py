"""Questions to the alerts: a page of the queue, one alert, figures of a filter, what came before, shapes over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, defer

from core.alerts.filters import AlertFilter
from core.alerts.vocabulary import is_public_id
from core.detection.finding import SEVERITIES
from core.errors import NotFoundError
from core.store.keyset import KeysetPage, Order, SortKey, read_page
from core.store.models.alerts import AlertRow, EvidenceRow

COUNTED_TO = 10_000
"""A list longer than this is told as "more than"."""

SPARK_HOURS = 12
TREND_DAYS = 30
_HOUR = timedelta(hours=1)


AlertPage = KeysetPage[AlertRow]


@dataclass(frozen=True)
class Reader:
    """Who asks and when: what ``me`` and relative periods mean. ``now`` is aware."""

    now: datetime
    person: str = ""


def page(
    session: Session,
    filter: AlertFilter,
    reader: Reader,
    *,
    cursor: str | None = None,
    limit: int = 100,
    skip: int = 0,
) -> AlertPage:
    """The alerts of a filter beyond ``cursor``, at most ``limit``, in the filter's order; explanations are not read.

    ``skip`` passes over so many first, for programs that count pages (S0-13); the cost grows with it. Raises
    ``InvalidInputError`` for a cursor not of ours.
    """
    query = select(AlertRow).options(defer(AlertRow.description)).where(*filter.where(reader.now, reader.person))
    return read_page(session, query, _ORDERS[filter.sort], cursor=cursor, limit=limit, skip=skip)


_RANK = SortKey[AlertRow](AlertRow.severity_rank, "number", lambda row: row.severity_rank)
_EMITTED = SortKey[AlertRow](AlertRow.emitted_at, "instant", lambda row: row.emitted_at)
_COST = SortKey[AlertRow](AlertRow.cost, "fraction", lambda row: row.cost)
_ID = SortKey[AlertRow](AlertRow.id, "number", lambda row: row.id)
_ORDERS = {
    order.name: order
    for order in (
        Order("severity", (_RANK, _EMITTED, _ID)),
        Order("newest", (_EMITTED, _ID)),
        Order("cost", (_COST, _ID)),
    )
}


def one(session: Session, reference: str | int) -> AlertRow:
    """An alert by its number or its public id. Raises ``NotFoundError``, also for one that was deleted."""
    text = str(reference).strip()
    if is_public_id(text):
        asked = AlertRow.public_id == text
    elif text.isascii() and text.isdigit() and len(text) < 19:
        asked = AlertRow.id == int(text)
    else:
        raise NotFoundError(what="alert")
    found = session.scalars(select(AlertRow).where(asked, AlertRow.deleted_at.is_(None))).one_or_none()
    if found is None:
        raise NotFoundError(what="alert")
    return found


def count(session: Session, filter: AlertFilter, reader: Reader) -> int:
    """How many alerts the filter shows, counted up to ``COUNTED_TO`` + 1."""
    some = select(AlertRow.id).where(*filter.where(reader.now, reader.person)).limit(COUNTED_TO + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


@dataclass(frozen=True)
class Stats:
    """Figures of a filter. Seconds to own and to resolve are medians of alerts raised live, ``None`` without any;
    ``precision`` is the share of true positives among those judged true positive, benign or expected."""

    total: int
    by_severity: dict[str, int]
    by_state: dict[str, int]
    by_type: dict[str, int]
    by_verdict: dict[str, int]
    unowned: int
    cost_at_risk: float
    seconds_to_own: float | None
    seconds_to_resolve: float | None
    precision: float | None


def stats(session: Session, filter: AlertFilter, reader: Reader) -> Stats:
    """The figures of a filter, deleted alerts aside; cost at risk is of those not closed."""
    asked = filter.where(reader.now, reader.person)
    named = {
        "severity": AlertRow.severity, "state": AlertRow.state, "type": AlertRow.alert_type, "verdict": AlertRow.verdict
    }  # fmt: skip
    is_unowned = and_(AlertRow.is_open, AlertRow.owner == "")
    grouped = select(
        *named.values(),
        AlertRow.is_open,
        func.count(),
        func.sum(AlertRow.cost),
        func.sum(case((is_unowned, 1), else_=0)),
    )
    by: dict[str, dict[str, int]] = {name: {} for name in named}
    cost, unowned = 0.0, 0
    for *values, is_open, number, sum_of_cost, without_owner in session.execute(
        grouped.where(*asked).group_by(*named.values(), AlertRow.is_open)
    ):
        for name, value in zip(named, values, strict=True):
            by[name][value] = by[name].get(value, 0) + number
        cost += sum_of_cost if is_open else 0.0
        unowned += without_owner
    verdicts = {name: number for name, number in by["verdict"].items() if name}
    judged = sum(verdicts.get(name, 0) for name in ("true_positive", "benign", "tuned"))
    return Stats(
        total=sum(by["state"].values()),
        by_severity={name: by["severity"].get(name, 0) for name in SEVERITIES},
        by_state=by["state"],
        by_type=dict(sorted(by["type"].items(), key=lambda item: -item[1])),
        by_verdict=verdicts,
        unowned=unowned,
        cost_at_risk=round(cost, 2),
        seconds_to_own=_median_seconds(session, AlertRow.acknowledged_at, asked),
        seconds_to_resolve=_median_seconds(session, AlertRow.resolved_at, asked),
        precision=verdicts.get("true_positive", 0) / judged if judged else None,
    )


def _median_seconds(session: Session, column: Any, asked: Sequence[ColumnElement[bool]]) -> float | None:
    """From an alert's coming into being to ``column``; the newest thousand of them say enough."""
    query = (
        select(AlertRow.created_at, column)
        .where(*asked, column.is_not(None), AlertRow.is_backfilled.is_(False))
        .order_by(AlertRow.id.desc())
        .limit(1000)
    )
    spans = sorted((end - begin).total_seconds() for begin, end in session.execute(query))
    return spans[len(spans) // 2] if spans else None


@dataclass(frozen=True)
class Similar:
    """What came before: counts by verdict (``open`` for what is not closed) and the newest of them."""

    counts: dict[str, int]
    rows: list[AlertRow]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def similar(session: Session, alert: AlertRow, *, same_entity: bool = True, limit: int = 20) -> Similar:
    """Other alerts of the same rule: of the same entity, or of anybody to the same group of destinations."""
    asked: list[ColumnElement[bool]] = [
        AlertRow.detector == alert.detector,
        AlertRow.alert_type == alert.alert_type,
        AlertRow.id != alert.id,
        AlertRow.deleted_at.is_(None),
    ]
    if same_entity:
        asked += [AlertRow.entity_kind == alert.entity_kind, AlertRow.entity == alert.entity]
    else:
        asked += [AlertRow.entity != alert.entity, AlertRow.destination_group == alert.destination_group]
    rows = session.execute(
        select(AlertRow.is_open, AlertRow.verdict, func.count())
        .where(*asked)
        .group_by(AlertRow.is_open, AlertRow.verdict)
    )
    counts: dict[str, int] = {}
    for is_open, verdict, number in rows:
        name = "open" if is_open else verdict or "unjudged"
        counts[name] = counts.get(name, 0) + int(number)
    newest: Select[Any] = select(AlertRow).where(*asked).order_by(AlertRow.emitted_at.desc()).limit(limit)
    return Similar(counts, list(session.scalars(newest)))


def sparklines(session: Session, alerts: Iterable[AlertRow]) -> dict[int, list[int]]:
    """Calls an hour in the ``SPARK_HOURS`` up to each alert's last call, oldest hour first, by the alert's number."""
    ends = {alert.id: alert.last_seen for alert in alerts}
    if not ends:
        return {}
    lines = {alert_id: [0] * SPARK_HOURS for alert_id in ends}
    query = select(EvidenceRow.alert_id, EvidenceRow.started_at).where(
        EvidenceRow.alert_id.in_(ends), EvidenceRow.started_at >= min(ends.values()) - SPARK_HOURS * _HOUR
    )
    for alert_id, started in session.execute(query):
        hours_before = int((ends[alert_id] - started) / _HOUR) if started else -1
        if 0 <= hours_before < SPARK_HOURS:
            lines[alert_id][SPARK_HOURS - 1 - hours_before] += 1
    return lines


def trend(session: Session, filter: AlertFilter, reader: Reader) -> dict[date, dict[str, int]]:
    """Alerts raised a UTC day by severity over the last ``TREND_DAYS`` of a filter, days without any left out."""
    since = reader.now - timedelta(days=TREND_DAYS)
    day = func.date(AlertRow.emitted_at)
    query = (
        select(day, AlertRow.severity, func.count())
        .where(*filter.where(reader.now, reader.person), AlertRow.emitted_at >= since)
        .group_by(day, AlertRow.severity)
    )
    found: dict[date, dict[str, int]] = {}
    for told, severity, number in session.execute(query):
        found.setdefault(date.fromisoformat(str(told)), {})[severity] = int(number)
    return dict(sorted(found.items()))


def choices(session: Session) -> dict[str, list[str]]:
    """The sites, rules and owners alerts have, for a filter's widgets."""

    def values(column: Any) -> list[str]:
        return sorted(str(value) for value in session.scalars(select(column).distinct().limit(500)) if value)

    return {"sites": values(AlertRow.site), "rules": values(AlertRow.alert_type), "owners": values(AlertRow.owner)}
