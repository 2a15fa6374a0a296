"""Instants as the viewer reads them: in the person's chosen zone, else the browser's, else UTC."""

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import streamlit as st

from core.ui.text import t

UTC_NAME = "UTC"
COMMON_ZONES = (
    "America/Bogota",
    "America/Costa_Rica",
    "America/Guatemala",
    "America/El_Salvador",
    "America/Denver",
    "America/New_York",
    "America/Mexico_City",
    "Europe/Madrid",
    UTC_NAME,
)
_CHOSEN = "chosen_time_zone"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone() -> ZoneInfo:
    """The viewer's time zone."""
    for name in (st.session_state.get(_CHOSEN), st.context.timezone):
        if name and (found := _zone(name)):
            return found
    return ZoneInfo(UTC_NAME)


def choose_zone(name: str | None) -> None:
    """Show times in this zone from here on in the session; ``None`` goes back to the browser's."""
    st.session_state[_CHOSEN] = name


@cache
def all_zones() -> list[str]:
    """Every zone there is to choose, those of our sites first."""
    return [*COMMON_ZONES, *sorted(available_timezones() - set(COMMON_ZONES))]


def local(instant: datetime) -> datetime:
    """An aware instant in the viewer's zone."""
    return instant.astimezone(zone())


def moment(instant: datetime | None) -> str:
    """Date and time to the second in the viewer's zone, year first."""
    return local(instant).strftime("%Y-%m-%d %H:%M:%S") if instant else t("ui.none")


def to_the_minute(instant: datetime | None) -> str:
    """Date and time to the minute in the viewer's zone, year first."""
    return local(instant).strftime("%Y-%m-%d %H:%M") if instant else t("ui.none")


def shortly(instant: datetime, now: datetime) -> str:
    """The time alone when it is of the viewer's present day, else with the date."""
    seen, today = local(instant), local(now)
    return seen.strftime("%H:%M") if seen.date() == today.date() else seen.strftime("%Y-%m-%d %H:%M")


def distance(instant: datetime | None, now: datetime) -> str:
    """How long ago, or in how long, in one unit."""
    if instant is None:
        return t("ui.none")
    seconds = (now - instant).total_seconds()
    key = "ui.times.ago" if seconds >= 0 else "ui.times.ahead"
    return t(key, span=span(abs(seconds)))


def span(seconds: float) -> str:
    """A length of time in its largest whole unit."""
    whole = round(seconds)
    if whole < _MINUTE:
        return t("ui.times.seconds", n=whole)
    if whole < _HOUR:
        return t("ui.times.minutes", n=whole // _MINUTE)
    if whole < 2 * _DAY:
        return t("ui.times.hours", n=whole // _HOUR)
    return t("ui.times.days", n=whole // _DAY)


def clock_span(seconds: float | None) -> str:
    """A call's length as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    if seconds is None:
        return t("ui.none")
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def start_of_day(instant: datetime, days_before: int = 0) -> datetime:
    """Midnight of the viewer's day that holds ``instant``, or of a day before it."""
    day = local(instant).date() - timedelta(days=days_before)
    return datetime(day.year, day.month, day.day, tzinfo=zone())


def site_time(instant: datetime, offset_minutes: str | None) -> str | None:
    """An instant by the clock of its site, of which Webex tells the offset from UTC in minutes at that moment."""
    try:
        offset = timedelta(minutes=int(offset_minutes or ""))
    except (ValueError, OverflowError):
        return None
    if abs(offset) > timedelta(hours=14):
        return None
    return (instant + offset).strftime("%Y-%m-%d %H:%M:%S")
