"""What a list of journeys is narrowed to: one object gives the URL, the SQL and the sentence of all of it."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from core.calls.filter_terms import (
    Term,
    naive,
    number_prefixes,
    parse_flag,
    parse_instant,
    parse_last,
    parse_lower,
    parse_number,
    parse_seconds,
    parse_text,
)
from core.calls.term_filter import TermFilter

_Term = partial(Term, texts="journeys_filters")
_HAS_NUMBER = "len(list_filter(numbers, lambda one: starts_with(one, ?))) > 0"

TERMS: tuple[Term, ...] = (
    _Term("last", "last", "", parse_last),
    _Term("since", "since", "started >= ?", parse_instant, expand=naive),
    _Term("until", "until", "started < ?", parse_instant, expand=naive),
    _Term("directions", "direction", "direction = ?", parse_lower, many=True, labels="journeys.direction"),
    _Term("results", "result", "result = ?", parse_lower, many=True, labels="journeys.result"),
    _Term("queues", "queue", "list_contains(queues, ?)", parse_text, many=True),
    _Term("agents", "agent", "list_contains(agents, ?)", parse_text, many=True),
    _Term("number", "number", _HAS_NUMBER, parse_number, expand=number_prefixes),
    _Term("sites", "site", "location = ? OR site_uuid = ?", parse_text, many=True),
    _Term("trunks", "trunk", "entry = ?", parse_text, many=True),
    _Term("overflowed", "overflowed", "overflowed = ?", parse_flag),
    _Term("min_attendant", "min_attendant", "t_aa >= ?", parse_seconds),
    _Term("min_wait", "min_wait", "t_queue >= ?", parse_seconds),
    _Term("max_wait", "max_wait", "t_queue <= ?", parse_seconds),
    _Term("min_ring", "min_ring", "ring_seconds >= ?", parse_seconds),
    _Term("min_agent", "min_agent", "t_agent >= ?", parse_seconds),
    _Term("min_talk", "min_talk", "talk_seconds >= ?", parse_seconds),
    _Term("max_talk", "max_talk", "talk_seconds <= ?", parse_seconds),
)
"""Every way to narrow down journeys; the order is the order of the sentence."""


@dataclass(frozen=True)
class JourneyFilter(TermFilter):
    """Which calls to show. Frozen and hashable; equal filters give equal URLs.

    Within one field values are alternatives; fields are combined with "and". ``queues`` are names of queues the call
    waited in, ``agents`` UUIDs of people who answered, ``sites`` names or site UUIDs, ``trunks`` where it came in;
    ``number`` is the start of a number or extension of anybody on the call. Times are seconds, bounds included: in
    attendants, in queues, ringing, with our people, of talk. A relative period has to be ``resolved`` before asking.
    """

    TERMS: ClassVar[tuple[Term, ...]] = TERMS
    BOUNDS: ClassVar[tuple[tuple[str, str], ...]] = (("min_wait", "max_wait"), ("min_talk", "max_talk"))

    directions: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    number: str = ""
    sites: tuple[str, ...] = ()
    trunks: tuple[str, ...] = ()
    overflowed: bool | None = None
    min_attendant: int | None = None
    min_wait: int | None = None
    max_wait: int | None = None
    min_ring: int | None = None
    min_agent: int | None = None
    min_talk: int | None = None
    max_talk: int | None = None
