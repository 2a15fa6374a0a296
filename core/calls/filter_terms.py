"""The table of filter terms: a row for each way to narrow down calls.

A row holds the key in the URL, how its value is read and written, the SQL of one value, and (by its field's name) the
clause in ``core/language/texts/calls_filters.toml``, so that URL, SQL and sentence cannot drift apart.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.errors import InvalidInputError
from core.language import DEFAULT_LANGUAGE, Language, is_text, translate
from core.language.wrong_values import in_words

DEFAULT_LAST = "24h"
ALL_HISTORY = "all"
MOST_VALUES = 50
LONGEST_VALUE = 200
LONGEST_RELATIVE_DAYS = 3660
LONGEST_SECONDS = 31 * 24 * 3600
SHORTEST_BARE_NUMBER = 8
"""Digits from which a number typed with ``+`` is also looked for without it: extensions are shorter."""

RELATIVE = re.compile(r"([1-9][0-9]{0,3})([hd])", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_. -]{1,60}", re.ASCII)
_NUMBER_NOISE = re.compile(r"[\s().\-/\u2010-\u2015]+")
_NUMBER = re.compile(r"\+?[0-9*#]{1,40}", re.ASCII)


def value_label(field: str, value: str, language: Language = DEFAULT_LANGUAGE) -> str:
    """The readable name of a value of ``directions``, ``call_types``, ``countries`` or ``outcomes``.

    Unknown values, and those of other fields, stay as they are.
    """
    key = f"countries.{value}" if field == "countries" else f"calls_filters.{field}.{value.lower()}"
    return translate(key, language) if is_text(key) else value


class InvalidFilterError(InvalidInputError):
    """A parameter of a filter or of a list of calls cannot be used; says why in either language.

    ``problem`` is a key under ``calls_filters.problem``, ``details`` fill its placeholders.
    """

    def __init__(self, field: str, problem: str, **details: Any) -> None:
        self._key = f"calls_filters.problem.{problem}"
        self._details = details
        super().__init__(field=field, problem=translate(self._key, DEFAULT_LANGUAGE, **details))

    def message(self, language: Language = DEFAULT_LANGUAGE) -> str:
        facts = {**self.facts, "problem": translate(self._key, language, **self._details)}
        return translate(f"errors.{self.code}.message", language, **in_words(facts, language))


def number_prefixes(number: str) -> tuple[str, ...]:
    """The spellings under which a typed number or extension is stored.

    Webex keeps E.164 with ``+`` and extensions bare, some sources drop the ``+``; people type ``00`` or ``011`` for it.
    """
    if number.startswith("+"):
        digits = number[1:]
        return (number, digits) if len(digits) >= SHORTEST_BARE_NUMBER else (number,)
    for dialled in ("011", "00"):
        if number.startswith(dialled) and len(number) > len(dialled):
            return (number, "+" + number.removeprefix(dialled))
    return (number, "+" + number)


@dataclass(frozen=True)
class Term:
    """One row of the table: a field of ``CallFilter``, its key in the URL, its SQL and how its value is spelt.

    ``sql`` is the condition for one value with one ``?`` for each place it is bound; ``expand`` gives the values bound
    for one value of the filter; ``parse`` reads the text of a URL and raises ``InvalidInputError``. The clauses stand
    under ``texts``, the names of values under ``labels``, else where ``value_label`` finds them.
    """

    field: str
    key: str
    sql: str
    parse: Callable[[str, str], Any]
    many: bool = False
    expand: Callable[[Any], Sequence[Any]] = lambda value: (value,)
    texts: str = "calls_filters"
    labels: str = ""

    absent = ((), "", None)

    @property
    def can_be_excluded(self) -> bool:
        """Whether "not" makes sense: yes-or-no terms and bounds have opposites of their own."""
        return bool(self.sql) and (self.many or self.field == "number")

    @property
    def is_period(self) -> bool:
        """Whether the term is told at the head of the sentence and not as a clause."""
        return self.field in ("last", "since", "until")

    def each(self, value: Any) -> Sequence[Any]:
        """The alternatives a value of the field holds."""
        return tuple(value) if self.many else (value,)

    def read(self, parts: Sequence[str]) -> Any:
        """The field's value from the texts of a URL."""
        if len(parts) > (MOST_VALUES if self.many else 1):
            raise InvalidFilterError(self.key, "too_many", most=MOST_VALUES if self.many else 1)
        values = [self.parse(self.key, part.strip()) for part in parts]
        return tuple(values) if self.many else values[0]

    def written(self, value: Any) -> list[str]:
        """The texts for a URL; what ``read`` gives back."""
        return [] if value in self.absent else [_text(one) for one in self.each(value)]

    def checked(self, value: Any) -> Any:
        """A value given in Python, brought to the one form that equal filters share."""
        if self.many and isinstance(value, str):
            value = (value,)
        read = self.read(self.written(value))
        return tuple(sorted(set(read))) if self.many else read

    def clause(self, value: Any, language: Language, names: Mapping[str, str]) -> str:
        """The clause of the sentence."""
        if isinstance(value, bool):
            return translate(f"{self.texts}.clause.{self.field}_{'yes' if value else 'no'}", language)
        shown = [self._named(str(one), names) or self.label(str(one), language) for one in self.each(value)]
        return translate(f"{self.texts}.clause.{self.field}", language, values=_either(shown, language))

    def _named(self, value: str, names: Mapping[str, str]) -> str:
        return names.get(f"{self.field}:{value}") or names.get(value, "")

    def label(self, value: str, language: Language) -> str:
        """The readable name of a value."""
        key = f"{self.labels}.{value}"
        return translate(key, language) if self.labels and is_text(key) else value_label(self.field, value, language)


