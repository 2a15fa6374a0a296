"""The filter of outbound calls: one object gives the address in a URL, the condition in SQL and the sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import partial
from typing import ClassVar

from sqlalchemy import ColumnElement

from core.asterisk.call_state import Status
from core.calls.filter_terms import Term, parse_instant, parse_text
from core.calls.filter_values import beginning, begins, one_of
from core.calls.term_filter import TermFilter
from core.dialer.vocabulary import SOURCES
from core.language import DEFAULT_LANGUAGE, Language, translate
from core.store.bound_sql import bound

ME = "me"
STATUSES = tuple(status.value for status in Status)


def _beginnings(number: str) -> Sequence[str]:
    """A plus sign that was not escaped in an address arrives as a space, which is trimmed."""
    typed = [number] if number.startswith("+") else [number, f"+{number}"]
    return [pattern for one in typed for pattern in beginning(one)]


_TEXTS = "dialer"
_Term = partial(Term, texts=_TEXTS)

TERMS: tuple[Term, ...] = (
    _Term("since", "since", "outbound_call.created_at >= ?", parse_instant),
    _Term("until", "until", "outbound_call.created_at < ?", parse_instant),
    _Term("statuses", "status", "outbound_call.status = ?", one_of(STATUSES), many=True, labels="asterisk.statuses"),
    _Term("sources", "source", "outbound_call.source = ?", one_of(SOURCES), many=True, labels="dialer.sources"),
    _Term("people", "by", "outbound_call.requested_by = ?", parse_text, many=True, labels="dialer.people"),
    _Term("number", "number", begins("outbound_call.number"), parse_text, expand=_beginnings),
)
"""Every way to narrow down outbound calls; the order is the order of the sentence."""


@dataclass(frozen=True)
class OutboundFilter(TermFilter):
    """Which outbound calls to show, newest first. Frozen and hashable; equal filters give equal URLs.

    The period (``since`` inclusive, ``until`` exclusive, aware UTC) is of when a call was asked for. Within one field
    values are alternatives; fields are combined with "and". ``people`` are names as stored, or ``me`` for who looks;
    ``number`` is the beginning of a number. Raises ``InvalidInputError`` for values that cannot be meant.
    """

    TERMS: ClassVar[tuple[Term, ...]] = TERMS
    WORDS: ClassVar[str] = _TEXTS

    last: str = ""
    statuses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    number: str = ""

    def where(self, person: str = "") -> list[ColumnElement[bool]]:
        """What a call must meet; ``person`` is the name that ``me`` means."""
        people = tuple(person if one == ME and person else one for one in self.people)
        return [bound(*replace(self, people=people).condition())]

    def sentence(
        self, language: Language = DEFAULT_LANGUAGE, zone: tzinfo = UTC, names: Mapping[str, str] | None = None
    ) -> str:
        """The filter as one sentence; instants are shown in ``zone``, which is named."""
        period = [self._period(language, zone)] if self.since or self.until else []
        clauses = [clause for _, clause in self.clauses(language, names)]
        return ", ".join([translate("dialer.sentence.head", language), *period, *clauses]) + "."
