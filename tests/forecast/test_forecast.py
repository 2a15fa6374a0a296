"""Forecasts hold what is usual, mark what is not, say when they are too young, and leave the past as foretold."""

import math
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.calls.ingest import store_records
from core.calls.rollup import HourlyCalls, hourly_path, roll_up
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.detection import suppression
from core.forecast import fitting, model, store
from core.forecast.series import HOUR, ORG, CallSeries, Place, read_series
from core.forecast.store import BandPoint, Fitted
from core.services import Services
from core.settings import ROOT, Settings
from core.store.engine import Database
from core.store.models.webex import WebexLocation
from jobs.forecast import forecast
from jobs.registry import JobContext
from tests.calls.records import leg, uuid_of
from tests.conftest import NOON

BEGIN = datetime(2026, 10, 1, 5, tzinfo=UTC)
BOGOTA = Place("Bogotá", "America/Bogota", "CO")


def made_series(days: int, level: float = 60, odd: dict[int, int] | None = None) -> CallSeries:
    """Office hours of a Colombian site; ``odd`` sets the count of single hours, counted from the end."""
    draw = random.Random(5)
    counts = []
    for hour in range(24 * days):
        local = (BEGIN + HOUR * hour).astimezone(BOGOTA.clock())
        share = (1.0, 0.3, 0.08)[BOGOTA.kind(local.date())]
        usual = level * math.exp(-((local.hour - 11) ** 2) / 18) * share + 0.2
        counts.append(sum(draw.random() < usual / 300 for _ in range(300)))
    for back, count in (odd or {}).items():
        counts[-back] = count
    return CallSeries("s", BOGOTA, BEGIN, tuple(counts))


def test_a_real_model_follows_hours_weekends_and_holidays() -> None:
    series = made_series(33, odd={30: 400})
    found = model.forecast(series)
    assert found.state == "ready"
    past = dict(series.hours())
    points = [BandPoint(band.at, band.low, band.expected, band.high) for band in found.hours]
    strange = store.outside(points, past, BEGIN + timedelta(days=33))
    assert BEGIN + HOUR * (33 * 24 - 30) in {point.at for point in strange}, "a burst of 400 calls stands out"
    assert len(strange) <= 5, "and of 168 ordinary hours hardly any"
    ahead = [band for band in found.hours if band.at >= BEGIN + timedelta(days=33)]
    assert len(ahead) == 7 * 24
    assert all(0 <= band.low <= band.expected <= band.high for band in found.hours)
    by_hour = {band.at.astimezone(BOGOTA.clock()).strftime("%a %H"): band.expected for band in ahead}
    assert by_hour["Wed 11"] > 40 > 10 > by_hour["Sun 11"]
    assert by_hour["Wed 03"] < 2
    days = {band.at.date().isoformat(): band.expected for band in found.days}
    assert days["2026-11-02"] < 0.3 * days["2026-11-03"], "the Monday of All Saints is a holiday in Colombia"


def test_a_quiet_site_shares_the_mean_of_like_hours() -> None:
    series = made_series(20, level=4)
    found = model.forecast(series)
    assert found.state == "pooled"
    points = [BandPoint(band.at, band.low, band.expected, band.high) for band in found.hours]
    assert len(store.outside(points, dict(series.hours()), BEGIN + timedelta(days=20))) <= 6
    noon = next(band for band in found.hours if band.at.astimezone(BOGOTA.clock()).strftime("%a %H") == "Wed 11")
    assert 2 < noon.expected < 6 < noon.high


def test_a_young_site_says_so() -> None:
    assert model.forecast(made_series(13)) == model.Forecast("young")


@pytest.mark.parametrize("count", [0, 1, 5, 1000])
def test_the_transformation_comes_back(count: int) -> None:
    assert model.count_of(model.anscombe(count)) == pytest.approx(count)


def test_only_fitting_loads_prophet() -> None:
    code = "import sys, core.forecast.store, core.forecast.fitting, jobs.forecast; print('prophet' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=170)
    assert done.stdout.strip() == "False", done.stderr


