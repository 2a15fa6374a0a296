"""How people read values: numbers as their language writes them, instants by the clock of their zone."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Any

from core.language import Language, translate
from core.language.numbers import number
from core.reports.document import Column, Kind
from core.reports.periods import Period

NOTHING = "–"


def spelt(value: Any, kind: Kind, language: Language, zone: tzinfo) -> str:
    """A value of a kind as people read it; what is not there is a dash."""
    if value is None or value == "":
        return NOTHING
    if kind in ("text", "day") or isinstance(value, str):
        return value.isoformat() if isinstance(value, date) else str(value)
    if kind == "instant":
        return moment(value, zone)
    if kind == "flag":
        return translate("reports.yes" if value else "reports.no", language)
    if kind == "share":
        return f"{number(value * 100, 1, language)} %"
    if kind == "seconds":
        return length(value)
    decimals = {"money": 2, "number": 1}.get(kind, 0)
    return number(value, decimals, language)


def cell(value: Any, column: Column, language: Language, zone: tzinfo) -> str:
    """A cell of a table as people read it."""
    if column.words is not None and value not in (None, ""):
        return column.words(value)
    return spelt(value, column.kind, language, zone)


def moment(at: datetime, zone: tzinfo) -> str:
    """Date and time to the second, year first."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def length(seconds: float) -> str:
    """A length of time as ``h:mm:ss``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def length_in_words(seconds: float) -> str:
    """A length of time with its units, for where no heading tells them: ``30 h 49 min``, ``12 min``, ``40 s``."""
    if seconds < 60:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def stretch(period: Period, language: Language) -> str:
    """A period in words within a sentence, by its own clock: days where it is of whole days."""
    return _stretch(period, language, "stretch")


def span(period: Period, language: Language) -> str:
    """The same where it stands alone, as in a title."""
    return _stretch(period, language, "span")


def _stretch(period: Period, language: Language, form: str) -> str:
    begin, end = (at.astimezone(period.clock) for at in (period.since, period.until))
    if begin.strftime("%H%M%S") == end.strftime("%H%M%S") == "000000":
        last = date.fromordinal(end.date().toordinal() - 1)
        key = "day" if last == begin.date() else "days"
        return translate(f"reports.{form}.{key}", language, since=begin.date(), until=last, zone=period.zone)
    told = {"since": begin.strftime("%Y-%m-%d %H:%M"), "until": end.strftime("%Y-%m-%d %H:%M")}
    return translate(f"reports.{form}.times", language, zone=period.zone, **told)


def label(at: datetime | str, period: Period) -> str:
    """What stands below a bar: the hour, the day or the month by the clock of the period."""
    if isinstance(at, str):
        return at
    form = {"hour": "%H:%M", "day": "%d/%m", "week": "%d/%m", "month": "%m/%Y"}[period.step]
    return at.astimezone(period.clock).strftime(form)


def sentences(clauses: Iterable[str]) -> str:
    """Clauses of a filter as short sentences, one after the other."""
    return " ".join(f"{clause[:1].upper()}{clause[1:]}." for clause in clauses)
