"""Local days and hours as detectors see them: a day begins at five in the morning, so that a night is in one piece."""

from datetime import date
from functools import cache

import holidays

DAY_BEGINS = 5 * 3600
"""Local seconds at which a day of the engine begins."""

NIGHT_BEGINS, MORNING_BEGINS = 20, 7
"""Outside these local hours, and on weekends and holidays, most offices are closed."""

EPOCH = date(1970, 1, 1).toordinal()
WEEKDAY, SATURDAY, SUNDAY = 0, 1, 2
HOURS_A_DAY = 24
CELLS = 3 * HOURS_A_DAY
"""Hours of three kinds of day: working days, Saturdays, Sundays with holidays."""


@cache
def public_holidays(country: str, year: int) -> frozenset[int]:
    """Days since 1970 of the public holidays of a country; empty where none are known."""
    if country not in _known_countries():
        return frozenset()
    return frozenset(day.toordinal() - EPOCH for day in holidays.country_holidays(country, years=year))


@cache
def _known_countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


@cache
def kind_of_day(country: str, day: int) -> int:
    """``WEEKDAY``, ``SATURDAY`` or ``SUNDAY`` (also holidays) for a day since 1970."""
    when = date.fromordinal(day + EPOCH)
    if when.weekday() == SUNDAY_OF_WEEK or day in public_holidays(country, when.year):
        return SUNDAY
    return SATURDAY if when.weekday() == SATURDAY_OF_WEEK else WEEKDAY


SATURDAY_OF_WEEK, SUNDAY_OF_WEEK = 5, 6


def is_quiet(kind: int, hour: int) -> bool:
    """Whether an hour of a kind of day lies outside ordinary office hours."""
    return kind != WEEKDAY or hour < MORNING_BEGINS or hour >= NIGHT_BEGINS


def day_name(day: int) -> str:
    """A day since 1970 as ISO 8601."""
    return date.fromordinal(day + EPOCH).isoformat()
