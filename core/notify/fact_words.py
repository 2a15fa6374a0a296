"""The facts of an announcement as people read them: plain, by the clock of the place, numbers as the language does."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.language import DEFAULT_LANGUAGE, Language, is_text, translate
from core.language import numbers as spelt
from core.notify.hours import zone_of

SHOWN = (
    "entity_name", "site_name", "destination", "origin", "calls", "cost", "first_seen", "last_seen", "owner", "verdict",
    "own_due", "resolve_due",
)  # fmt: skip
IN_DIGESTS = ("destination", "origin", "calls", "cost", "last_seen", "own_due", "resolve_due")
"""What a line of a digest tells beside its title, which names who and where."""
LONGEST_LINE = 300
_INSTANTS = ("first_seen", "last_seen", "own_due", "resolve_due")


def facts(
    content: Mapping[str, Any], language: Language, *, subject: str = "", names: Sequence[str] = SHOWN
) -> list[tuple[str, str]]:
    """Label and value of what there is to tell; ``subject`` gives some labels words of its own."""
    told = [(name, _value(name, content, language)) for name in names]
    return [(_label(name, subject, language), value) for name, value in told if value]


def clock_words(moment: datetime, zone: ZoneInfo) -> str:
    """An instant by the clocks of ``zone``, which is named with its distance from UTC: a reader may be elsewhere."""
    local = moment.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    hours, minutes = divmod(abs(round(offset.total_seconds())) // 60, 60)
    away = f", UTC{'−' if offset < timedelta() else '+'}{hours:02d}:{minutes:02d}" if zone.key != "UTC" else ""
    return f"{local:%Y-%m-%d %H:%M} ({zone.key}{away})"


def text_of(content: Mapping[str, Any], name: str) -> str:
    """A plain text of the facts; nothing for one there is in several languages."""
    value = content.get(name)
    return "" if value is None or isinstance(value, Mapping) else plain(str(value))


def in_language(language: Language, value: Any) -> str:
    """A text, of which there may be one for each language."""
    if isinstance(value, Mapping):
        value = value.get(language) or value.get(DEFAULT_LANGUAGE) or ""
    return "" if value is None else plain(str(value))


def plain(text: str) -> str:
    """A text without signs that are not seen, which would turn or hide what stands beside them."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """The same on one line, so that it cannot look like the lines below it; cut where it is too long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _label(name: str, subject: str, language: Language) -> str:
    own = f"notify.facts_of.{subject}.{name}"
    return translate(own if is_text(own) else f"notify.facts.{name}", language)


def _value(name: str, content: Mapping[str, Any], language: Language) -> str:
    value = content.get(name)
    if value in (None, ""):
        return ""
    if name == "cost":
        return f"US$ {spelt.number(value, 2, language)}" if isinstance(value, int | float) else one_line(str(value))
    if name == "calls" and isinstance(value, int | float):
        return spelt.number(value, 0, language)
    if name in _INSTANTS:
        return _local(str(value), text_of(content, "zone"))
    if name == "verdict":
        key = f"notify.verdicts.{value}"
        return translate(key, language) if is_text(key) else one_line(str(value))
    return one_line(in_language(language, value))


def _local(value: str, zone: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return one_line(value)
    return value if moment.tzinfo is None else clock_words(moment, zone_of(zone or "UTC"))
