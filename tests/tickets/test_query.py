"""Lists, figures and files of tickets: one filter for address, condition and sentence."""

import csv
import io
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.alerts.receive import receive_drafts
from core.errors import InvalidInputError, NotFoundError
from core.store.engine import Database
from core.tickets import export, query, work
from core.tickets.changing import Target
from core.tickets.filters import SORTS, VIEWS
from core.tickets.links import Link
from core.tickets.query import Reader, TicketFilter
from core.tickets.vocabulary import LINK_KINDS, PRIORITIES, SOURCES, STATES, number_of
from tests.alerts.drafts import draft
from tests.conftest import NOON
from tests.tickets.desk import after, ana, change, make, promise

SIGNS = some.characters(categories=("L", "N"), include_characters=" %_'\\")
NAMES = some.text(SIGNS, min_size=1, max_size=9).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(
    some.builds(
        TicketFilter,
        view=some.sampled_from(VIEWS),
        states=some.lists(some.sampled_from(STATES)).map(tuple),
        priorities=some.lists(some.sampled_from(PRIORITIES)).map(tuple),
        sources=some.lists(some.sampled_from(SOURCES)).map(tuple),
        operators=some.lists(some.sampled_from(("nobody", "3", "12"))).map(tuple),
        clients=some.lists(some.integers(1, 99).map(str)).map(tuple),
        sites=some.lists(NAMES.map(str.strip)).map(tuple),
        link=some.one_of(some.just(""), some.sampled_from(LINK_KINDS).map(lambda kind: f"{kind}:x:y")),
        words=some.one_of(some.just(""), NAMES.map(str.strip)),
        last=some.sampled_from(("all", "24h", "7d")),
        sort=some.sampled_from(SORTS),
    )
)
def test_an_address_gives_back_its_filter_and_each_language_a_sentence(asked: TicketFilter) -> None:
    assert TicketFilter.from_query(asked.to_query()) == asked
    assert asked.sentence("en").endswith(".")
    assert asked.sentence("es").endswith(".")


def test_what_an_address_cannot_mean_is_said_and_left_out() -> None:
    given_ = {"view": "mine", "state": "lost", "operator": "ana", "link": "page:1", "q": "trunk", "sort": "luck"}
    asked, problems = TicketFilter.read_query(given_)
    assert asked == TicketFilter(view="mine", words="trunk")
    assert {problem.facts["field"] for problem in problems} == {"state", "operator", "link", "sort"}


@pytest.fixture
def desk(database: Database) -> Database:
    """Twelve tickets in every state, some late, one merged, on either database."""
    return filled(database)


@pytest.fixture
def small_desk(sqlite_database: Database) -> Database:
    """The same where the kind of database does not matter."""
    return filled(sqlite_database)


def filled(database: Database) -> Database:
    for priority, minutes in zip(PRIORITIES, (960, 480, 120, 15), strict=True):
        promise(database, priority, minutes, 4 * minutes)
    with database.write() as session:
        alerts = receive_drafts(session, [draft(who=str(number)) for number in range(11)], at=NOON)
    assert [one.alert_id for one in alerts] == list(range(1, 12))
    for number in range(12):
        links = (Link("alert", str(number)),) if number % 2 else ()
        site = ("Bogotá", "Medellín 50%")[number % 2]
        make(
            database, f"Ticket {number}", minutes=number, priority=PRIORITIES[number % 4], site=site, links=links,
            source=("manual", "watson")[number % 2], client_id=number % 3 or None,
            watchers=("eva",) if number == 7 else (),
        )  # fmt: skip
    with database.write() as session:
        for number in (1, 2, 3):
            work.take(session, Target(number), ana(20), operator_id=number)
        work.merge(session, Target(12), ana(21), into=11)
    change(database, 2, 30, "waiting", reason="the carrier")
    change(database, 3, 40, "resolved", resolution="=HYPERLINK(1)")
    change(database, 5, 41, "closed")
    return database


def numbers(database: Database, asked: TicketFilter, reader: Reader, limit: int = 100) -> list[int]:
    with database.read() as session:
        return [row.id for row in query.page(session, asked, reader, limit=limit).rows]


def test_views_and_terms_show_what_they_say(desk: Database) -> None:
    reader = Reader(after(60), operator_id=2, person="Eva")
    assert set(numbers(desk, TicketFilter(), reader)) == {1, 2, 4, 6, 7, 8, 9, 10, 11}
    assert set(numbers(desk, TicketFilter(view="all"), reader)) == set(range(1, 12))
    assert set(numbers(desk, TicketFilter(states=("merged", "closed")), reader)) == {5, 12}
    assert set(numbers(desk, TicketFilter(view="mine"), reader)) == {2, 8}
    assert numbers(desk, TicketFilter(view="mine"), Reader(after(60))) == []
    assert set(numbers(desk, TicketFilter(view="overdue"), reader)) == {4, 8}
    assert set(numbers(desk, TicketFilter(view="breaching"), reader)) == {4, 7, 8, 11}
    for asked, found in (
        (TicketFilter(priorities=("low", "high")), {1, 7, 9, 11}),
        (TicketFilter(operators=("nobody", "1")), {1, 4, 6, 7, 8, 9, 10, 11}),
        (TicketFilter(sources=("watson",), sites=("Medellín 50%",)), {2, 4, 6, 8, 10}),
        (TicketFilter(clients=("1",)), {2, 8, 11}),
        (TicketFilter(link="alert:3"), {4}),
        (TicketFilter(words="50%"), {2, 4, 6, 8, 10}),
        (TicketFilter(words="0%"), {2, 4, 6, 8, 10}),
        (TicketFilter(words="TICKET 1", view="all"), {2, 11}),
        (TicketFilter(words="t-10"), {10}),
        (TicketFilter(words="' OR 1=1 --"), set()),
        (TicketFilter(since=after(5), until=after(9)), {6, 7, 8, 9}),
        (TicketFilter(last="1h"), {1, 2, 4, 6, 7, 8, 9, 10, 11}),
    ):
        assert set(numbers(desk, asked, reader)) == found, asked
    with desk.read() as session:
        assert query.count(session, TicketFilter(view="all"), reader) == 11
        assert query.choices(session) == {"sites": ["Bogotá", "Medellín 50%"]}


