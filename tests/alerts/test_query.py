"""Lists page by key in every order, filters mean what they say in URL, SQL and words, figures add up."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from core.alerts import query, work
from core.alerts.export import COLUMNS, csv_chunks
from core.alerts.filters import SORTS, AlertFilter
from core.alerts.query import Reader
from core.alerts.receive import receive_drafts
from core.alerts.vocabulary import VERDICTS
from core.alerts.work import Actor, Target
from core.detection.finding import SEVERITIES
from core.errors import InvalidInputError
from core.store.engine import Database
from core.store.models.alerts import AlertRow
from tests.alerts.drafts import draft, legs
from tests.conftest import NOON

READER = Reader(NOON + timedelta(hours=1), "grace@example")
GRACE = Actor("grace@example", NOON)
NAMES = ("ana", "bob", "cid", "=dan", "e_e", "50%")


def many(database: Database, count: int = 57) -> list[AlertRow]:
    """Alerts of all severities over ten days, a third closed with each verdict, some owned."""
    draw = Random(7)
    drafts = [
        draft(
            f"k{n}",
            who=NAMES[n % len(NAMES)],
            severity=SEVERITIES[n % 4],
            evidence=(f"e{n}",),
            at=NOON - timedelta(hours=4 * draw.randrange(60)),
            detector=("international_calls", "mass_dialing")[n % 2],
            cost=float(draw.randrange(5)),
        )
        for n in range(count)
    ]
    with database.write() as session:
        facts = legs(*(f"e{n}" for n in range(count)))
        numbers = [one.alert_id for one in receive_drafts(session, drafts, at=NOON, legs=facts)]
        for place, number in enumerate(numbers):
            if place % 3 == 0:
                work.close(session, Target(number), GRACE, verdict=VERDICTS[place % 4], notes="=1+1")
            elif place % 3 == 1:
                work.assign(session, Target(number), GRACE, owner="grace@example")
    with database.read() as session:
        return [query.one(session, number) for number in numbers]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_meet_every_alert_once_forwards_and_backwards(database: Database, sort: str) -> None:
    rows = many(database)
    wanted = AlertFilter(states=("open_work", "resolved"), sort=sort)
    keys = {
        "severity": lambda row: (row.severity_rank, row.emitted_at, row.id),
        "newest": lambda row: (row.emitted_at, row.id),
        "cost": lambda row: (row.cost, row.id),
    }
    expected = [row.id for row in sorted(rows, key=keys[sort], reverse=True)]
    seen: list[int] = []
    cursor: str | None = None
    pages = []
    with database.read() as session:
        while True:
            page = query.page(session, wanted, READER, cursor=cursor, limit=10)
            pages.append(page)
            seen += [row.id for row in page.rows]
            if (cursor := page.next) is None:
                break
        assert seen == expected
        back = query.page(session, wanted, READER, cursor=pages[-1].previous, limit=10)
        assert [row.id for row in back.rows] == [row.id for row in pages[-2].rows]
        assert pages[0].previous is None
        assert query.count(session, wanted, READER) == len(rows)


FILTERS: list[tuple[dict[str, Any], Any]] = [
    ({}, lambda row: row.is_open),
    ({"states": ("resolved",)}, lambda row: not row.is_open),
    ({"states": ("open", "resolved")}, lambda row: True),
    ({"severities": ("high", "critical")}, lambda row: row.is_open and row.severity_rank >= 2),
    ({"owner": "me"}, lambda row: row.is_open and row.owner == "grace@example"),
    ({"owner": "nobody"}, lambda row: row.is_open and not row.owner),
    ({"rules": ("mass_dialing",)}, lambda row: row.is_open and row.detector == "mass_dialing"),
    ({"sites": ("Bogotá",)}, lambda row: row.is_open),
    ({"sites": ("Denver",)}, lambda row: False),
    ({"entity_kind": "user", "entity": "bob"}, lambda row: row.is_open and row.entity == "bob"),
    ({"verdicts": ("benign",), "states": ("resolved",)}, lambda row: row.verdict == "benign"),
    ({"text": "E_"}, lambda row: row.is_open and row.entity == "e_e"),
    ({"text": "0%"}, lambda row: row.is_open and row.entity == "50%"),
    ({"last": "24h"}, lambda row: row.is_open and row.emitted_at >= READER.now - timedelta(hours=24)),
    (
        {"since": NOON - timedelta(days=5), "until": NOON - timedelta(days=2)},
        lambda row: row.is_open and NOON - timedelta(days=5) <= row.emitted_at < NOON - timedelta(days=2),
    ),
]


def test_each_field_of_the_filter_in_url_sql_and_words(database: Database) -> None:
    rows = many(database)
    with database.read() as session:
        for fields, meant in FILTERS:
            wanted = AlertFilter(**fields)
            assert AlertFilter.from_query(wanted.to_query()) == wanted
            found = {row.id for row in query.page(session, wanted, READER, limit=1000).rows}
            assert found == {row.id for row in rows if meant(row)}, fields
            for language in ("en", "es"):
                assert wanted.sentence(language).endswith(".")


@pytest.mark.parametrize(
    "parameters",
    [
        {"severity": "awful"},
        {"state": "x"},
        {"last": "soon"},
        {"since": "2026-13-01"},
        {"verdict": "no"},
        {"sort": "?"},
    ],
)
def test_what_cannot_be_meant_is_refused_and_a_page_goes_on_without_it(parameters: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        AlertFilter.from_query(parameters)
    found, problems = AlertFilter.read_query({**parameters, "q": "ana"})
    assert (found, len(problems)) == (AlertFilter(text="ana"), 1)


@pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "WyJuZXdlc3QiLCBmYWxzZSwgIngiLCAxXQ", "W10", "WzEsMiwzXQ"])
def test_a_cursor_not_of_ours_is_refused(sqlite_database: Database, cursor: str) -> None:
    with pytest.raises(InvalidInputError), sqlite_database.read() as session:
        query.page(session, AlertFilter(), READER, cursor=cursor)


def test_figures_add_up(database: Database) -> None:
    rows = many(database)
    with database.read() as session:
        found = query.stats(session, AlertFilter(states=("open_work", "resolved")), READER)
        raised = query.trend(session, AlertFilter(states=("open_work", "resolved")), READER)
        lines = query.sparklines(session, rows)
    judged = [row for row in rows if row.verdict in ("true_positive", "benign", "tuned")]
    assert found.total == sum(found.by_severity.values()) == sum(found.by_type.values()) == len(rows)
    assert found.cost_at_risk == sum(row.cost for row in rows if row.is_open)
    assert found.precision == sum(row.verdict == "true_positive" for row in judged) / len(judged)
    assert sum(sum(day.values()) for day in raised.values()) == len(rows)
    assert all(len(line) == query.SPARK_HOURS and line[-1] == 1 for line in lines.values())


def test_what_came_before_and_how_it_was_closed(database: Database) -> None:
    rows = many(database)
    row = next(row for row in rows if row.entity == "ana" and row.is_open)
    with database.read() as session:
        same = query.similar(session, row)
        others = query.similar(session, row, same_entity=False, limit=5)
    alike = [one for one in rows if one.detector == row.detector and one.id != row.id]
    assert same.total == sum(one.entity == "ana" for one in alike)
    assert same.counts["open"] == sum(one.entity == "ana" and one.is_open for one in alike)
    assert others.total == sum(one.entity != "ana" for one in alike)
    assert len(others.rows) == 5


def test_the_file_holds_exactly_the_filter_and_no_formula(database: Database) -> None:
    rows = many(database)
    wanted = AlertFilter(states=("resolved",), sort="newest")
    text = b"".join(csv_chunks(database, wanted, READER, "en")).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == ",".join(f'"{name}"' for name in COLUMNS)
    assert len(lines) - 1 == sum(not row.is_open for row in rows)
    assert '"\'=1+1"' in text
    assert '"\'=dan"' in text
    assert '"=dan"' not in text
