"""Calls by hour and site out of the hourly rollup, gaps filled with zeros, for the models to learn from."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.calls.engine import Legs, reading
from core.calls.rollup import HOURLY_SCHEMA, HourlyCalls, hourly_path
from core.detection import suppression
from core.detection.calendar import EPOCH, SUNDAY, kind_of_day
from core.services import Services
from core.webex import directory

ORG = ""
"""Stands where a site's UUID would: the whole organisation."""
HISTORY_DAYS = 56
HOUR = timedelta(hours=1)
_PAGE = 1000
_SECONDS_TO_READ = 120.0
_COUNTS = "SELECT site_uuid, any_value(location), hour, sum(calls)::BIGINT FROM legs GROUP BY site_uuid, hour"


@dataclass(frozen=True)
class Place:
    """Where a site is: its name, IANA zone (UTC where unknown), country and added days off, as days since 1970."""

    name: str = ""
    zone: str = "UTC"
    country: str = ""
    days_off: frozenset[int] = frozenset()

    def clock(self) -> tzinfo:
        """The zone; UTC for a name that is none."""
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    def kind(self, day: date) -> int:
        """``WEEKDAY``, ``SATURDAY`` or ``SUNDAY`` (holidays too) as in ``core.detection.calendar``."""
        number = day.toordinal() - EPOCH
        return SUNDAY if number in self.days_off else kind_of_day(self.country, number)


@dataclass(frozen=True)
class CallSeries:
    """Calls that began in each hour from ``begin`` (aware UTC) on, the running hour left out."""

    site_uuid: str
    place: Place
    begin: datetime
    counts: tuple[int, ...]

    @property
    def days(self) -> float:
        """How many days of history there are."""
        return len(self.counts) / 24

    def hours(self) -> Iterator[tuple[datetime, int]]:
        """Each hour with its calls."""
        return ((self.begin + HOUR * position, count) for position, count in enumerate(self.counts))

    def by_day(self) -> Iterator[tuple[datetime, int]]:
        """Each whole UTC day with its calls."""
        totals: dict[datetime, list[int]] = defaultdict(list)
        for at, count in self.hours():
            totals[at.replace(hour=0)].append(count)
        return ((day, sum(counts)) for day, counts in totals.items() if len(counts) == 24)


def read_series(services: Services) -> list[CallSeries]:
    """The organisation first, then each site, the busiest first; empty without calls."""
    until = services.clock.now().replace(minute=0, second=0, microsecond=0)
    since = until - timedelta(days=HISTORY_DAYS)
    files = HourlyCalls(hourly_path(services.settings), services.clock).files(since.date())
    bound = [since.replace(tzinfo=None), until.replace(tzinfo=None)]
    with reading(_SECONDS_TO_READ) as reader:
        rows = reader.rows(_COUNTS, Legs(files, "hour >= ? AND hour < ?", bound, HOURLY_SCHEMA))
    counts: dict[str, dict[datetime, int]] = defaultdict(dict)
    names: dict[str, str] = {}
    for site, name, hour, calls in rows:
        counts[site or ""][hour.replace(tzinfo=UTC)] = calls
        names[site or ""] = name or ""
    if not counts:
        return []
    places = _places(services)
    sites = sorted(counts, key=lambda site: (-sum(counts[site].values()), site not in places, site))
    series = [_filled(site, places.get(site, Place(names[site])), counts[site], until) for site in sites if site]
    whole: dict[datetime, int] = defaultdict(int)
    for by_hour in counts.values():
        for hour, calls in by_hour.items():
            whole[hour] += calls
    largest = places.get(sites[0], Place())
    return [_filled(ORG, Place("", largest.zone, largest.country, largest.days_off), whole, until), *series]


def _filled(site: str, place: Place, by_hour: Mapping[datetime, int], until: datetime) -> CallSeries:
    begin = min(by_hour)
    length = int((until - begin) / HOUR)
    return CallSeries(site, place, begin, tuple(by_hour.get(begin + HOUR * position, 0) for position in range(length)))


def _places(services: Services) -> dict[str, Place]:
    with services.database.read() as session:
        added = suppression.listed_days_off(session)
    everywhere = frozenset(row.day.toordinal() - EPOCH for row in added if not row.site_uuid)
    places: dict[str, Place] = {}
    after: tuple[str, str] | None = None
    while page := directory.locations(services.database, after=after, limit=_PAGE):
        for row in page:
            own = frozenset(off.day.toordinal() - EPOCH for off in added if off.site_uuid == row.uuid)
            places[row.uuid] = Place(row.name, row.time_zone or "UTC", row.country, everywhere | own)
        after = (page[-1].name, page[-1].uuid)
    return places
