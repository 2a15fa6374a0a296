"""Questions to the alerts: a page of the queue, one alert, figures of a filter, what came before, shapes over time."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, defer

from core.alerts.filters import AlertFilter
from core.alerts.vocabulary import is_public_id
from core.detection.finding import SEVERITIES
from core.errors import InvalidInputError, NotFoundError
from core.store.models.alerts import AlertRow, EvidenceRow

LONGEST_PAGE = 1000
COUNTED_TO = 10_000
"""A list longer than this is told as "more than"."""

SPARK_HOURS = 12
TREND_DAYS = 30
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class AlertPage:
    """One page of alerts and the marks of its neighbours (``None`` where there is none)."""

    rows: list[AlertRow]
    next: str | None
    previous: str | None


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
    keys = _SORTS[filter.sort]
    mark, backwards = _read(cursor, filter.sort) if cursor else (None, False)
    limit = max(1, min(limit, LONGEST_PAGE))
    query = select(AlertRow).options(defer(AlertRow.description)).where(*filter.condition(reader.now, reader.person))
    if mark is not None:
        query = query.where(_beyond(keys, mark, newer=backwards))
    order = [key.asc() if backwards else key.desc() for key in keys]
    rows = list(session.scalars(query.order_by(*order).limit(limit + 1).offset(skip)))
    more = len(rows) > limit
    rows = rows[:limit][::-1] if backwards else rows[:limit]
    has_next = mark is not None if backwards else more
    has_previous = more if backwards else mark is not None or skip > 0
    return AlertPage(
        rows=rows,
        next=_written(filter.sort, rows[-1], newer=False) if rows and has_next else None,
        previous=_written(filter.sort, rows[0], newer=True) if rows and has_previous else None,
    )


_SORTS: dict[str, tuple[Any, ...]] = {
    "severity": (AlertRow.severity_rank, AlertRow.emitted_at, AlertRow.id),
    "newest": (AlertRow.emitted_at, AlertRow.id),
    "cost": (AlertRow.cost, AlertRow.id),
}


def _beyond(keys: Sequence[Any], mark: Sequence[Any], *, newer: bool) -> ColumnElement[bool]:
    """The keyset condition: after the mark in an order that descends by all keys, or before it."""
    alternatives = []
    for position, key in enumerate(keys):
        same = [keys[before] == mark[before] for before in range(position)]
        alternatives.append(and_(*same, key > mark[position] if newer else key < mark[position]))
    first = keys[0] >= mark[0] if newer else keys[0] <= mark[0]
    return and_(first, or_(*alternatives))


def _written(sort: str, row: AlertRow, *, newer: bool) -> str:
    keys = {
        "severity": (row.severity_rank, row.emitted_at.isoformat(), row.id),
        "newest": (row.emitted_at.isoformat(), row.id),
        "cost": (row.cost, row.id),
    }[sort]
    return base64.urlsafe_b64encode(json.dumps([sort, newer, *keys]).encode()).decode().rstrip("=")


def _read(cursor: str, sort: str) -> tuple[list[Any], bool]:
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor[:1024] + "=" * (-len(cursor) % 4)))
        known, newer, *keys = told
        kinds = {"severity": (int, str, int), "newest": (str, int), "cost": (float, int)}[sort]
        if known != sort or not isinstance(newer, bool) or len(keys) != len(kinds):
            raise ValueError
        made = [
            datetime.fromisoformat(key).astimezone(UTC) if kind is str else kind(key)
            for key, kind in zip(keys, kinds, strict=True)
        ]
        if any(isinstance(key, int) and abs(key) >= 2**63 for key in made):
            raise ValueError
        if sort == "severity" and made[0] not in range(len(SEVERITIES)):
            raise ValueError
        if any(isinstance(key, float) and not isfinite(key) for key in made):
            raise ValueError
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidInputError(field="cursor", problem="unreadable") from error
    return made, newer


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
    some = select(AlertRow.id).where(*filter.condition(reader.now, reader.person)).limit(COUNTED_TO + 1).subquery()
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
    asked = filter.condition(reader.now, reader.person)
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
        .where(*filter.condition(reader.now, reader.person), AlertRow.emitted_at >= since)
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
