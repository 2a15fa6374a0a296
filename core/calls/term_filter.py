"""A filter made of a table of terms: one object gives the address in a URL, the condition in SQL and the sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, ClassVar, Self

from core.calls.filter_terms import DEFAULT_LAST, RELATIVE, InvalidFilterError, Term, parts_of
from core.errors import InvalidInputError
from core.language import DEFAULT_LANGUAGE, Language, is_text, translate


@dataclass(frozen=True)
class TermFilter:
    """What every filter has: the period, and the ways of writing it. A kind of filter adds fields and their terms.

    The period is either relative (``last``: ``24h``, ``7d``, ``all`` … , kept relative in the URL) or absolute
    (``since`` inclusive, ``until`` exclusive, aware UTC), which wins. Without any it is the last 24 hours. Raises
    ``InvalidInputError`` for values that cannot be meant. A kind of filter may have another period of its own.
    """

    TERMS: ClassVar[tuple[Term, ...]] = ()
    BOUNDS: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Fields of which the first must not be above the second."""

    WORDS: ClassVar[str] = "calls_filters"
    """Under which texts the sentence finds its period."""

    last: str = DEFAULT_LAST
    since: datetime | None = None
    until: datetime | None = None
    excluded: tuple[str, ...] = ()
    """Keys of terms whose values are left out in place of asked for."""

    def __post_init__(self) -> None:
        for term in self.TERMS:
            value = getattr(self, term.field)
            if value not in term.absent:
                object.__setattr__(self, term.field, term.checked(value))
        self._keep_excluded([term.key for term in self.TERMS if self._asks(term)])
        if self.since or self.until:
            object.__setattr__(self, "last", "")
        elif not self.last:
            object.__setattr__(self, "last", type(self).last)
        if self.since and self.until and self.since >= self.until:
            raise InvalidFilterError("until", "period_order")
        for least, most in self.BOUNDS:
            low, high = getattr(self, least), getattr(self, most)
            if low is not None and high is not None and low > high:
                raise InvalidFilterError(most, "seconds_order")

    def _asks(self, term: Term) -> bool:
        value = getattr(self, term.field)
        return bool(term.sql) and not term.is_period and value not in (*term.absent, self._usual(term))

    @classmethod
    def _usual(cls, term: Term) -> Any:
        """What a field holds when nobody asked for anything."""
        return getattr(cls, term.field)

    def _keep_excluded(self, asked: Sequence[str]) -> None:
        """Nothing can be left out that is not named: equal filters stay equal."""
        if self.excluded:
            object.__setattr__(self, "excluded", tuple(key for key in self.excluded if key in asked))

    def to_query(self) -> dict[str, list[str]]:
        """The URL parameters of this filter, for ``urlencode(…, doseq=True)``; what is not set is left out."""
        asked = {term: getattr(self, term.field) for term in self.TERMS}
        query = {term.key: term.written(value) for term, value in asked.items() if value != self._usual(term)}
        return {key: values for key, values in query.items() if values}

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]]) -> Self:
        """The filter that URL parameters mean; other keys are left alone.

        Raises ``InvalidInputError`` naming the first parameter that cannot be used.
        """
        filter_, problems = cls.read_query(query)
        if problems:
            raise problems[0]
        return filter_

    @classmethod
    def read_query(cls, query: Mapping[str, str | Sequence[str]]) -> tuple[Self, tuple[InvalidInputError, ...]]:
        """The filter of the usable parameters, and what was wrong with the others, for a page to say."""
        values: dict[str, Any] = {}
        problems: list[InvalidInputError] = []
        for term in cls.TERMS:
            try:
                parts = parts_of(query.get(term.key, ()))
                if parts:
                    values[term.field] = term.read(parts)
            except InvalidInputError as error:
                problems.append(error)
        while True:
            try:
                return cls(**values), tuple(problems)
            except InvalidInputError as error:
                problems.append(error)
                pair = next((pair for pair in cls.BOUNDS if error.facts["field"] in pair), ("since", "until"))
                values = {field: value for field, value in values.items() if field not in pair}

    def resolved(self, now: datetime) -> Self:
        """The same filter with its relative period turned into instants; ``all`` becomes no bound at all."""
        span = self.relative_span
        if span is None:
            return self
        return replace(self, last="", since=now.astimezone(UTC) - span, until=now.astimezone(UTC))

    @property
    def relative_span(self) -> timedelta | None:
        """How far back a relative period reaches; ``None`` for an absolute one and for all history."""
        found = RELATIVE.fullmatch(self.last)
        if not found:
            return None
        return timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(days=int(found[1]))

    def days(self) -> tuple[date | None, date | None]:
        """First and last UTC day that a resolved filter can touch; ``None`` where it is open."""
        last = self.until - timedelta(microseconds=1) if self.until else None
        return (self.since.date() if self.since else None, last.date() if last else None)

    def condition(self) -> tuple[str, list[Any]]:
        """The SQL condition of a resolved filter over its table and its parameters, in order.

        The text holds only column names of ours and ``?``; it is ``true`` when nothing is asked.
        """
        parts: list[str] = []
        parameters: list[Any] = []
        for term in self.TERMS:
            value = getattr(self, term.field)
            if not term.sql or value in term.absent:
                continue
            alternatives = [bound for one in term.each(value) for bound in term.expand(one)]
            wanted = " OR ".join([term.sql] * len(alternatives))
            parts.append(f"(NOT coalesce({wanted}, false))" if term.key in self.excluded else f"({wanted})")
            parameters += [bound for bound in alternatives for _ in range(term.sql.count("?"))]
        return (" AND ".join(parts) or "true", parameters)

    @property
    def narrows(self) -> bool:
        """Whether anything besides the period is asked."""
        return any(self._asks(term) for term in self.TERMS)

    def clauses(
        self, language: Language = DEFAULT_LANGUAGE, names: Mapping[str, str] | None = None
    ) -> list[tuple[str, str]]:
        """What is asked besides the period, as (field, clause) in the order of the table; for chips and sentences.

        ``names`` gives readable names for identifiers (user and site UUIDs, country codes).
        """
        return [(term.field, self._clause(term, language, names or {})) for term in self.TERMS if self._asks(term)]

    def _clause(self, term: Term, language: Language, names: Mapping[str, str]) -> str:
        clause = term.clause(getattr(self, term.field), language, names)
        return translate("calls_filters.not", language, clause=clause) if term.key in self.excluded else clause

    def sentence(
        self, language: Language = DEFAULT_LANGUAGE, zone: tzinfo = UTC, names: Mapping[str, str] | None = None
    ) -> str:
        """The filter as one sentence; instants are shown in ``zone``, which is named."""
        clauses = [clause for _, clause in self.clauses(language, names)]
        return ", ".join([self._period(language, zone), *clauses]) + "."

    def without(self, field: str) -> Self:
        """The same filter with one field no longer asked."""
        changes: dict[str, Any] = {one.name: one.default for one in fields(self) if one.name == field}
        return replace(self, **changes)

    def bare(self) -> Self:
        """The period alone."""
        return type(self)(last=self.last, since=self.since, until=self.until)

    def within(self, since: datetime, until: datetime) -> Self:
        """The same filter over another, absolute period: what a brush over the histogram sets."""
        return replace(self, last="", since=since, until=until)

    def over_last(self, last: str) -> Self:
        """The same filter over another relative period (``24h``, ``7d``, ``all``)."""
        return replace(self, last=last, since=None, until=None)

    def _period(self, language: Language, zone: tzinfo) -> str:
        known = f"{self.WORDS}.period.{self.last}"
        if self.last and is_text(known):
            return translate(known, language)
        if self.last:
            unit = "last_hours" if self.last.endswith("h") else "last_days"
            return translate(f"{self.WORDS}.period.{unit}", language, count=self.last[:-1])
        form = "between" if self.since and self.until else "since" if self.since else "until"
        shown = {
            name: instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            for name, instant in (("since", self.since), ("until", self.until))
            if instant
        }
        return translate(f"{self.WORDS}.period.{form}", language, zone=str(zone), **shown)
