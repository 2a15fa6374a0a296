"""The filter of outbound calls: one object gives the address in a URL, the condition in SQL and the sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Self

from sqlalchemy import ColumnElement, or_

from core.asterisk.call_state import Status
from core.calls.filter_terms import InvalidFilterError, parts_of
from core.dialer.vocabulary import SOURCES
from core.errors import InvalidInputError
from core.language import DEFAULT_LANGUAGE, Language, translate
from core.store.models.dialer import OutboundCallRow

ME = "me"
LONGEST_TEXT = 80
MOST_VALUES = 50
STATUSES = tuple(status.value for status in Status)


@dataclass(frozen=True)
class OutboundFilter:
    """Which outbound calls to show, newest first. Frozen and hashable; equal filters give equal URLs.

    The period (``since`` inclusive, ``until`` exclusive, aware UTC) is of when a call was asked for. Within one field
    values are alternatives; fields are combined with "and". ``people`` are names as stored, or ``me`` for who looks;
    ``number`` is the beginning of a number. Raises ``InvalidInputError`` for values that cannot be meant.
    """

    statuses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    number: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        for field, check in _CHECKS.items():
            value = getattr(self, field)
            if field == "number":
                object.__setattr__(self, field, check(value) if value else "")
                continue
            values = tuple(sorted({check(one) for one in ((value,) if isinstance(value, str) else value)}))
            if len(values) > MOST_VALUES:
                raise InvalidFilterError(_KEYS[field], "too_many", most=MOST_VALUES)
            object.__setattr__(self, field, values)
        if self.since and self.until and self.since >= self.until:
            raise InvalidFilterError("until", "period_order")

    def to_query(self) -> dict[str, list[str]]:
        """The URL parameters of this filter; what is not set is left out."""
        query: dict[str, list[str]] = {}
        for field, key in _KEYS.items():
            value = getattr(self, field)
            if value:
                query[key] = [_text(one) for one in (value if isinstance(value, tuple) else (value,))]
        return query

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]]) -> Self:
        """The filter that URL parameters mean; other keys are left alone. Raises ``InvalidInputError``."""
        values: dict[str, Any] = {}
        for field, key in _KEYS.items():
            parts = [part.strip() for part in parts_of(query.get(key, ()))]
            if not parts:
                continue
            if field in _MANY:
                values[field] = tuple(parts[: MOST_VALUES + 1])
            elif field == "number":
                # A plus sign that was not escaped arrives as a space, which is trimmed.
                values[field] = parts[0]
            else:
                values[field] = _instant(key, parts[0])
        return cls(**values)

    @classmethod
    def read_query(cls, query: Mapping[str, str | Sequence[str]]) -> tuple[Self, tuple[InvalidInputError, ...]]:
        """The filter of the usable parameters, and what was wrong with the others, for a page to say."""
        usable: dict[str, str | Sequence[str]] = {}
        problems: list[InvalidInputError] = []
        for key in _KEYS.values():
            if not parts_of(query.get(key, ())):
                continue
            try:
                cls.from_query({**usable, key: query[key]})
                usable[key] = query[key]
            except InvalidInputError as error:
                problems.append(error)
        return cls.from_query(usable), tuple(problems)

    def condition(self, person: str = "") -> list[ColumnElement[bool]]:
        """What a call must meet; ``person`` is the name that ``me`` means."""
        row = OutboundCallRow
        asked: list[ColumnElement[bool]] = []
        if self.statuses:
            asked.append(row.status.in_(self.statuses))
        if self.sources:
            asked.append(row.source.in_(self.sources))
        if self.people:
            asked.append(row.requested_by.in_([person if one == ME else one for one in self.people]))
        if self.number:
            starts = [self.number] if self.number.startswith("+") else [self.number, "+" + self.number]
            asked.append(or_(*(row.number.startswith(start, autoescape=True) for start in starts)))
        if self.since:
            asked.append(row.created_at >= self.since)
        if self.until:
            asked.append(row.created_at < self.until)
        return asked

    def clauses(self, language: Language = DEFAULT_LANGUAGE) -> list[tuple[str, str]]:
        """What is asked besides the period, as (field, clause)."""
        made: list[tuple[str, str]] = []
        for field in _CHECKS:
            value = getattr(self, field)
            values = value if isinstance(value, tuple) else (value,) if value else ()
            if values:
                shown = ", ".join(_label(field, one, language) for one in values)
                made.append((field, translate(f"dialer.clause.{field}", language, values=shown)))
        return made

    def sentence(self, language: Language = DEFAULT_LANGUAGE, zone: tzinfo = UTC) -> str:
        """The filter as one sentence; instants are shown in ``zone``, which is named."""
        clauses = [clause for _, clause in self.clauses(language)]
        return ", ".join([translate("dialer.sentence.head", language), *self._period(language, zone), *clauses]) + "."

    def _period(self, language: Language, zone: tzinfo) -> list[str]:
        if not (self.since or self.until):
            return []
        form = "between" if self.since and self.until else "since" if self.since else "until"
        instants = {"since": self.since, "until": self.until}
        shown = {name: at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for name, at in instants.items() if at}
        return [translate(f"dialer.sentence.{form}", language, zone=str(zone), **shown)]

    def without(self, field: str) -> Self:
        """The same filter with one field no longer asked."""
        changes: dict[str, Any] = {field: getattr(_DEFAULT, field)}
        return replace(self, **changes)

    def within(self, since: datetime, until: datetime) -> Self:
        """The same filter over another period."""
        return replace(self, since=since, until=until)


def _label(field: str, value: str, language: Language) -> str:
    if field == "statuses":
        return translate(f"asterisk.statuses.{value}", language).lower()
    if field == "sources":
        return translate(f"dialer.sources.{value}", language).lower()
    return translate("dialer.me", language) if field == "people" and value == ME else value


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


def _instant(key: str, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidFilterError(key, "instant") from error
    if not 1990 <= aware.year <= 2200:
        raise InvalidFilterError(key, "instant")
    return aware


def _one_of(key: str, known: Sequence[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value.lower() not in known:
            raise InvalidInputError(field=key, problem=value[:40])
        return value.lower()

    return check


def _printable(value: str) -> str:
    if len(value) > LONGEST_TEXT or not value.isprintable():
        raise InvalidFilterError("number", "text", longest=LONGEST_TEXT)
    return value


_KEYS = {
    "statuses": "status", "sources": "source", "people": "by", "number": "number", "since": "since", "until": "until"
}  # fmt: skip
"""Each field and its key in the URL."""

_MANY = ("statuses", "sources", "people")
_CHECKS: dict[str, Callable[[str], str]] = {
    "statuses": _one_of("status", STATUSES),
    "sources": _one_of("source", SOURCES),
    "people": _printable,
    "number": _printable,
}
_DEFAULT = OutboundFilter()
