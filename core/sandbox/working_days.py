"""Which days are quiet, and who is there: holidays and bridges by country, leave, illness, travel, hirings."""

from datetime import date, timedelta
from functools import cache

import holidays

from core.sandbox.randomness import share, stream
from core.sandbox.world import ORIGIN, Campaign, Person, Site, World

HOLIDAY = 0.07
BRIDGE = 0.55
EVE = 0.4
HOLY_WEEK = 0.6
GROWTH_A_YEAR = 0.08


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a country, from the ``holidays`` package."""
    return frozenset(holidays.country_holidays(country, years=year))


@cache
def openness(country: str, day: date) -> float:
    """How much of a working day this is for business in ``country``, weekends left aside: 1 is ordinary.

    Bridges between a holiday and a weekend, the eves of the year's end and Holy Week are quiet too, although no
    list of holidays names them.
    """
    if is_holiday(country, day):
        return HOLIDAY
    if (day.month, day.day) in {(12, 24), (12, 31)}:
        return EVE
    if _is_bridge(country, day):
        return BRIDGE
    if (
        country != "US"
        and any(is_holiday(country, day + timedelta(days=ahead)) for ahead in (1, 2))
        and day.month in (3, 4)
    ):
        return HOLY_WEEK
    return 1.0


def is_holiday(country: str, day: date) -> bool:
    """Whether ``day`` is a public holiday in ``country``."""
    return day in public_holidays(country, day.year)


def _is_bridge(country: str, day: date) -> bool:
    if day.weekday() == 0:
        return is_holiday(country, day + timedelta(days=1))
    return day.weekday() == 4 and is_holiday(country, day - timedelta(days=1))


def growth(day: date) -> float:
    """Slow growth of all traffic, counted from the world's origin."""
    return float(max(0.7, 1 + GROWTH_A_YEAR * (day - ORIGIN).days / 365))


def site_level(seed: int, site: Site, day: date) -> float:
    """What a whole site has in common on a day: some days are busier for everybody."""
    return stream(seed, "site day", site.index, day).gammavariate(30, 1 / 30)


def is_employed(person: Person, day: date) -> bool:
    """Whether the person works here on ``day``."""
    return (person.joined is None or person.joined <= day) and (person.left is None or day < person.left)


def is_on_leave(seed: int, person: Person, day: date) -> bool:
    """Two weeks of vacation a year, and now and then a few days of illness."""
    if not person.is_human:
        return False
    week = int(share(seed, "vacation", person.index, day.year) * 50) + 1
    if day.isocalendar().week in (week, week + 1):
        return True
    return any(_falls_ill(seed, person, day - timedelta(days=back), back) for back in range(3))


def _falls_ill(seed: int, person: Person, day: date, days_ago: int) -> bool:
    coin = share(seed, "illness", person.index, day)
    return coin < 0.006 and days_ago <= int(coin / 0.002)


def journey(seed: int, person: Person, day: date) -> str | None:
    """The country a traveller is in on ``day``, else None: some weeks of the year are spent at another site."""
    if "traveller" not in person.traits:
        return None
    draw = stream(seed, "travel", person.index, day.isocalendar()[:2])
    if draw.random() > 0.16:
        return None
    countries, weights = zip(*person.site.facts.neighbours, strict=True)
    return str(draw.choices(countries, weights)[0])


def attendance(world: World, person: Person, day: date) -> float:
    """How much of an ordinary working day this person makes of ``day``; 0 means not there at all."""
    if not is_employed(person, day) or is_on_leave(world.seed, person, day):
        return 0.0
    open_today = openness(person.site.country, day)
    if day.weekday() >= 5:
        return person.habits.weekend * min(1.0, open_today + 0.3)
    settling = 0.5 if person.joined is not None and (day - person.joined).days < 14 else 1.0
    return open_today * settling


def campaign_of(world: World, person: Person, day: date) -> Campaign | None:
    """The declared campaign that person takes part in on ``day``."""
    return next((c for c in world.campaigns if c.start <= day <= c.end and person.index in c.people), None)