def parts_of(given: str | Sequence[str]) -> list[str]:
    """The texts given for one URL parameter, without blank ones."""
    parts = [given] if isinstance(given, str) else list(given)
    return [part for part in parts if part.strip()]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidFilterError("since", "zone")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def _either(values: Iterable[str], language: Language) -> str:
    *first, last = values
    if not first:
        return last
    word = "or" if language == "en" else "u" if last.lower().startswith(("o", "ho")) else "o"
    return f"{', '.join(first)} {word} {last}"


def parse_text(key: str, text: str) -> str:
    """Printable text of a sane length. Raises ``InvalidFilterError``."""
    if len(text) > LONGEST_VALUE or not text.isprintable():
        raise InvalidFilterError(key, "text", longest=LONGEST_VALUE)
    return text


def _parse_code(key: str, text: str) -> str:
    if not _CODE.fullmatch(text):
        raise InvalidFilterError(key, "code")
    return text


def _parse_upper(key: str, text: str) -> str:
    return _parse_code(key, text).upper()


def parse_lower(key: str, text: str) -> str:
    """A code, in lower case. Raises ``InvalidFilterError``."""
    return _parse_code(key, text).lower()


def _parse_direction(key: str, text: str) -> str:
    direction = text.upper()
    if direction not in ("ORIGINATING", "TERMINATING"):
        raise InvalidFilterError(key, "direction")
    return direction


def _parse_country(key: str, text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{2,3}", text, re.ASCII):
        raise InvalidFilterError(key, "country")
    return text.upper()


def parse_flag(key: str, text: str) -> bool:
    """Yes or no. Raises ``InvalidFilterError``."""
    meanings = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in meanings:
        raise InvalidFilterError(key, "flag")
    return meanings[text.lower()]


def parse_seconds(key: str, text: str) -> int:
    """Whole seconds. Raises ``InvalidFilterError``."""
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or int(text) > LONGEST_SECONDS:
        raise InvalidFilterError(key, "seconds", most=LONGEST_SECONDS)
    return int(text)


def parse_number(key: str, text: str) -> str:
    """A telephone number, an extension, or how one begins. Raises ``InvalidFilterError``."""
    number = _NUMBER_NOISE.sub("", text)
    number = number.rstrip("*") or number
    if not _NUMBER.fullmatch(number):
        raise InvalidFilterError(key, "number")
    return number


def parse_last(key: str, text: str) -> str:
    """A relative period. Raises ``InvalidFilterError``."""
    found = RELATIVE.fullmatch(text.lower())
    if text.lower() == ALL_HISTORY:
        return ALL_HISTORY
    if not found or (found[2] == "d" and int(found[1]) > LONGEST_RELATIVE_DAYS):
        raise InvalidFilterError(key, "last")
    return text.lower()


def parse_instant(key: str, text: str) -> datetime:
    """An instant, aware UTC. Raises ``InvalidFilterError``."""
    try:
        instant = datetime.fromisoformat(text)
        aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidFilterError(key, "instant") from error
    if not 1990 <= aware.year <= 2200:
        raise InvalidFilterError(key, "instant")
    return aware


def naive(instant: datetime) -> tuple[datetime]:
    """An aware instant as tables hold it."""
    return (instant.astimezone(UTC).replace(tzinfo=None),)


def _parse_excluded(key: str, text: str) -> str:
    known = [term.key for term in TERMS if term.can_be_excluded]
    if text.lower() not in known:
        raise InvalidFilterError(key, "excluded", known=", ".join(known))
    return text.lower()


TERMS: tuple[Term, ...] = (
    Term("last", "last", "", parse_last),
    Term("since", "since", "start_time >= ?", parse_instant, expand=naive),
    Term("until", "until", "start_time < ?", parse_instant, expand=naive),
    Term("directions", "direction", "direction = ?", _parse_direction, many=True),
    Term("call_types", "type", "call_type = ?", _parse_upper, many=True),
    Term(
        "number",
        "number",
        "starts_with(calling_number, ?) OR starts_with(called_number, ?) OR starts_with(user_number, ?)",
        parse_number,
        expand=number_prefixes,
    ),
    Term("users", "user", 'user_uuid = ? OR lower("user") = lower(?)', parse_text, many=True),
    Term("sites", "site", "location = ? OR site_uuid = ?", parse_text, many=True),
    Term("countries", "country", "far_country = ?", _parse_country, many=True),
    Term("outcomes", "outcome", "outcome = ?", parse_lower, many=True),
    Term("international", "international", "coalesce(international, false) = ?", parse_flag),
    Term("off_net", "off_net", "coalesce(off_net, false) = ?", parse_flag),
    Term("min_seconds", "min_seconds", "coalesce(duration, 0) >= ?", parse_seconds),
    Term("max_seconds", "max_seconds", "coalesce(duration, 0) <= ?", parse_seconds),
    Term("trunks", "trunk", "inbound_trunk = ? OR outbound_trunk = ?", parse_text, many=True),
    Term("correlation_id", "correlation_id", "correlation_id = ?", parse_text),
    Term("excluded", "not", "", _parse_excluded, many=True),
)
"""Every way to narrow down calls; the order is the order of the sentence."""
