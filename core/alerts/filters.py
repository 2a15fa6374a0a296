"""The filter of alerts: one object gives the address in a URL, the condition in SQL and the sentence people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import ClassVar

from sqlalchemy import ColumnElement, or_, true

from core.alerts.explain import rule_name
from core.alerts.vocabulary import ENTITY_KINDS, STATES, VERDICTS, checked_type
from core.calls.filter_terms import ALL_HISTORY, Term, parse_instant, parse_last, parse_text
from core.calls.filter_values import containing, holds, one_of
from core.calls.term_filter import TermFilter
from core.detection.finding import SEVERITIES
from core.language import DEFAULT_LANGUAGE, Language, translate
from core.store.bound_sql import bound
from core.store.models.alerts import AlertRow

OPEN_WORK = "open_work"
"""The state filter that means everything not closed."""

ME, NOBODY = "me", "nobody"
MUTED = ("hide", "only", "all")
SORTS = ("severity", "newest", "cost")
_SEARCHED = ("entity_name", "entity", "title", "site", "public_id", "alert_type", "owner")


class _Rule(Term):
    """A term whose values are rules, called by their names."""

    def label(self, value: str, language: Language) -> str:
        return rule_name(value, language)


def _owned_by(name: str) -> tuple[str]:
    return ("" if name == NOBODY else name,)


_TEXTS = "alerts"
_Term = partial(Term, texts=_TEXTS)

TERMS: tuple[Term, ...] = (
    _Term("last", "last", "", parse_last),
    _Term("since", "since", "alert.emitted_at >= ?", parse_instant),
    _Term("until", "until", "alert.emitted_at < ?", parse_instant),
    _Term("states", "state", "", one_of((*STATES, OPEN_WORK)), many=True),
    _Term("severities", "severity", "alert.severity = ?", one_of(SEVERITIES), many=True, labels="alerts.severities"),
    _Term("owner", "owner", "alert.owner = ?", parse_text, expand=_owned_by, labels="alerts.owners"),
    _Rule(
        "rules", "rule", "alert.detector = ? OR alert.alert_type = ?", lambda _key, given: checked_type(given),
        many=True, texts=_TEXTS,
    ),
    _Term("sites", "site", "alert.site = ?", parse_text, many=True),
    _Term("entity_kind", "kind", "alert.entity_kind = ?", one_of(ENTITY_KINDS), labels="alerts.entity_kinds"),
    _Term("entity", "entity", "alert.entity = ?", parse_text),
    _Term("verdicts", "verdict", "alert.verdict = ?", one_of(VERDICTS), many=True, labels="alerts.verdicts"),
    _Term("text", "q", holds(*(f"alert.{column}" for column in _SEARCHED)), parse_text, expand=containing),
    _Term("muted", "muted", "", one_of(MUTED)),
    _Term("sort", "sort", "", one_of(SORTS)),
)  # fmt: skip
"""Every way to narrow down alerts; the order is the order of the sentence."""


@dataclass(frozen=True)
class AlertFilter(TermFilter):
    """Which alerts to show. Frozen and hashable; equal filters give equal URLs.

    Without ``states`` it is the open work: open and investigating. The period is of the instant an alert was raised,
    all history where none is given. Within one field values are alternatives; fields are combined with "and".
    ``owner`` is a name, ``me`` or ``nobody``; ``text`` is looked for in names, titles, sites and ids; ``sort`` orders
    the list and restricts nothing.

    Raises ``InvalidInputError`` for values that cannot be meant.
    """

    TERMS: ClassVar[tuple[Term, ...]] = TERMS
    WORDS: ClassVar[str] = _TEXTS

    last: str = ALL_HISTORY
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
    sort: str = "severity"

    def where(self, now: datetime, person: str = "") -> list[ColumnElement[bool]]:
        """What an alert must meet at ``now`` (aware), ``person`` being whom ``me`` names. Deleted ones never do."""
        meant = replace(self, owner=person or NOBODY) if self.owner == ME else self
        asked = [AlertRow.deleted_at.is_(None), _of_states(self.states), bound(*meant.resolved(now).condition())]
        if self.muted != "all":
            shown = or_(AlertRow.muted_until.is_(None), AlertRow.muted_until <= now)
            asked.append(shown if self.muted == "hide" else AlertRow.muted_until > now)
        return asked

    def clauses(
        self, language: Language = DEFAULT_LANGUAGE, names: Mapping[str, str] | None = None
    ) -> list[tuple[str, str]]:
        """What is asked besides states and period, as (field, clause), for chips and sentences."""
        made = super().clauses(language, names)
        if self.muted != type(self).muted:
            made.append(("muted", translate(f"alerts.muted.{self.muted}", language)))
        return made

    def sentence(
        self, language: Language = DEFAULT_LANGUAGE, zone: tzinfo = UTC, names: Mapping[str, str] | None = None
    ) -> str:
        """The filter as one sentence; instants are shown in ``zone``, which is named."""
        states = self.states or (OPEN_WORK,)
        shown = ", ".join(translate(f"alerts.states_asked.{state}", language) for state in states)
        head = translate("alerts.sentence.head", language, states=shown)
        period = [] if self.last == ALL_HISTORY else [self._period(language, zone)]
        return ", ".join([head, *period, *(clause for _, clause in self.clauses(language, names))]) + "."


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
