"""The filter of visits: one object gives the address in a URL, the condition in SQL and the sentence people read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, or_

from core.calls.filter_terms import InvalidFilterError, parts_of
from core.errors import InvalidInputError
from core.language import DEFAULT_LANGUAGE, Language, translate
from core.store.models.visits import VisitRow
from core.visits.vocabulary import OVERDUE, SCHEDULED, STATES

ME = "me"
LONGEST_TEXT = 200
MOST_VALUES = 50
SORTS = ("soonest", "latest")
UPCOMING, PAST, ALL = "upcoming", "past", "all"
WHENS = (UPCOMING, PAST, ALL)
_LARGEST_NUMBER = 2**63 - 1
_NOBODY = 0
_ESCAPE = "\\"


@dataclass(frozen=True)
class VisitFilter:
    """Which visits to show. Frozen and hashable; equal filters give equal URLs.

    ``when`` is what has not ended yet, what has, or all of it; with a period or what is overdue it is all. The period
    (``since`` inclusive, ``until`` exclusive, aware UTC) is of a visit's begin. Within one field values are
    alternatives; fields are combined with "and". ``states`` may hold ``overdue``: scheduled, ended, and not said how it
    went. ``operators`` are operators' numbers, or ``me`` for who looks. ``text`` is looked for in titles, clients,
    operators, places and ids; ``sort`` orders the list and restricts nothing.

    Raises ``InvalidInputError`` for values that cannot be meant.
    """

    states: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    text: str = ""
    when: str = UPCOMING
    since: datetime | None = None
    until: datetime | None = None
    sort: str = SORTS[0]

    def __post_init__(self) -> None:
        for field, check in _CHECKS.items():
            value = getattr(self, field)
            if isinstance(value, str) and field in _MANY:
                value = (value,) if value else ()
            if isinstance(value, tuple):
                value = tuple(sorted({check(one) for one in value}))
                if len(value) > MOST_VALUES:
                    raise InvalidFilterError(_KEYS[field], "too_many", most=MOST_VALUES)
            elif value:
                value = check(value)
            object.__setattr__(self, field, value)
        if self.since or self.until or OVERDUE in self.states:
            object.__setattr__(self, "when", ALL)
        if self.since and self.until and self.since >= self.until:
            raise InvalidFilterError("until", "period_order")

    def to_query(self) -> dict[str, list[str]]:
        """The URL parameters of this filter; what is not set is left out."""
        query: dict[str, list[str]] = {}
        for field, key in _KEYS.items():
            value = getattr(self, field)
            if value is not None and value != getattr(_DEFAULT, field):
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
            elif field in ("since", "until"):
                values[field] = _instant(key, parts[0])
            else:
                values[field] = parts[0]
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
                cls.from_query({key: query[key]})
                usable[key] = query[key]
            except InvalidInputError as error:
                problems.append(error)
        try:
            return cls.from_query(usable), tuple(problems)
        except InvalidInputError as error:
            rest = {key: value for key, value in usable.items() if key not in ("since", "until")}
            return cls.from_query(rest), (*problems, error)

    def condition(self, now: datetime, me: int | None = None) -> list[ColumnElement[bool]]:
        """What a visit must meet at ``now`` (aware); ``me`` is the number of the operator who looks, if any."""
        asked: list[ColumnElement[bool]] = []
        if self.states:
            asked.append(or_(*(_of_state(state, now) for state in self.states)))
        if self.operators:
            numbers = [me or _NOBODY if one == ME else int(one) for one in self.operators]
            asked.append(VisitRow.operator_id.in_(numbers))
        for values, column in ((self.clients, VisitRow.client_id), (self.tickets, VisitRow.ticket_id)):
            if values:
                asked.append(column.in_([int(one) for one in values]))
        if self.sites:
            asked.append(VisitRow.site.in_(self.sites))
        if self.text:
            asked.append(_holds(self.text))
        if self.when != ALL:
            asked.append(VisitRow.ends_at > now if self.when == UPCOMING else VisitRow.ends_at <= now)
        if self.since:
            asked.append(VisitRow.starts_at >= self.since)
        if self.until:
            asked.append(VisitRow.starts_at < self.until)
        return asked

    def clauses(
        self, language: Language = DEFAULT_LANGUAGE, names: Mapping[str, str] | None = None
    ) -> list[tuple[str, str]]:
        """What is asked besides the period, as (field, clause); ``names`` gives operators' and clients' names."""
        made: list[tuple[str, str]] = []
        for field in _CLAUSED:
            value = getattr(self, field)
            if value == getattr(_DEFAULT, field):
                continue
            values = value if isinstance(value, tuple) else (value,)
            shown = ", ".join(_label(field, one, language, names or {}) for one in values)
            made.append((field, translate(f"visits.clause.{field}", language, values=shown)))
        return made

    def sentence(
        self, language: Language = DEFAULT_LANGUAGE, zone: tzinfo = UTC, names: Mapping[str, str] | None = None
    ) -> str:
        """The filter as one sentence; instants are shown in ``zone``, which is named."""
        clauses = [clause for _, clause in self.clauses(language, names)]
        head = translate(f"visits.sentence.{self.when}", language)
        return ", ".join([head, *self._period(language, zone), *clauses]) + "."

    def _period(self, language: Language, zone: tzinfo) -> list[str]:
        if not (self.since or self.until):
            return []
        form = "between" if self.since and self.until else "since" if self.since else "until"
        instants = {"since": self.since, "until": self.until}
        shown = {name: at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for name, at in instants.items() if at}
        return [translate(f"visits.sentence.{form}", language, zone=str(zone), **shown)]

    def without(self, field: str) -> Self:
        """The same filter with one field no longer asked."""
        changes: dict[str, Any] = {field: getattr(_DEFAULT, field)}
        return replace(self, **changes)

    def within(self, since: datetime, until: datetime) -> Self:
        """The same filter over another period."""
        return replace(self, since=since, until=until)


def _of_state(state: str, now: datetime) -> ColumnElement[bool]:
    if state == OVERDUE:
        return and_(VisitRow.state == SCHEDULED, VisitRow.ends_at <= now)
    return VisitRow.state == state


def _holds(text: str) -> ColumnElement[bool]:
    pattern = text.replace(_ESCAPE, _ESCAPE * 2).replace("%", f"{_ESCAPE}%").replace("_", f"{_ESCAPE}_")
    searched = (
        VisitRow.title, VisitRow.client_name, VisitRow.operator_name, VisitRow.place, VisitRow.public_id,
        VisitRow.client_email,
    )  # fmt: skip
    return or_(*(column.ilike(f"%{pattern}%", escape=_ESCAPE) for column in searched))


def _label(field: str, value: str, language: Language, names: Mapping[str, str]) -> str:
    if field == "states":
        return translate(f"visits.states.{value}", language).lower()
    if field == "operators" and value == ME:
        return translate("visits.me", language)
    return names.get(f"{field}:{value}", value)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


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


def _number(key: str, *words: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value in words:
            return value
        if not (value.isascii() and value.isdigit() and 0 < int(value[:20]) <= _LARGEST_NUMBER):
            raise InvalidInputError(field=key, problem=value[:40])
        return str(int(value))

    return check


def _printable(value: str) -> str:
    if len(value) > LONGEST_TEXT or not value.isprintable():
        raise InvalidFilterError("q", "text", longest=LONGEST_TEXT)
    return value


_KEYS = {
    "states": "state", "operators": "operator", "clients": "client", "tickets": "ticket", "sites": "site",
    "text": "q", "when": "when", "since": "since", "until": "until", "sort": "sort",
}  # fmt: skip
"""Each field and its key in the URL."""

_MANY = ("states", "operators", "clients", "tickets", "sites")
_CLAUSED = ("states", "operators", "clients", "tickets", "sites", "text")
_CHECKS: dict[str, Callable[[str], str]] = {
    "states": _one_of("state", (*STATES, OVERDUE)),
    "operators": _number("operator", ME),
    "clients": _number("client"),
    "tickets": _number("ticket"),
    "sites": _printable,
    "text": _printable,
    "when": _one_of("when", WHENS),
    "sort": _one_of("sort", SORTS),
}
_DEFAULT = VisitFilter()
