"""What is usual for one user, read from the calls: hours of the week, countries, days, devices, typical ranges."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median

from core.calls.engine import Legs, reading
from core.risk.record import DEVICE, WHO
from core.services import Services

DAYS = 90
USUAL_DAYS = 28
RECENT_DAYS = 7
MOST_LEGS = 50_000
_LONGEST_OFFSET = 14 * 60
_DAY = timedelta(days=1)

_LEGS = f"""
SELECT start_time, site_timezone, direction = 'ORIGINATING', coalesce(international, false), coalesce(far_country, ''),
    coalesce(duration, 0), {DEVICE}
FROM legs ORDER BY start_time DESC LIMIT ?
"""  # noqa: S608 - text of our own


@dataclass(frozen=True)
class UserLeg:
    """One leg of the user; ``local`` is naive, by the clock of the site."""

    at: datetime
    local: datetime
    outbound: bool
    international: bool
    country: str
    seconds: int
    device: str


@dataclass(frozen=True)
class KnownCountry:
    """A country the user called: since when, when last, how often, how many minutes."""

    country: str
    first: datetime
    last: datetime
    calls: int
    minutes: float


@dataclass(frozen=True)
class Device:
    """A device the user's records name: kind of client, its parts, and its MAC address where Webex tells one."""

    name: str
    first: datetime
    last: datetime
    legs: int


@dataclass(frozen=True)
class Range:
    """What a figure of a day usually is over four weeks of active days, and its greatest value this week."""

    figure: str
    middle: float
    upper: float
    most: float
    this_week: float


@dataclass(frozen=True)
class Usual:
    """The pictures of one user; grids are 7 days (Monday first) of 24 hours, values calls made in an hour a week."""

    active_days: int = 0
    usual_hours: list[list[float]] = field(default_factory=list)
    recent_hours: list[list[float]] = field(default_factory=list)
    countries: list[KnownCountry] = field(default_factory=list)
    abroad_minutes: list[tuple[date, float]] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)


def usual(services: Services, user: str) -> Usual:
    """What the calls of the last 90 days tell of a user. Raises ``CallQueryTooLongError``."""
    now = services.clock.now()
    files = services.calls.files(since=(now - DAYS * _DAY).date())
    with reading() as reader:
        rows = reader.rows(_LEGS, Legs(files, f"{WHO} = ?", [user]), [MOST_LEGS])
    return usual_of([_leg(*row) for row in rows], now)


def usual_of(legs: Sequence[UserLeg], now: datetime) -> Usual:
    """As ``usual``, of legs already read."""
    made = [leg for leg in legs if leg.outbound]
    weeks_begin, week_begins = now - (USUAL_DAYS + RECENT_DAYS) * _DAY, now - RECENT_DAYS * _DAY
    before = [leg for leg in made if weeks_begin <= leg.at < week_begins]
    recent = [leg for leg in made if leg.at >= week_begins]
    days = _by_day(before)
    return Usual(
        active_days=len(days),
        usual_hours=_hours(before, USUAL_DAYS / 7),
        recent_hours=_hours(recent, RECENT_DAYS / 7),
        countries=_countries(made),
        abroad_minutes=_abroad(made, now),
        devices=_devices(legs),
        ranges=_ranges(days, _by_day(recent)),
    )


def _leg(
    at: datetime, zone: str | None, outbound: bool, abroad: bool, country: str, seconds: int, device: str
) -> UserLeg:
    try:
        minutes = int(zone or 0)
    except ValueError:
        minutes = 0
    offset = timedelta(minutes=minutes if abs(minutes) <= _LONGEST_OFFSET else 0)
    return UserLeg(at.replace(tzinfo=UTC), at + offset, bool(outbound), bool(abroad), country, seconds, device)


def _hours(legs: Iterable[UserLeg], weeks: float) -> list[list[float]]:
    grid = [[0.0] * 24 for _ in range(7)]
    for leg in legs:
        grid[leg.local.weekday()][leg.local.hour] += 1 / weeks
    return grid


def _countries(legs: Iterable[UserLeg]) -> list[KnownCountry]:
    found: dict[str, list[UserLeg]] = defaultdict(list)
    for leg in legs:
        if leg.international and leg.country:
            found[leg.country].append(leg)
    known = [
        KnownCountry(
            country,
            min(leg.at for leg in those),
            max(leg.at for leg in those),
            len(those),
            sum(leg.seconds for leg in those) / 60,
        )
        for country, those in found.items()
    ]
    return sorted(known, key=lambda each: (-each.calls, each.country))


def _abroad(legs: Iterable[UserLeg], now: datetime) -> list[tuple[date, float]]:
    minutes: dict[date, float] = defaultdict(float)
    for leg in legs:
        if leg.international:
            minutes[leg.local.date()] += leg.seconds / 60
    days = [(now - position * _DAY).date() for position in range(USUAL_DAYS + RECENT_DAYS - 1, -1, -1)]
    return [(day, round(minutes.get(day, 0.0), 1)) for day in days]


def _devices(legs: Iterable[UserLeg]) -> list[Device]:
    found: dict[str, list[datetime]] = defaultdict(list)
    for leg in legs:
        if leg.device:
            found[leg.device].append(leg.at)
    devices = [Device(name.replace("|", " · "), min(at), max(at), len(at)) for name, at in found.items()]
    return sorted(devices, key=lambda device: device.last, reverse=True)


def _by_day(legs: Iterable[UserLeg]) -> dict[date, list[UserLeg]]:
    days: dict[date, list[UserLeg]] = defaultdict(list)
    for leg in legs:
        days[leg.local.date()].append(leg)
    return days


def _ranges(days: dict[date, list[UserLeg]], recent: dict[date, list[UserLeg]]) -> list[Range]:
    ranges = []
    for figure in ("calls", "minutes", "abroad_minutes", "longest_minutes"):
        values = sorted(_figure(figure, legs) for legs in days.values())
        week = max((_figure(figure, legs) for legs in recent.values()), default=0.0)
        upper = values[min(len(values) - 1, int(0.95 * len(values)))] if values else 0.0
        ranges.append(Range(figure, median(values) if values else 0.0, upper, values[-1] if values else 0.0, week))
    return ranges


def _figure(figure: str, legs: Sequence[UserLeg]) -> float:
    if figure == "calls":
        return float(len(legs))
    if figure == "longest_minutes":
        return max(leg.seconds for leg in legs) / 60
    return sum(leg.seconds for leg in legs if figure == "minutes" or leg.international) / 60