def test_pages_lead_forth_and_back_through_every_ticket_once(desk: Database) -> None:
    for sort in SORTS:
        check_pages(desk, sort)


def check_pages(desk: Database, sort: str) -> None:
    asked, reader = TicketFilter(view="all", sort=sort), Reader(after(60))
    everything = numbers(desk, asked, reader)
    assert len(everything) == 11
    with desk.read() as session:
        pages = [query.page(session, asked, reader, limit=4)]
        while pages[-1].next:
            pages.append(query.page(session, asked, reader, cursor=pages[-1].next, limit=4))
        assert [row.id for one in pages for row in one.rows] == everything
        back = query.page(session, asked, reader, cursor=pages[-1].previous, limit=4)
        assert [row.id for row in back.rows] == everything[4:8]
        assert pages[0].previous is None
        other = next(name for name in SORTS if name != sort)
        for wrong in ("x", "bm9wZQ", pages[0].next, "W10"):
            with pytest.raises(InvalidInputError):
                query.page(session, replace(asked, sort=other), reader, cursor=wrong)
        rows = [row for one in pages for row in one.rows]
        if sort == "due":
            dues = [row.due_at for row in rows if row.due_at]
            assert dues == sorted(dues)
            assert all(row.due_at is None for row in rows[len(dues) :])
        if sort == "priority":
            assert all(one.priority_rank >= two.priority_rank for one, two in pairwise(rows))


def test_one_ticket_is_found_by_number_or_as_people_say_it(small_desk: Database) -> None:
    with small_desk.read() as session:
        for reference in (7, "7", "T-7", " t-7 "):
            assert query.one(session, reference).id == 7
        for wrong in ("T-", "seven", "T-99", "9" * 18, "-1", "1" * 30):
            with pytest.raises(NotFoundError):
                query.one(session, wrong)
        assert query.whole(session, 11).merged == [12]
        assert query.one(session, 12).merged_into_id == 11
    assert number_of("T-08") == 8


def test_the_board_holds_each_state_with_its_count(small_desk: Database) -> None:
    with small_desk.read() as session:
        columns = query.board(session, TicketFilter(), Reader(after(60)), limit=2)
        assert [(one.state, one.total, len(one.rows)) for one in columns] == [
            ("new", 7, 2), ("open", 1, 1), ("waiting", 1, 1),
        ]  # fmt: skip
        ended = query.board(session, TicketFilter(states=("resolved", "closed")), Reader(after(60)))
        assert [(one.state, one.total) for one in ended] == [("closed", 1), ("resolved", 1)]


def test_figures_count_work_times_and_promises(desk: Database) -> None:
    with desk.read() as session:
        told = query.stats(session, TicketFilter(view="all"), Reader(after(60)))
        assert (told.total, told.open, told.unassigned, told.overdue, told.due_soon) == (11, 9, 7, 2, 2)
        assert told.by_state == {"new": 7, "open": 1, "waiting": 1, "resolved": 1, "closed": 1}
        assert told.by_priority == {"low": 3, "medium": 3, "high": 3, "critical": 2}
        assert told.by_source == {"manual": 6, "watson": 5}
        assert told.by_operator == {1: 1, 2: 1}
        assert (told.to_own.median, told.to_own.p90) == (1200.0, 2220.0)
        assert (told.to_resolve.median, told.age.median) == (2280.0, 3240.0)
        assert (told.own.kept, told.own.missed, told.resolve.kept, told.resolve.missed) == (4, 2, 2, 0)
        assert told.own.share == pytest.approx(4 / 6)
        nothing = query.stats(session, TicketFilter(words="nowhere"), Reader(after(60)))
        assert (nothing.total, nothing.age.median, nothing.own.share) == (0, None, None)


def test_a_file_holds_every_ticket_and_no_live_formula(small_desk: Database) -> None:
    names = {"operators": {1: "Ana"}, "clients": {1: "=cmd()"}}
    body = b"".join(
        export.csv_chunks(small_desk, TicketFilter(view="all", sort="newest"), Reader(after(60)), "es", names)
    )
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [f"T-{number}" for number in range(11, 0, -1)]
    assert rows[-3]["resolution"] == "'=HYPERLINK(1)"
    assert rows[-1]["operator"] == "Ana"
    assert {row["client"] for row in rows} == {"", "'=cmd()", "2"}
    assert rows[-1]["created_at"] == "2026-11-20T17:00:00Z"
