"""The filter of visits: one object gives the address in a URL, the condition in SQL and the sentence people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import ClassVar

from sqlalchemy import ColumnElement, and_, or_

from core.calls.filter_terms import Term, parse_instant, parse_text
from core.calls.filter_values import containing, holds, one_of, row_number
from core.calls.term_filter import TermFilter
from core.language import DEFAULT_LANGUAGE, Language, translate
from core.store.bound_sql import bound
from core.store.models.visits import VisitRow
from core.visits.vocabulary import OVERDUE, SCHEDULED, STATES

ME = "me"
SORTS = ("soonest", "latest")
UPCOMING, PAST, ALL = "upcoming", "past", "all"
WHENS = (UPCOMING, PAST, ALL)
_NOBODY = 0
_SEARCHED = ("title", "client_name", "operator_name", "place", "public_id", "client_email")


def _as_number(value: str) -> tuple[int]:
    return (_NOBODY if value == ME else int(value),)


_TEXTS = "visits"
_Term = partial(Term, texts=_TEXTS)
_Numbers = partial(_Term, many=True, expand=_as_number)

TERMS: tuple[Term, ...] = (
    _Term("since", "since", "visit.starts_at >= ?", parse_instant),
    _Term("until", "until", "visit.starts_at < ?", parse_instant),
    _Term("states", "state", "visit.state = ?", one_of((*STATES, OVERDUE)), many=True, labels="visits.states"),
    _Numbers("operators", "operator", "visit.operator_id = ?", row_number(ME), labels="visits.operators"),
    _Numbers("clients", "client", "visit.client_id = ?", row_number()),
    _Numbers("tickets", "ticket", "visit.ticket_id = ?", row_number()),
    _Term("sites", "site", "visit.site = ?", parse_text, many=True),
    _Term("text", "q", holds(*(f"visit.{column}" for column in _SEARCHED)), parse_text, expand=containing),
    _Term("when", "when", "", one_of(WHENS)),
    _Term("sort", "sort", "", one_of(SORTS)),
)
"""Every way to narrow down visits; the order is the order of the sentence."""


@dataclass(frozen=True)
class VisitFilter(TermFilter):
    """Which visits to show. Frozen and hashable; equal filters give equal URLs.

    ``when`` is what has not ended yet, what has, or all of it; with a period or what is overdue it is all. The period
    (``since`` inclusive, ``until`` exclusive, aware UTC) is of a visit's begin. Within one field values are
    alternatives; fields are combined with "and". ``states`` may hold ``overdue``: scheduled, ended, and not said how it
    went. ``operators`` are operators' numbers, or ``me`` for who looks. ``text`` is looked for in titles, clients,
    operators, places and ids; ``sort`` orders the list and restricts nothing.

    Raises ``InvalidInputError`` for values that cannot be meant.
    """

    TERMS: ClassVar[tuple[Term, ...]] = TERMS
    WORDS: ClassVar[str] = _TEXTS

    last: str = ""
    states: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    text: str = ""
    when: str = UPCOMING
    sort: str = SORTS[0]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.since or self.until or OVERDUE in self.states:
            object.__setattr__(self, "when", ALL)

    def where(self, now: datetime, me: int | None = None) -> list[ColumnElement[bool]]:
        """What a visit must meet at ``now`` (aware); ``me`` is the number of the operator who looks, if any."""
        meant = replace(self, states=(), operators=tuple(self._numbers(me)))
        asked = [bound(*meant.condition())]
        if self.states:
            asked.append(or_(*(_of_state(state, now) for state in self.states)))
        if self.when != ALL:
            asked.append(VisitRow.ends_at > now if self.when == UPCOMING else VisitRow.ends_at <= now)
        return asked

    def _numbers(self, me: int | None) -> Sequence[str]:
        return [str(me) if one == ME and me is not None else one for one in self.operators]

    def sentence(
        self, language: Language = DEFAULT_LANGUAGE, zone: tzinfo = UTC, names: Mapping[str, str] | None = None
    ) -> str:
        """The filter as one sentence; instants are shown in ``zone``, which is named."""
        head = translate(f"visits.whens.{self.when}", language)
        period = [self._period(language, zone)] if self.since or self.until else []
        return ", ".join([head, *period, *(clause for _, clause in self.clauses(language, names))]) + "."


def _of_state(state: str, now: datetime) -> ColumnElement[bool]:
    if state == OVERDUE:
        return and_(VisitRow.state == SCHEDULED, VisitRow.ends_at <= now)
    return VisitRow.state == state
