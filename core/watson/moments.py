"""Days, clock times, lengths and periods in words, in Spanish and English, by the clock of a site."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.watson.words import folded

_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("lunes monday", "martes tuesday", "miercoles wednesday", "jueves thursday", "viernes friday",
         "sabado saturday", "domingo sunday")
    )
    for name in names.split()
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("enero january jan ene", "febrero february feb", "marzo march mar", "abril april apr abr", "mayo may",
         "junio june jun", "julio july jul", "agosto august aug ago", "septiembre setiembre september sep sept",
         "octubre october oct", "noviembre november nov", "diciembre december dec dic"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NUMBERS = {
    name: number
    for number, names in enumerate(
        ("", "un una one uno an a", "dos two", "tres three", "cuatro four", "cinco five", "seis six", "siete seven",
         "ocho eight", "nueve nine", "diez ten", "once eleven", "doce twelve")
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_NAME = "|".join(_WEEKDAYS)
_COUNT = r"(\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_CLOCK_COUNT = r"(\d{1,2}|" + "|".join(name for name in sorted(_NUMBERS, key=len, reverse=True) if len(name) > 2) + ")"

_MORNING = re.compile(r"\b(?:de|por|en) la manana\b|\bin the morning\b")
_IN = re.compile(rf"\b(?:en|dentro de|in) {_COUNT} (minutos?|minutes?|horas?|hours?|dias?|days?|semanas?|weeks?)\b")
_ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})(?:/(20\d\d))?\b")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: de| of)? ({_MONTH})\b(?:,?(?: de| del)? (20\d\d))?")
_MONTH_DAY = re.compile(rf"\b({_MONTH})\.? (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (20\d\d))?")
_DAY_ALONE = re.compile(
    r"\b(?:(?:el|dia|del) (\d{1,2})|on the (\d{1,2})(?:st|nd|rd|th))\b(?! ?(?:%|por ciento|piso|[:.]\d))"
)
_NEXT_WEEK = re.compile(
    r"\b(?:next week|week after|(?:proxima|otra) semana|semana (?:que viene|entrante|proxima|siguiente))\b"
)
_WEEKDAY = re.compile(rf"\b({_DAY_NAME})s?\b")
_TIMES = (
    re.compile(r"\b(\d{1,2})(?:[:.](\d{2}))? ?(a\.?m|p\.?m)\b\.?"),
    re.compile(rf"\b(?:a las?|at|las|por las?) {_CLOCK_COUNT}(?:[:.](\d{{2}})| y (media|cuarto))?()\b"),
    re.compile(r"\b(\d{1,2}):(\d{2})()\b"),
    re.compile(r"\b(\d{1,2}) ?h(?:oras|rs)?\b()()"),
)
_PAST = re.compile(rf"\b(half|quarter|\d{{1,2}}|ten|five|twenty) past {_CLOCK_COUNT}\b")
_TO = re.compile(
    r"\b(?:(quarter|\d{1,2}|ten|five|twenty) (?:minutes )?to|(cuarto|quince|diez|cinco|veinte) para las?) "
    rf"{_CLOCK_COUNT}\b"
)
_LESS = re.compile(rf"\blas? {_CLOCK_COUNT} menos (cuarto|diez|cinco|veinte)\b")
_MINUTES = {"half": 30, "quarter": 15, "cuarto": 15, "quince": 15, "diez": 10, "ten": 10, "cinco": 5, "five": 5,
            "veinte": 20, "twenty": 20}  # fmt: skip
_AFTERNOON = re.compile(r"\b(?:de|por) la (?:tarde|noche)\b|\bin the (?:afternoon|evening)\b|\bat night\b")
_NOON = re.compile(r"\b(?:al? )?mediodia\b|\b(?:at )?(?:noon|midday)\b")
_LENGTH = re.compile(
    rf"\b(?:de|por|durante|for|lasting) (?:about |unos |unas )?{_COUNT} "
    r"(minutos?|minutes?|min|horas?|hours?)\b( y media)?"
)
_HALF_HOUR = re.compile(r"\b(?:de|por|durante|for) (?:media hora|half an hour)\b")
_EARLIEST_HOUR = 7
"""An hour below it without "a. m." is one of the afternoon: nobody is visited at three in the morning."""

_PERIODS = (
    ("24h", r"(?:ultimas|last|past) 24 ?(?:horas|hours|hrs?|h)|ultimo dia|last day"),
    ("30d", r"(?:ultimos|last|past) (?:30|treinta|thirty) (?:dias|days)"),
    ("7d", r"(?:ultimos|last|past) (?:7|siete|seven) (?:dias|days)|past week"),
    ("last_quarter", r"(?:el )?(?:ultimo )?trimestre(?: pasado| anterior)?|(?:last|previous) quarter"),
    ("last_week", r"semana (?:pasada|anterior)|ultima semana|(?:last|previous) week"),
    ("this_week", r"(?:esta|la) semana|this week|semana actual"),
    ("last_month", r"mes (?:pasado|anterior)|ultimo mes|(?:last|previous) month"),
    (
        "this_month",
        r"(?:este|el) mes|this month|mes actual|(?:lo que va|lo que llevamos) del mes|month (?:so far|to date)",
    ),
    ("yesterday", r"ayer|yesterday"),
    ("today", r"hoy|today"),
)
_PERIOD = tuple((name, re.compile(rf"\b(?:{pattern})\b")) for name, pattern in _PERIODS)


@dataclass(frozen=True)
class When:
    """A day and a clock time of a place as far as they were said."""

    day: date | None = None
    hour: time | None = None


def when(text: str, now: datetime, zone: ZoneInfo) -> When:
    """The day and time that a text says, ``now`` (aware) being when it was said.

    A weekday is the next one, never today. Day comes before month where both are figures, unless that is no date.
    """
    plain, local = folded(text), now.astimezone(zone)
    counted = _counted(plain, local)
    if counted is not None:
        return counted
    return When(_day(plain, local.date()), _time(plain))


def minutes(text: str) -> int | None:
    """How long something is to take, in minutes."""
    plain = folded(text)
    if _HALF_HOUR.search(plain):
        return 30
    found = _LENGTH.search(plain)
    if found is None:
        return None
    count = _number(found[1])
    return count * 60 + (30 if found[3] else 0) if found[2].startswith("h") else count


def period(text: str) -> str | None:
    """The name of a period of ``core.reports.periods`` that a text says."""
    plain = folded(text)
    return next((name for name, pattern in _PERIOD if pattern.search(plain)), None)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A clock time of a place as an instant, UTC."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _counted(plain: str, local: datetime) -> When | None:
    found = _IN.search(plain)
    if found is None:
        return None
    count, unit = _number(found[1]), found[2]
    if unit.startswith(("min", "h")):
        step = timedelta(minutes=count) if unit.startswith("min") else timedelta(hours=count)
        then = (local.astimezone(UTC) + step).astimezone(local.tzinfo)
        return When(then.date(), then.time().replace(second=0, microsecond=0))
    days = count * (7 if unit.startswith(("sem", "week")) else 1)
    return When(local.date() + timedelta(days=days), _time(plain[: found.start()] + plain[found.end() :]))


def _day(plain: str, today: date) -> date | None:
    plain = _MORNING.sub(" ", plain)
    written = _written(plain, today)
    if written is not None:
        return written
    for days, words in (
        (2, r"pasado manana|(?:the )?day after tomorrow"),
        (1, r"manana|tomorrow"),
        (0, r"hoy|today|esta tarde|this (?:morning|afternoon|evening)|tonight"),
    ):
        if re.search(rf"\b(?:{words})\b", plain):
            return today + timedelta(days=days)
    named = _WEEKDAY.search(plain)
    if named is None:
        return None
    if _NEXT_WEEK.search(plain):
        return today + timedelta(days=7 - today.weekday() + _WEEKDAYS[named[1]])
    return today + timedelta(days=(_WEEKDAYS[named[1]] - today.weekday() - 1) % 7 + 1)


def _written(plain: str, today: date) -> date | None:
    if found := _ISO.search(plain):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _SLASHED.search(plain):
        first, second, year = int(found[1]), int(found[2]), found[3]
        return _coming(second, first, year, today) or _coming(first, second, year, today)
    if found := _DAY_MONTH.search(plain):
        return _coming(_MONTHS[found[2]], int(found[1]), found[3], today)
    if found := _MONTH_DAY.search(plain):
        return _coming(_MONTHS[found[1]], int(found[2]), found[3], today)
    if found := _DAY_ALONE.search(plain):
        return _this_month_or_next(int(found[1] or found[2]), today)
    return None


def _this_month_or_next(day: int, today: date) -> date | None:
    this = _date(today.year, today.month, day)
    if this is not None and this >= today:
        return this
    return _date(today.year + today.month // 12, today.month % 12 + 1, day)


def _coming(month: int, day: int, year: str | None, today: date) -> date | None:
    """That day of the year said, else the next one there is."""
    if year:
        return _date(int(year), month, day)
    this = _date(today.year, month, day)
    return this if this is None or this >= today else _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(plain: str) -> time | None:
    if found := _PAST.search(plain):
        return _clock(_number(found[2]), _minutes_of(found[1]), "", plain)
    if found := _TO.search(plain):
        return _earlier(_clock(_number(found[3]), 0, "", plain), _minutes_of(found[1] or found[2]))
    if found := _LESS.search(plain):
        return _earlier(_clock(_number(found[1]), 0, "", plain), _minutes_of(found[2]))
    for pattern in _TIMES:
        if found := pattern.search(plain):
            groups = [group or "" for group in found.groups()]
            minute = next((int(group) for group in groups[1:] if group.isdigit()), 0)
            minute = 30 if "media" in groups else 15 if "cuarto" in groups else minute
            half = next((group[0] for group in groups[1:] if group[:1] in ("a", "p")), "")
            at = _clock(_number(groups[0]), minute, half, plain)
            if at is not None:
                return at
    return time(12) if _NOON.search(plain) else None


def _clock(hour: int, minute: int, half: str, plain: str) -> time | None:
    if not half and hour <= 12:
        half = "p" if _AFTERNOON.search(plain) else "a" if _MORNING.search(plain) else ""
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    elif not half and 1 <= hour < _EARLIEST_HOUR:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _minutes_of(word: str) -> int:
    return int(word) if word.isdigit() else _MINUTES[word]


def _earlier(at: time | None, minutes_before: int) -> time | None:
    if at is None or minutes_before >= 60:
        return None
    return (datetime.combine(date.min + timedelta(days=1), at) - timedelta(minutes=minutes_before)).time()


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS.get(word, 0)
