"""Fitting every site's forecast: when it is due, and doing it, one site a transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.forecast import store
from core.forecast.series import CallSeries, read_series
from core.forecast.store import BandPoint, Fitted
from core.services import Services

NIGHT_HOUR_UTC = 8
"""Two to three in the morning at sites in Central America and Colombia."""
LEAST_DAYS = 14
GREW = 5
"""Days by which a history must have grown, while it is being filled, to be worth another fit before the night."""

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
    """Fit the organisation and every site anew; what is done when asked to stop, stays."""
    series = read_series(services)
    states: list[str] = []
    for position, one in enumerate(series):
        if stopping():
            break
        progress(position, len(series), one.place.name)
        states.append(_fit(services, one))
    progress(len(states), len(series), "")
    return FitCounts(*(states.count(state) for state in ("ready", "pooled", "young")))


def _fit(services: Services, one: CallSeries) -> str:
    # Imported here because it brings pandas and, once it fits, Prophet: the web process reads only what is stored.
    from core.forecast.model import forecast

    found = forecast(one)
    now = services.clock.now()
    fitted = Fitted(one.site_uuid, one.place.name, one.place.zone, found.state, one.days, now)
    points = {
        grain: [BandPoint(band.at, band.low, band.expected, band.high) for band in those]
        for grain, those in (("hour", found.hours), ("day", found.days))
    }
    with services.database.write() as session:
        store.keep(session, fitted, points, at=now)
    return found.state
