"""The filter of tickets: one object gives the address in a URL, the condition in SQL and the sentence people read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, bindparam, false, select, text

from core.calls.filter_terms import InvalidFilterError, Term, parse_instant, parse_last, parse_text
from core.calls.term_filter import TermFilter
from core.errors import InvalidInputError
from core.language import DEFAULT_LANGUAGE, Language, translate
from core.store.models.base import Instant
from core.store.models.tickets import TicketRow, TicketWatcherRow
from core.tickets.vocabulary import LINK_KINDS, PRIORITIES, SOURCES, STATES

VIEWS = ("team", "mine", "breaching", "overdue", "all")
"""Open work of everybody; what the reader has or watches; due within ``SOON`` or late; late; ended tickets too."""

SORTS = ("due", "priority", "newest", "changed")
SOON = timedelta(hours=2)
NOBODY = "nobody"
_ESCAPE = "\\"


@dataclass(frozen=True)
class Reader:
    """Who asks and when: what mine, late and relative periods mean. ``now`` is aware, ``person`` a sign-in name."""

    now: datetime
    operator_id: int | None = None
    person: str = ""


def _one_of(known: Sequence[str]) -> Callable[[str, str], str]:
    def parse(key: str, value: str) -> str:
        if value.lower() not in known:
            raise InvalidInputError(field=key, problem=value[:40])
        return value.lower()

    return parse


def _number(key: str, value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise InvalidInputError(field=key, problem=value[:40])
    return str(int(value))


def _operator(key: str, value: str) -> str:
    return NOBODY if value.lower() == NOBODY else _number(key, value)


def _link(key: str, value: str) -> str:
    kind, colon, reference = value.partition(":")
    if not colon or not reference or kind not in LINK_KINDS:
        raise InvalidInputError(field=key, problem=value[:60])
    return parse_text(key, value)


def _words(key: str, value: str) -> str:
    if "\x00" in value:
        raise InvalidFilterError(key, "text", longest=200)
    return parse_text(key, value)


def _as_number(value: str) -> tuple[int]:
    return (0 if value == NOBODY else int(value),)


def _pattern(value: str) -> tuple[str]:
    plain = value.lower().replace(_ESCAPE, _ESCAPE * 2).replace("%", f"{_ESCAPE}%").replace("_", f"{_ESCAPE}_")
    return (f"%{plain}%",)


_HOLDS = " OR ".join(
    f"lower({searched}) LIKE ? ESCAPE '{_ESCAPE}'"
    for searched in ("ticket.title", "ticket.description", "ticket.site", "ticket.requested_by", "'t-' || ticket.id")
)
_IS_TIED = (
    "EXISTS (SELECT 1 FROM ticket_link WHERE ticket_link.ticket_id = ticket.id"
    " AND ticket_link.kind || ':' || ticket_link.reference = ?)"
)
_Term = partial(Term, texts="tickets.filter")

TERMS: tuple[Term, ...] = (
    _Term("view", "view", "", _one_of(VIEWS)),
    _Term("last", "last", "", parse_last),
    _Term("since", "since", "ticket.created_at >= ?", parse_instant),
    _Term("until", "until", "ticket.created_at < ?", parse_instant),
    _Term("states", "state", "ticket.state = ?", _one_of(STATES), many=True, labels="tickets.states"),
    _Term("priorities", "priority", "ticket.priority = ?", _one_of(PRIORITIES), many=True, labels="tickets.priorities"),
    _Term("sources", "source", "ticket.source = ?", _one_of(SOURCES), many=True, labels="tickets.sources"),
    _Term(
        "operators", "operator", "coalesce(ticket.operator_id, 0) = ?", _operator, many=True, expand=_as_number,
        labels="tickets.operators",
    ),
    _Term("clients", "client", "ticket.client_id = ?", _number, many=True, expand=_as_number),
    _Term("sites", "site", "ticket.site = ?", _words, many=True),
    _Term("link", "link", _IS_TIED, _link),
    _Term("words", "q", _HOLDS, _words, expand=_pattern),
    _Term("sort", "sort", "", _one_of(SORTS)),
)  # fmt: skip
"""Every way to narrow down tickets; the order is the order of the sentence."""


@dataclass(frozen=True)
class TicketFilter(TermFilter):
    """Which tickets to show. Frozen and hashable; equal filters give equal URLs.

    ``view`` is one of ``VIEWS``; without ``states`` it shows open work, ``all`` also what has ended, merged tickets
    only when ``states`` names them. Within one field values are alternatives; fields are combined with "and". The
    period is of a ticket's making. ``operators`` are numbers or ``nobody``, ``link`` is ``kind:reference``, ``words``
    are looked for in titles, descriptions, sites and numbers; ``sort`` orders the list and restricts nothing.

    Raises ``InvalidInputError`` for values that cannot be meant.
    """

    TERMS: ClassVar[tuple[Term, ...]] = TERMS
    WORDS: ClassVar[str] = "tickets"

    last: str = "all"
    view: str = "team"
    states: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    link: str = ""
    words: str = ""
    sort: str = "due"

    def to_query(self) -> dict[str, list[str]]:
        """The URL parameters of this filter; what is not set is left out."""
        query = super().to_query()
        for key, usual in (("view", type(self).view), ("sort", type(self).sort)):
            if query.get(key) == [usual]:
                del query[key]
        return query

    def where(self, reader: Reader) -> list[ColumnElement[bool]]:
        """What a ticket must meet for a reader."""
        sql, values = self.resolved(reader.now).condition()
        asked: list[ColumnElement[bool]] = [*_of_view(self.view, reader), *_of_states(self.view, self.states)]
        if values:
            asked.append(_bound(sql, values))
        return asked

    def sentence(
        self, language: Language = DEFAULT_LANGUAGE, zone: tzinfo = UTC, names: Mapping[str, str] | None = None
    ) -> str:
        """The filter as one sentence; instants are shown in ``zone``, which is named."""
        head = translate(f"tickets.views.{self.view}", language)
        period = [] if self.last == "all" else [self._period(language, zone)]
        return ", ".join([head, *period, *(clause for _, clause in self.clauses(language, names))]) + "."


def _bound(sql: str, values: Sequence[Any]) -> ColumnElement[bool]:
    """A condition with question marks and its values, as SQLAlchemy binds them on either database."""
    head, *parts = sql.split("?")
    named = head + "".join(f":asked_{number}{part}" for number, part in enumerate(parts))
    binds = [
        bindparam(f"asked_{number}", value, type_=Instant() if isinstance(value, datetime) else None)
        for number, value in enumerate(values)
    ]
    return and_(text(f"({named})").bindparams(*binds))


def _of_view(view: str, reader: Reader) -> list[ColumnElement[bool]]:
    if view == "mine":
        watched = select(TicketWatcherRow.ticket_id).where(TicketWatcherRow.person == reader.person.lower())
        own = TicketRow.operator_id == reader.operator_id if reader.operator_id is not None else false()
        return [own | TicketRow.id.in_(watched)]
    if view == "breaching":
        return [TicketRow.is_open.is_(True), TicketRow.due_at < reader.now + SOON]
    if view == "overdue":
        return [TicketRow.is_open.is_(True), TicketRow.due_at < reader.now]
    return []


def _of_states(view: str, states: Sequence[str]) -> list[ColumnElement[bool]]:
    if states:
        return []
    return [TicketRow.state != "merged"] if view == "all" else [TicketRow.is_open.is_(True)]
