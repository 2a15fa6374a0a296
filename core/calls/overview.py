"""The figures of the overview: totals of a period beside those of the one before, sites over time, destinations.

All come from the hourly rollup, except what only single records can tell: how many calls there were, how many of them
were answered or international, and who talked. What counts as answered: ``core.calls.conversations``. A period is a
number of whole hours that ends with the present one; the previous period is the same number of hours before it, whose
last hour counts in proportion to how far the present hour has come, so that the two compare.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from core.calls.call_counts import CallTotals
from core.calls.engine import Legs, reading
from core.calls.filter_terms import InvalidFilterError
from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.calls.rollup import HOURLY_SCHEMA, HourlyCalls
from core.calls.summaries import TopRow
from core.clock import Clock

HOUR = timedelta(hours=1)
LONGEST_IN_HOURS = timedelta(hours=48)
"""Periods up to this long are drawn by hour, longer ones by day."""

_DESTINATION = "sum(legs), sum(answered), coalesce(sum(legs) FILTER (international), 0), sum(talk_seconds)"
_POINT = "sum(legs), sum(calls), sum(answered_calls), sum(international_calls), sum(talk_seconds)"


@dataclass(frozen=True)
class Period:
    """Whole hours ``since`` to ``until`` (exclusive), aware UTC; ``share_of_last_hour`` of the last one is meant."""

    since: datetime
    until: datetime
    share_of_last_hour: float = 1.0

    @property
    def last_hour(self) -> datetime:
        """The start of the hour that counts in part."""
        return self.until - HOUR


@dataclass(frozen=True)
class Comparison:
    """The totals of a period and of the one before it; calls are estimated within 0.1 % where there are many."""

    period: Period
    present: CallTotals
    previous: CallTotals

    def change(self, figure: str) -> float | None:
        """How much a figure of ``CallTotals`` grew: 0.1 is a tenth more; ``None`` where there is nothing to compare.

        For shares it is the difference, in points of 1.
        """
        now, before = getattr(self.present, figure), getattr(self.previous, figure)
        if now is None or before is None:
            return None
        if figure.endswith("_share"):
            return float(now - before)
        return float(now / before - 1) if before else None


@dataclass(frozen=True)
class TrendPoint:
    """What began at a site in one hour, or on one day of the site's own time zone; ``at`` is aware UTC.

    A call counts where and when its first leg began; ``answered`` and ``international`` are such calls.
    """

    at: datetime
    legs: int = 0
    calls: int = 0
    answered: int = 0
    international: int = 0
    talk_seconds: int = 0


@dataclass(frozen=True)
class SiteTrend:
    """One site over time, oldest point first, empty ones included; ``zone`` is the one its days are of."""

    site_uuid: str | None
    site: str | None
    zone: tzinfo
    points: tuple[TrendPoint, ...]

    @property
    def legs(self) -> int:
        """All legs of the period."""
        return sum(point.legs for point in self.points)


@dataclass(frozen=True)
class Freshness:
    """The start of the newest record and when the newest was stored, aware UTC; ``None`` without records."""

    newest_start: datetime | None
    newest_stored: datetime | None


class Overview:
    """Reads what the overview shows. ``sites`` restrict to site names or site UUIDs; ``last`` is as in ``CallFilter``.

    Raises ``CallQueryTooLongError``, and ``InvalidInputError`` for a period that cannot be meant.
    """

    def __init__(self, hourly: HourlyCalls, calls: CallQueries, clock: Clock) -> None:
        self._hourly = hourly
        self._calls = calls
        self._clock = clock

    def comparison(self, last: str, sites: Sequence[str] = ()) -> Comparison:
        """The totals of the period and of the one before."""
        present, previous = periods(last, self._clock.now())
        return Comparison(present, self._totals(present, sites), self._totals(previous, sites))

    def trends(
        self, last: str, sites: Sequence[str] = (), zones: Mapping[str, tzinfo] | None = None
    ) -> list[SiteTrend]:
        """Each site over time, the busiest first: by hour up to two days, else by day of the site.

        ``zones`` maps site UUIDs to time zones; a site that is not in it has its days in UTC.
        """
        present, _ = periods(last, self._clock.now())
        sql = f"SELECT site_uuid, location, hour, {_POINT} FROM legs GROUP BY ALL"
        found: dict[tuple[str | None, str | None], dict[datetime, list[int]]] = defaultdict(dict)
        by_day = present.until - present.since > LONGEST_IN_HOURS
        with reading() as reader:
            rows = reader.rows(sql, self._hours(present, sites))
        for site_uuid, site, hour, *figures in rows:
            zone = (zones or {}).get(site_uuid, UTC)
            at = _day_of(hour.replace(tzinfo=UTC), zone) if by_day else hour.replace(tzinfo=UTC)
            points = found[site_uuid, site]
            points[at] = [a + b for a, b in zip(points.get(at, [0] * len(figures)), figures, strict=True)]
        trends = [
            _trend(site_uuid, site, (zones or {}).get(site_uuid or "", UTC), points, present, by_day)
            for (site_uuid, site), points in found.items()
        ]
        return sorted(trends, key=lambda trend: (-trend.legs, trend.site or ""))

    def destinations(
        self, last: str, sites: Sequence[str] = (), limit: int = 10, *, abroad_only: bool = True
    ) -> list[TopRow]:
        """The countries called most, by legs our side made; ``abroad_only`` leaves out those not international."""
        present, _ = periods(last, self._clock.now())
        wanted = "far_country IS NOT NULL AND direction = 'ORIGINATING'" + (" AND international" if abroad_only else "")
        sql = (
            f"SELECT far_country, far_country, {_DESTINATION} FROM legs WHERE {wanted} "
            "GROUP BY far_country ORDER BY sum(legs) DESC, far_country LIMIT ?"
        )
        with reading() as reader:
            return [TopRow(*row) for row in reader.rows(sql, self._hours(present, sites), [limit])]

    def talkers(self, last: str, sites: Sequence[str] = (), limit: int = 10) -> list[TopRow]:
        """The people, workspaces and virtual lines who made and took most calls, with the minutes of each."""
        present, _ = periods(last, self._clock.now())
        return self._calls.talkers(_filter(present, sites), limit)

    def freshness(self) -> Freshness:
        """How new what is stored is."""
        return Freshness(self._calls.newest(), self._calls.newest_stored())

    def _totals(self, period: Period, sites: Sequence[str]) -> CallTotals:
        weight = "CASE WHEN hour = ? THEN ? ELSE 1 END"
        sql = f"SELECT coalesce(sum({weight} * legs), 0), coalesce(sum({weight} * talk_seconds), 0) FROM legs"
        bound = [period.last_hour.replace(tzinfo=None), period.share_of_last_hour]
        with reading() as reader:
            legs, talk_seconds = reader.rows(sql, self._hours(period, sites), bound * 2)[0]
        counts = self._calls.calls(_filter(period, sites))
        return CallTotals(round(legs), counts.calls, counts.answered, counts.international, round(talk_seconds))

    def _hours(self, period: Period, sites: Sequence[str]) -> Legs:
        last_day = (period.until - HOUR).date()
        condition = "hour >= ? AND hour < ?"
        parameters: list[object] = [period.since.replace(tzinfo=None), period.until.replace(tzinfo=None)]
        if sites:
            marks = ", ".join("?" * len(sites))
            condition += f" AND (location IN ({marks}) OR site_uuid IN ({marks}))"
            parameters += [*sites, *sites]
        return Legs(self._hourly.files(period.since.date(), last_day), condition, parameters, HOURLY_SCHEMA)


def periods(last: str, now: datetime) -> tuple[Period, Period]:
    """The period of ``last`` at ``now``, and the one before it. Raises ``InvalidInputError``."""
    span = CallFilter(last=last).relative_span
    if span is None:
        raise InvalidFilterError("last", "last")
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    until = hour + HOUR
    share = (now - hour) / HOUR
    return Period(until - span, until), Period(until - 2 * span, until - span, share)


def _filter(period: Period, sites: Sequence[str]) -> CallFilter:
    """The legs of a period one by one; within the hour that counts in part, its first part stands for it."""
    until = period.last_hour + HOUR * period.share_of_last_hour
    return CallFilter(since=period.since, until=max(until, period.since + timedelta(seconds=1)), sites=tuple(sites))


def _day_of(instant: datetime, zone: tzinfo) -> datetime:
    local = instant.astimezone(zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _trend(
    site_uuid: str | None,
    site: str | None,
    zone: tzinfo,
    points: Mapping[datetime, Sequence[int]],
    period: Period,
    by_day: bool,
) -> SiteTrend:
    instants: list[datetime] = []
    at = period.since
    while at < period.until:
        mark = _day_of(at, zone) if by_day else at
        if not instants or instants[-1] != mark:
            instants.append(mark)
        at += HOUR
    return SiteTrend(site_uuid, site, zone, tuple(TrendPoint(at, *points.get(at, ())) for at in instants))
