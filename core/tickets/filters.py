"""The filter of tickets: one object gives the address in a URL, the condition in SQL and the sentence people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import ClassVar

from sqlalchemy import ColumnElement, false, select

from core.calls.filter_terms import InvalidFilterError, Term, parse_instant, parse_last, parse_text
from core.calls.filter_values import containing, holds, one_of, row_number
from core.calls.term_filter import TermFilter
from core.errors import InvalidInputError
from core.language import DEFAULT_LANGUAGE, Language, translate
from core.store.bound_sql import bound
from core.store.models.tickets import TicketRow, TicketWatcherRow
from core.tickets.vocabulary import LINK_KINDS, PRIORITIES, SOURCES, STATES

VIEWS = ("team", "mine", "breaching", "overdue", "all")
"""Open work of everybody; what the reader has or watches; due within ``SOON`` or late; late; ended tickets too."""

SORTS = ("due", "priority", "newest", "changed")
SOON = timedelta(hours=2)
NOBODY = "nobody"


@dataclass(frozen=True)
class Reader:
    """Who asks and when: what mine, late and relative periods mean. ``now`` is aware, ``person`` a sign-in name."""

    now: datetime
    operator_id: int | None = None
    person: str = ""


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


_SEARCHED = ("ticket.title", "ticket.description", "ticket.site", "ticket.requested_by", "'t-' || ticket.id")
_IS_TIED = (
    "EXISTS (SELECT 1 FROM ticket_link WHERE ticket_link.ticket_id = ticket.id"
    " AND ticket_link.kind || ':' || ticket_link.reference = ?)"
)
_Term = partial(Term, texts="tickets.filter")

TERMS: tuple[Term, ...] = (
    _Term("view", "view", "", one_of(VIEWS)),
    _Term("last", "last", "", parse_last),
    _Term("since", "since", "ticket.created_at >= ?", parse_instant),
    _Term("until", "until", "ticket.created_at < ?", parse_instant),
    _Term("states", "state", "ticket.state = ?", one_of(STATES), many=True, labels="tickets.states"),
    _Term("priorities", "priority", "ticket.priority = ?", one_of(PRIORITIES), many=True, labels="tickets.priorities"),
    _Term("sources", "source", "ticket.source = ?", one_of(SOURCES), many=True, labels="tickets.sources"),
    _Term(
        "operators", "operator", "coalesce(ticket.operator_id, 0) = ?", row_number(NOBODY), many=True,
        expand=_as_number, labels="tickets.operators",
    ),
    _Term("clients", "client", "ticket.client_id = ?", row_number(), many=True, expand=_as_number),
    _Term("sites", "site", "ticket.site = ?", _words, many=True),
    _Term("link", "link", _IS_TIED, _link),
    _Term("words", "q", holds(*_SEARCHED), _words, expand=containing),
    _Term("sort", "sort", "", one_of(SORTS)),
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

    def where(self, reader: Reader) -> list[ColumnElement[bool]]:
        """What a ticket must meet for a reader."""
        sql, values = self.resolved(reader.now).condition()
        asked: list[ColumnElement[bool]] = [*_of_view(self.view, reader), *_of_states(self.view, self.states)]
        if values:
            asked.append(bound(sql, values))
        return asked

    def sentence(
        self, language: Language = DEFAULT_LANGUAGE, zone: tzinfo = UTC, names: Mapping[str, str] | None = None
    ) -> str:
        """The filter as one sentence; instants are shown in ``zone``, which is named."""
        head = translate(f"tickets.views.{self.view}", language)
        period = [] if self.last == "all" else [self._period(language, zone)]
        return ", ".join([head, *period, *(clause for _, clause in self.clauses(language, names))]) + "."


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
