"""Days and hours as people write them, in the time zone of the place."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import InvalidInputError
from core.language import Language, translate


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises ``InvalidInputError`` for one that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError(field="zone", problem=name[:60]) from error


def at_local(day: date, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    """A clock time of a place as an instant, UTC; a time that a change of clocks leaves out is the one after it."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def day_words(day: date, language: Language, *, with_year: bool = True) -> str:
    """A date in words with its weekday."""
    return translate(
        "visits.days.with_year" if with_year else "visits.days.without_year",
        language,
        weekday=translate(f"visits.weekdays.{day.weekday()}", language),
        day=day.day,
        month=translate(f"visits.months.{day.month}", language),
        year=day.year,
    )


def span_words(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, language: Language) -> str:
    """From when to when by the clocks of ``zone``, which is named with its distance from UTC."""
    begin, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    words = f"{day_words(begin.date(), language)}, {begin:%H:%M}–{end:%H:%M}"
    if end.date() != begin.date():
        words = f"{day_words(begin.date(), language)}, {begin:%H:%M} – {day_words(end.date(), language)}, {end:%H:%M}"
    return f"{words} ({zone.key}, {_from_utc(begin)})"


def _from_utc(moment: datetime) -> str:
    offset = moment.utcoffset() or timedelta()
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    sign = "−" if offset < timedelta() else "+"
    return f"UTC{sign}{hours:02d}:{minutes:02d}"