@pytest.fixture
def services(settings: Settings, database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Three calls a working hour at two sites for three weeks."""
    opened = Services(settings, clock, database, CallTable(settings.calls_path))
    legs, number = [], 0
    for hour in range(1, 21 * 24):
        at = NOON - timedelta(hours=hour)
        for site in ("Bogotá", "Centro") if 12 <= at.hour < 22 else ():
            number += 1
            legs.append(leg(number, start=at + timedelta(minutes=5), Site_UUID=uuid_of(site), Location=site))
    store_records(opened, legs, source="import", origin="weeks")
    roll_up(opened.calls, HourlyCalls(hourly_path(settings), clock))
    with database.write() as session:
        row = WebexLocation(
            uuid=uuid_of("Bogotá"), webex_id="l", name="Bogotá", time_zone="America/Bogota", country="CO",
            changed_at=NOON,
        )  # fmt: skip
        session.add(row)
    return opened


def test_series_fill_gaps_and_know_their_place(services: Services) -> None:
    with services.database.write() as session:
        day = NOON.date() + timedelta(days=3)
        suppression.add_day_off(session, site_uuid="", day=day, name="x", actor="ana", at=NOON)
    whole, *sites = read_series(services)
    assert (whole.site_uuid, len(sites), sum(whole.counts)) == (ORG, 2, 2 * sum(sites[0].counts))
    assert {0, 2} == set(whole.counts)
    bogota = next(one for one in sites if one.place.name == "Bogotá")
    assert bogota.place.kind(day) == 2, "an added day off is a free day"
    assert next(one for one in sites if one is not bogota).place.zone == "UTC"


def test_the_job_fits_when_due_and_once_a_night(services: Services) -> None:
    assert isinstance(services.clock, SteppedClock)
    told: list[tuple[int, int | None, str]] = []
    first = forecast(JobContext(services, progress=lambda *args: told.append(args)))
    assert first == {"ready": 0, "pooled": 3, "young": 0}
    assert told[-1] == (3, 3, "")
    assert forecast(JobContext(services)) == {}
    services.clock.step(86_400)
    assert forecast(JobContext(services)) != {}
    assert forecast(JobContext(services, arguments={"now": True})) != {}
    with services.database.read() as session:
        whole = store.fit_of(session)
        assert [fit.site for fit in store.fits(session)] == ["", "Bogotá", "Centro"]
        points = store.bands(session, ORG, "hour", NOON, NOON + timedelta(days=2))
    assert whole is not None
    assert whole.time_zone == "America/Bogota"
    assert len(points) == 48
    assert max(point.expected for point in points) == pytest.approx(2, abs=0.3)
    until = NOON + timedelta(days=2)
    with services.database.read() as session:
        sites = [store.bands(session, fit.site_uuid, "hour", NOON, until) for fit in store.fits(session)]
    assert [point.expected for point in points] == pytest.approx(
        [sum(site.expected for site in each) for each in zip(*sites[1:], strict=True)]
    ), "the organisation is the sum of its sites"


def test_nothing_is_fitted_without_history(settings: Settings, sqlite_database: Database, clock: SteppedClock) -> None:
    empty = Services(settings, clock, sqlite_database, CallTable(settings.calls_path))
    assert not fitting.is_due(empty)
    assert forecast(JobContext(empty, arguments={"now": True})) == {"ready": 0, "pooled": 0, "young": 0}


def point(hours: float, expected: float) -> BandPoint:
    return BandPoint(NOON + timedelta(hours=hours), expected / 2, expected, expected * 2)


def test_the_past_stays_as_it_was_foretold(database: Database) -> None:
    def fitted(at: datetime) -> Fitted:
        return Fitted("s", "Site", "UTC", "ready", 20.0, at)

    with database.write() as session:
        store.keep(session, fitted(NOON), {"hour": [point(0, 5), point(1, 6), point(2, 7)]}, at=NOON)
    later = NOON + timedelta(hours=1)
    with database.write() as session:
        fresh = {"hour": [point(-1, 90), point(0, 90), point(1, 60), point(2, 70)]}
        store.keep(session, fitted(later), fresh, at=later)
    with database.read() as session:
        found = store.bands(session, "s", "hour", NOON - timedelta(days=1), NOON + timedelta(days=1))
    assert [band.expected for band in found] == [90, 5, 60, 70]


def test_a_day_is_compared_hour_by_hour() -> None:
    points = [point(hour, 10) for hour in range(24)]
    calls = {NOON + timedelta(hours=hour): 12 for hour in range(6)} | {NOON - HOUR: 99}
    now = NOON + timedelta(hours=5, minutes=30)
    found = store.expectation(points, calls, now, NOON)
    assert found is not None
    assert (found.so_far, found.expected_so_far, found.expected_by_end) == (72, 55, 240)
    assert found.share == pytest.approx(72 / 55)
    assert store.expectation(points[:-1], calls, now, NOON) is None
    strange = store.outside(points, {NOON: 12, NOON + HOUR: 25, NOON + 2 * HOUR: 0}, NOON + 2 * HOUR)
    assert [one.at for one in strange] == [NOON + HOUR]
