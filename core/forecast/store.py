"""Forecasts as they are kept and read: bands by site, and what the present figures make of them.

A band of the past stays as it was foretold; only what never was told is filled in from a later fit.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.forecast.series import HOUR, ORG
from core.store import data_version
from core.store.models.detection import ForecastBand, ForecastFit

DATA_VERSION = "forecast"
KEPT = timedelta(days=45)


@dataclass(frozen=True)
class BandPoint:
    """What is expected of one hour or UTC day, and the bounds of 99 in 100; ``at`` aware UTC."""

    at: datetime
    low: float
    expected: float
    high: float


@dataclass(frozen=True)
class Fitted:
    """How a site's forecast stands: ``state`` is ready, pooled or young."""

    site_uuid: str
    site: str
    time_zone: str
    state: str
    history_days: float
    fitted_at: datetime


def keep(session: Session, fitted: Fitted, points: Mapping[str, Sequence[BandPoint]], *, at: datetime) -> None:
    """Keep the bands of a site by grain (``hour``, ``day``) as told at ``at``."""
    row = session.get(ForecastFit, fitted.site_uuid)
    if row is None:
        row = ForecastFit(site_uuid=fitted.site_uuid)
        session.add(row)
    for name, value in vars(fitted).items():
        setattr(row, name, value)
    session.flush()
    mine = ForecastBand.site_uuid == fitted.site_uuid
    session.execute(delete(ForecastBand).where(mine, (ForecastBand.at >= at) | (ForecastBand.at < at - KEPT)))
    told = {(grain, when) for grain, when in session.execute(select(ForecastBand.grain, ForecastBand.at).where(mine))}
    rows = [
        {"site_uuid": fitted.site_uuid, "grain": grain, **vars(point)}
        for grain, those in points.items()
        for point in those
        if (grain, point.at) not in told
    ]
    if rows:
        session.execute(insert(ForecastBand), rows)
    data_version.bump(session, DATA_VERSION, at)


def fits(session: Session) -> list[Fitted]:
    """Every site's state, the organisation first, then by name."""
    rows = session.scalars(select(ForecastFit).order_by(ForecastFit.site_uuid != ORG, ForecastFit.site))
    return [Fitted(row.site_uuid, row.site, row.time_zone, row.state, row.history_days, row.fitted_at) for row in rows]


def fit_of(session: Session, site_uuid: str = ORG) -> Fitted | None:
    """One site's state; ``None`` before the first fit."""
    return next((fitted for fitted in fits(session) if fitted.site_uuid == site_uuid), None)


def bands(session: Session, site_uuid: str, grain: str, since: datetime, until: datetime) -> list[BandPoint]:
    """The bands of a site from ``since`` to before ``until``, oldest first."""
    query = select(ForecastBand).where(
        ForecastBand.site_uuid == site_uuid,
        ForecastBand.grain == grain,
        ForecastBand.at >= since,
        ForecastBand.at < until,
    )
    rows = session.scalars(query.order_by(ForecastBand.at))
    return [BandPoint(row.at, row.low, row.expected, row.high) for row in rows]


@dataclass(frozen=True)
class Expectation:
    """The present day against its forecast: calls so far, expected so far, expected by its end."""

    so_far: int
    expected_so_far: float
    expected_by_end: float

    @property
    def share(self) -> float | None:
        """Calls so far per expected ones; ``None`` where nothing is expected yet."""
        return self.so_far / self.expected_so_far if self.expected_so_far >= 1 else None


def expectation(
    points: Sequence[BandPoint], calls: Mapping[datetime, int], now: datetime, day_begins: datetime
) -> Expectation | None:
    """What a day of 24 hours that begins at ``day_begins`` comes to, by hourly bands; ``None`` where one is missing.

    The running hour counts as far as it has come.
    """
    hours = {point.at: point.expected for point in points}
    wanted = [day_begins + HOUR * position for position in range(24)]
    if any(hour not in hours for hour in wanted):
        return None
    passed = sum(hours[hour] * min(1.0, max(0.0, (now - hour) / HOUR)) for hour in wanted)
    so_far = sum(count for hour, count in calls.items() if day_begins <= hour <= now)
    return Expectation(so_far, passed, sum(hours[hour] for hour in wanted))


def outside(points: Sequence[BandPoint], calls: Mapping[datetime, int], before: datetime) -> list[BandPoint]:
    """The bands that what happened left, of hours or days that ended by ``before``."""
    return [
        point
        for point in points
        if point.at in calls and point.at < before and not point.low <= calls[point.at] <= point.high
    ]


def together(sites: Sequence[Sequence[BandPoint]]) -> list[BandPoint]:
    """The band of several sites, at the instants that all of them have, as if they varied independently."""
    common = set.intersection(*({point.at for point in points} for points in sites)) if sites else set()
    by_instant: dict[datetime, list[BandPoint]] = {at: [] for at in sorted(common)}
    for points in sites:
        for point in points:
            if point.at in by_instant:
                by_instant[point.at].append(point)
    return [_sum(at, points) for at, points in by_instant.items()]


def _sum(at: datetime, points: Sequence[BandPoint]) -> BandPoint:
    if len(points) == 1:
        return points[0]
    expected = sum(point.expected for point in points)
    below = math.hypot(*(point.expected - point.low for point in points))
    above = math.hypot(*(point.high - point.expected for point in points))
    return BandPoint(at, max(0.0, expected - below), expected, expected + above)
