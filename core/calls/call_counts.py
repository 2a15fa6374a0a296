"""How many calls some legs make, and the totals that pages, routes and the overview tell of them.

What ``conversation`` means as a parameter: the SQL condition of ``core.calls.conversations`` to count by.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.calls.conversations import CALL, CONVERSATION
from core.calls.engine import LegReader, Legs

EXACT_UP_TO = 300_000
"""Legs up to which calls and numbers are counted exactly; beyond, estimated."""

_BITS = 1 << 24
_ANY_LEG = "true"
_ABROAD = "coalesce(international, false)"
_CALLS_OF_LEGS = """
SELECT
    count(correlation_id) + coalesce(sum(legs) FILTER (correlation_id IS NULL), 0)::BIGINT,
    count(correlation_id) FILTER (spoken > 0) + coalesce(sum(spoken) FILTER (correlation_id IS NULL), 0)::BIGINT,
    count(correlation_id) FILTER (abroad > 0) + coalesce(sum(abroad) FILTER (correlation_id IS NULL), 0)::BIGINT
FROM (
    SELECT correlation_id, count(*) AS legs, count_if({conversation}) AS spoken, count_if({abroad}) AS abroad
    FROM legs
    GROUP BY correlation_id
)
"""
"""Grouping by the Correlation ID alone spares reading the Report IDs: a leg without one is a call of its own."""


@dataclass(frozen=True)
class CallCounts:
    """Distinct calls (Correlation IDs) among some legs: all, ``answered`` by a person (with a conversation leg), and
    ``international`` (with an international leg)."""

    calls: int = 0
    answered: int = 0
    international: int = 0


@dataclass(frozen=True)
class CallTotals:
    """Totals of some legs: ``calls``, ``answered`` and ``international`` are those of ``CallCounts``.

    ``talk_seconds`` is the length of the conversations (``core.calls.conversations``), each counted once.
    """

    legs: int
    calls: int
    answered: int
    international: int
    talk_seconds: int

    @property
    def answered_share(self) -> float | None:
        """Answered calls among all calls, 0 to 1; ``None`` without calls."""
        return _share(self.answered, self.calls)

    @property
    def international_share(self) -> float | None:
        """International calls among all calls, 0 to 1; ``None`` without calls."""
        return _share(self.international, self.calls)

    @property
    def talk_minutes(self) -> float:
        """Talk in minutes."""
        return self.talk_seconds / 60


@dataclass(frozen=True)
class CallAggregate(CallTotals):
    """Totals of a filter, over the legs it shows; ``numbers`` are its distinct far numbers.

    Numbers and calls of all three kinds are estimates, right to 0.1 %, when ``approximate``.
    """

    numbers: int
    approximate: bool


def _share(part: int, whole: int) -> float | None:
    """A part of a whole, 0 to 1, also where estimates of both disagree; ``None`` of nothing."""
    return min(1.0, part / whole) if whole else None


def call_counts(reader: LegReader, legs: Legs) -> CallCounts:
    """Distinct calls of ``legs``: exact up to ``EXACT_UP_TO`` legs, then an estimate."""
    count = reader.rows("SELECT count(*) FROM legs", legs)[0][0]
    if count <= EXACT_UP_TO:
        return _exact_calls(reader, legs, CONVERSATION)
    return CallCounts(*_estimates(reader, legs, _calls(CONVERSATION)))


def calls_and_numbers(reader: LegReader, legs: Legs, conversation: str, *, estimated: bool) -> tuple[CallCounts, int]:
    """Distinct calls of ``legs``, and their distinct far numbers."""
    if estimated:
        *calls, numbers = _estimates(reader, legs, [*_calls(conversation), ("far_number", _ANY_LEG)])
        return CallCounts(*calls), numbers
    numbers = reader.rows("SELECT count(DISTINCT far_number) FROM legs", legs)[0][0]
    return _exact_calls(reader, legs, conversation), numbers


def _exact_calls(reader: LegReader, legs: Legs, conversation: str) -> CallCounts:
    return CallCounts(*reader.rows(_CALLS_OF_LEGS.format(conversation=conversation, abroad=_ABROAD), legs)[0])


def _calls(conversation: str) -> list[tuple[str, str]]:
    return [(CALL, _ANY_LEG), (CALL, conversation), (CALL, _ABROAD)]


def _estimates(reader: LegReader, legs: Legs, asked: Sequence[tuple[str, str]]) -> list[int]:
    """How many distinct values each SQL expression has over those ``legs`` that meet its condition, nulls aside.

    Linear counting (Whang, 1990): hashes mark bits, and the share of bits left unmarked tells how many there were.
    With 2^24 bits it is right to 0.1 % up to 50M values, where DuckDB's own estimate strays by 7 %.
    """
    marked = ", ".join(
        f"bit_count(bitstring_agg((hash({value}) % {_BITS})::INTEGER, 0, {_BITS - 1}) "
        f"FILTER ({condition} AND {value} IS NOT NULL))"
        for value, condition in asked
    )
    bits = reader.rows(f"SELECT {marked} FROM legs", legs)[0]
    return [round(-_BITS * math.log1p(-min(found or 0, _BITS - 1) / _BITS)) for found in bits]
