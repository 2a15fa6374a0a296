"""One filter of journeys: URL, SQL and sentence tell the same."""

from datetime import UTC, datetime

import pytest

from core.errors import InvalidInputError
from core.journeys.filters import TERMS, JourneyFilter
from core.language import LANGUAGES, is_text

FULL = JourneyFilter(
    since=datetime(2026, 11, 1, tzinfo=UTC),
    until=datetime(2026, 11, 20, tzinfo=UTC),
    directions=("inbound",),
    results=("abandoned_queue", "answered"),
    queues=("Ventas",),
    agents=("a-uuid",),
    number="+5730",
    sites=("Bogotá",),
    trunks=("PSTN",),
    overflowed=True,
    min_attendant=1,
    min_wait=2,
    max_wait=30,
    min_ring=3,
    min_agent=4,
    min_talk=5,
    max_talk=60,
)


def test_the_address_gives_the_filter_back() -> None:
    assert JourneyFilter.from_query(FULL.to_query()) == FULL
    assert JourneyFilter().to_query() == {}
    assert JourneyFilter(last="7d").to_query() == {"last": ["7d"]}


def test_every_term_has_a_clause_in_both_languages() -> None:
    for term in TERMS:
        if term.sql and not term.is_period:
            keys = [f"journeys_filters.clause.{term.field}{end}" for end in ("", "_yes")]
            assert any(map(is_text, keys)), term.field
    for language in LANGUAGES:
        assert len(FULL.clauses(language)) == len(TERMS) - 3


def test_the_sentence_names_results_and_people() -> None:
    asked = JourneyFilter(results=("abandoned_queue",), agents=("a",), min_wait=20)
    assert asked.sentence("en", names={"a": "Ann Mora"}) == (
        "Calls in the last 24 hours, with result Abandoned in the queue, answered by Ann Mora, at least 20 s in queues."
    )
    assert "con resultado Abandonada en la cola" in asked.sentence("es")


def test_bounds_out_of_order_are_told_and_left_out() -> None:
    with pytest.raises(InvalidInputError):
        JourneyFilter(min_wait=5, max_wait=2)
    found, problems = JourneyFilter.read_query({"min_wait": "5", "max_wait": "2", "queue": "Ventas"})
    assert len(problems) == 1
    assert found == JourneyFilter(queues=("Ventas",))


def test_the_period_alone_is_left_when_cleared() -> None:
    assert FULL.bare() == JourneyFilter(since=FULL.since, until=FULL.until)
