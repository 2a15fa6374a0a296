"""Fitting every site's forecast: when it is due, and doing it, one site a transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.forecast import store
from core.forecast.series import ORG, CallSeries, read_series
from core.forecast.store import BandPoint, Fitted
from core.services import Services

NIGHT_HOUR_UTC = 8
"""Two to three in the morning at sites in Central America and Colombia."""
LEAST_DAYS = 14
GREW = 5
"""Days by which a history must have grown, while it is being filled, to be worth another fit before the night."""

WHOLE = 0.98
"""The organisation is the sum of the sites that have a forecast when they make at least this share of its calls."""

Progress = Callable[[int, int | None, str], None]


@dataclass(frozen=True)
class FitCounts:
    """How many sites (the organisation is one) got a model of their own, the pooled one, or none as too young."""

    ready: int = 0
    pooled: int = 0
    young: int = 0


def is_due(services: Services) -> bool:
    """Whether to fit now: once a night, and by day as long as the history is still being filled."""
    days = services.calls.days()
    if not days:
        return False
    with services.database.read() as session:
        fits = store.fits(session)
    if not fits:
        return len(days) >= LEAST_DAYS
    last, known = max(fit.fitted_at for fit in fits), max(fit.history_days for fit in fits)
    return last < _last_night(services.clock.now()) or (known < LEAST_DAYS * 4 and len(days) - known >= GREW)


def _last_night(now: datetime) -> datetime:
    night = now.replace(hour=NIGHT_HOUR_UTC, minute=0, second=0, microsecond=0)
    return night if night <= now else night - timedelta(days=1)


def fit_all(services: Services, progress: Progress, stopping: Callable[[], bool]) -> FitCounts:
    """Fit every site and the organisation anew; what is done when asked to stop, stays.

    The organisation is the sum of its sites, whose holidays differ, or has a model of its own while a site is young.
    """
    series = read_series(services)
    told: list[_Told] = []
    for position, one in enumerate([*series[1:], *series[:1]]):
        if stopping():
            break
        progress(position, len(series), one.place.name)
        sites = [each for each in told if each.state != "young"]
        is_sum = one.site_uuid == ORG and bool(sites) and sum(each.calls for each in sites) >= WHOLE * sum(one.counts)
        told.append(_summed(one, sites) if is_sum else _fitted(one))
        _keep(services, one, told[-1])
    progress(len(told), len(series), "")
    states = [each.state for each in told]
    return FitCounts(*(states.count(state) for state in ("ready", "pooled", "young")))


@dataclass(frozen=True)
class _Told:
    """What one fit gave: its state, the bands by grain, and how many calls it rests on."""

    state: str
    points: dict[str, list[BandPoint]]
    calls: int


def _fitted(one: CallSeries) -> _Told:
    # Imported here because it brings pandas and, once it fits, Prophet: the web process reads only what is stored.
    from core.forecast.model import forecast

    found = forecast(one)
    points = {
        grain: [BandPoint(band.at, band.low, band.expected, band.high) for band in those]
        for grain, those in (("hour", found.hours), ("day", found.days))
    }
    return _Told(found.state, points, sum(one.counts))


def _summed(one: CallSeries, sites: Sequence[_Told]) -> _Told:
    state = "ready" if any(each.state == "ready" for each in sites) else "pooled"
    points = {grain: store.together([each.points[grain] for each in sites]) for grain in ("hour", "day")}
    return _Told(state, points, sum(one.counts))


def _keep(services: Services, one: CallSeries, told: _Told) -> None:
    now = services.clock.now()
    fitted = Fitted(one.site_uuid, one.place.name, one.place.zone, told.state, one.days, now)
    with services.database.write() as session:
        store.keep(session, fitted, told.points, at=now)
