"""The filter of alerts: one object gives the address in a URL, the condition in SQL and the sentence people read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self

from sqlalchemy import ColumnElement, or_, true

from core.alerts.explain import rule_name
from core.alerts.vocabulary import ENTITY_KINDS, STATES, VERDICTS, checked_type, rank
from core.calls.filter_terms import ALL_HISTORY, RELATIVE, InvalidFilterError, parts_of
from core.errors import InvalidInputError
from core.language import DEFAULT_LANGUAGE, Language, translate
from core.store.models.alerts import AlertRow

OPEN_WORK = "open_work"
"""The state filter that means everything not closed."""

ME, NOBODY = "me", "nobody"
MUTED = ("hide", "only", "all")
SORTS = ("severity", "newest", "cost")
LONGEST_TEXT = 200
MOST_VALUES = 50
_ESCAPE = "\\"


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts to show. Frozen and hashable; equal filters give equal URLs.

    Without ``states`` it is the open work: open and investigating. The period (``last`` such as ``24h``, ``7d``,
    ``all``, or ``since`` inclusive and ``until`` exclusive, aware UTC) is of the instant an alert was raised. Within
    one field values are alternatives; fields are combined with "and". ``owner`` is a name, ``me`` or ``nobody``;
    ``text`` is looked for in names, titles, sites and ids; ``sort`` orders the list and restricts nothing.

    Raises ``InvalidInputError`` for values that cannot be meant.
    """

    states: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    owner: str = ""
    rules: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    entity_kind: str = ""
    entity: str = ""
    verdicts: tuple[str, ...] = ()
    text: str = ""
    muted: str = "hide"
    last: str = ALL_HISTORY
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "severity"

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
        if self.since or self.until:
            object.__setattr__(self, "last", "")
        elif not self.last:
            object.__setattr__(self, "last", ALL_HISTORY)
        if self.since and self.until and self.since >= self.until:
            raise InvalidFilterError("until", "period_order")

    def to_query(self) -> dict[str, list[str]]:
        """The URL parameters of this filter; what is not set is left out."""
        query: dict[str, list[str]] = {}
        for field, key in _KEYS.items():
            value = getattr(self, field)
            if value != getattr(_DEFAULT, field) and value is not None:
                query[key] = [_text(one) for one in (value if isinstance(value, tuple) else (value,))]
        if self.since or self.until:
            query.pop("last", None)
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

    def condition(self, now: datetime, person: str = "") -> list[ColumnElement[bool]]:
        """What an alert must meet at ``now`` (aware), ``person`` being whom ``me`` names. Deleted ones never do."""
        asked: list[ColumnElement[bool]] = [AlertRow.deleted_at.is_(None), _of_states(self.states)]
        if self.muted != "all":
            shown = or_(AlertRow.muted_until.is_(None), AlertRow.muted_until <= now)
            asked.append(shown if self.muted == "hide" else AlertRow.muted_until > now)
        for field, column in _COLUMNS.items():
            value = getattr(self, field)
            if value:
                asked.append(column.in_(value if isinstance(value, tuple) else (value,)))
        if self.rules:
            asked.append(or_(AlertRow.detector.in_(self.rules), AlertRow.alert_type.in_(self.rules)))
        if self.owner:
            asked.append(AlertRow.owner == {ME: person, NOBODY: ""}.get(self.owner, self.owner))
        if self.text:
            asked.append(_holds(self.text))
        since, until = self.period(now)
        if since:
            asked.append(AlertRow.emitted_at >= since)
        if until:
            asked.append(AlertRow.emitted_at < until)
        return asked

    def period(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """First and last instant asked for; ``None`` where it is open."""
        found = RELATIVE.fullmatch(self.last)
        if found:
            span = timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(days=int(found[1]))
            return now - span, None
        return self.since, self.until

    def clauses(self, language: Language = DEFAULT_LANGUAGE) -> list[tuple[str, str]]:
        """What is asked besides states and period, as (field, clause), for chips and sentences."""
        made: list[tuple[str, str]] = []
        for field in _CLAUSED:
            value = getattr(self, field)
            if value == getattr(_DEFAULT, field):
                continue
            values = value if isinstance(value, tuple) else (value,)
            shown = ", ".join(_label(field, one, language) for one in values)
            made.append((field, translate(f"alerts.clause.{field}", language, values=shown)))
        return made

    def sentence(self, language: Language = DEFAULT_LANGUAGE, zone: tzinfo = UTC) -> str:
        """The filter as one sentence; instants are shown in ``zone``, which is named."""
        states = self.states or (OPEN_WORK,)
        shown = ", ".join(translate(f"alerts.states_asked.{state}", language) for state in states)
        head = translate("alerts.sentence.head", language, states=shown)
        return (
            ", ".join([head, *self._period_words(language, zone), *(text for _, text in self.clauses(language))]) + "."
        )

    def _period_words(self, language: Language, zone: tzinfo) -> list[str]:
        if self.last == ALL_HISTORY:
            return []
        if self.last:
            unit = "hours" if self.last.endswith("h") else "days"
            return [translate(f"alerts.sentence.{unit}", language, n=self.last[:-1])]
        form = "between" if self.since and self.until else "since" if self.since else "until"
        instants = {"since": self.since, "until": self.until}
        shown = {
            name: at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for name, at in instants.items() if at is not None
        }
        return [translate(f"alerts.sentence.{form}", language, zone=str(zone), **shown)]

    def without(self, field: str) -> Self:
        """The same filter with one field no longer asked."""
        changes: dict[str, Any] = {field: getattr(_DEFAULT, field)}
        return replace(self, **changes)


def _of_states(states: Sequence[str]) -> ColumnElement[bool]:
    if not states or set(states) == {OPEN_WORK}:
        return AlertRow.is_open.is_(True)
    if set(states) >= set(STATES) or {OPEN_WORK, "resolved"} <= set(states):
        return true()
    if OPEN_WORK in states:
        return AlertRow.is_open.is_(True)
    if list(states) == ["resolved"]:
        return AlertRow.is_open.is_(False)
    if "resolved" not in states:
        return AlertRow.is_open.is_(True) & AlertRow.state.in_(states)
    return AlertRow.state.in_(states)


def _holds(text: str) -> ColumnElement[bool]:
    pattern = text.replace(_ESCAPE, _ESCAPE * 2).replace("%", f"{_ESCAPE}%").replace("_", f"{_ESCAPE}_")
    searched = (
        AlertRow.entity_name, AlertRow.entity, AlertRow.title, AlertRow.site, AlertRow.public_id, AlertRow.alert_type,
        AlertRow.owner,
    )  # fmt: skip
    return or_(*(column.ilike(f"%{pattern}%", escape=_ESCAPE) for column in searched))


def _label(field: str, value: str, language: Language) -> str:
    if field == "rules":
        return rule_name(value, language)
    if field in ("severities", "verdicts", "muted"):
        return translate(f"alerts.{field}.{value}", language)
    if field == "owner" and value in (ME, NOBODY):
        return translate(f"alerts.owners.{value}", language)
    return value


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


def _one_of(field: str, known: Sequence[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value.lower() not in known:
            raise InvalidInputError(field=_KEYS[field], problem=value[:40])
        return value.lower()

    return check


def _severity(value: str) -> str:
    rank(value.lower())
    return value.lower()


def _printable(value: str) -> str:
    if len(value) > LONGEST_TEXT or not value.isprintable():
        raise InvalidFilterError("q", "text", longest=LONGEST_TEXT)
    return value


def _last(value: str) -> str:
    if value.lower() != ALL_HISTORY and not RELATIVE.fullmatch(value.lower()):
        raise InvalidFilterError("last", "last")
    return value.lower()


_KEYS = {
    "states": "state", "severities": "severity", "owner": "owner", "rules": "rule", "sites": "site",
    "entity_kind": "kind", "entity": "entity", "verdicts": "verdict", "text": "q", "muted": "muted", "last": "last",
    "since": "since", "until": "until", "sort": "sort",
}  # fmt: skip
"""Each field and its key in the URL."""

_MANY = ("states", "severities", "rules", "sites", "verdicts")
_CLAUSED = ("severities", "owner", "rules", "sites", "entity", "verdicts", "text", "muted")
_CHECKS: dict[str, Callable[[str], str]] = {
    "states": _one_of("states", (*STATES, OPEN_WORK)),
    "severities": _severity,
    "owner": _printable,
    "rules": checked_type,
    "sites": _printable,
    "entity_kind": _one_of("entity_kind", ENTITY_KINDS),
    "entity": _printable,
    "verdicts": _one_of("verdicts", VERDICTS),
    "text": _printable,
    "muted": _one_of("muted", MUTED),
    "last": _last,
    "sort": _one_of("sort", SORTS),
}
_COLUMNS = {
    "severities": AlertRow.severity,
    "sites": AlertRow.site,
    "entity_kind": AlertRow.entity_kind,
    "entity": AlertRow.entity,
    "verdicts": AlertRow.verdict,
}
_DEFAULT = AlertFilter()
