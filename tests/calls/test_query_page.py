"""Pages of calls: each leg exactly once both ways, newest first, the same on any history."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.calls.engine import CallQueryTooLongError, Legs, reading
from core.calls.filters import CallFilter
from core.calls.paging import PageMark, widening
from core.calls.query import GRID_COLUMNS, CallQueries
from core.clock import SteppedClock
from core.errors import InvalidInputError, NotFoundError, TransientError
from tests.calls.legs_table import NOW, history, row, stored

ROWS = history(count=300, seed=11, days=9)
ALL = CallFilter(last="all")


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> CallQueries:
    return CallQueries(stored(tmp_path_factory.mktemp("pages"), ROWS), SteppedClock(NOW))


def newest_first(rows: list[dict[str, Any]]) -> list[str]:
    return [one["report_id"] for one in sorted(rows, key=lambda r: (r["start_time"], r["report_id"]), reverse=True)]


def walk(queries: CallQueries, wanted: CallFilter, limit: int, *, newer: bool) -> list[list[str]]:
    """All pages of a filter, from one end to the other."""
    pages, cursor, asked = [], None, 0
    while asked < 1000:
        page = queries.page(wanted, cursor, limit, backwards=newer and cursor is None)
        pages.append([one["report_id"] for one in page.rows])
        cursor = page.previous if newer else page.next
        asked += 1
        if cursor is None:
            return pages
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("limit", [9, 50, 299, 300, 1000])
def test_walking_gives_every_leg_once_both_ways(queries: CallQueries, limit: int) -> None:
    down = walk(queries, ALL, limit, newer=False)
    assert [one for page in down for one in page] == newest_first(ROWS)
    up = walk(queries, ALL, limit, newer=True)
    assert [one for page in reversed(up) for one in page] == newest_first(ROWS)
    assert all(len(page) == limit for page in down[:-1])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(8, 60),
    outcomes=st.sampled_from([(), ("busy",), ("answered", "voicemail")]),
    last=st.sampled_from(["all", "24h", "3d", "8d"]),
)
def test_walking_a_filter_gives_what_one_long_page_gives(
    queries: CallQueries, limit: int, outcomes: tuple[str, ...], last: str
) -> None:
    wanted = CallFilter(last=last, outcomes=outcomes)
    whole = [one["report_id"] for one in queries.page(wanted, limit=1000).rows]
    for newer in (False, True):
        pages = walk(queries, wanted, limit, newer=newer)
        assert [one for page in (reversed(pages) if newer else pages) for one in page] == whole


@pytest.mark.parametrize("limit", [1, 7])
def test_legs_that_began_at_the_same_instant_are_told_apart(tmp_path: Path, limit: int) -> None:
    ties = [row(number, NOW - timedelta(hours=number // 20)) for number in range(60)]
    random.Random(3).shuffle(ties)
    queries = CallQueries(stored(tmp_path, ties), SteppedClock(NOW))
    for newer in (False, True):
        pages = walk(queries, ALL, limit, newer=newer)
        assert [one for page in (reversed(pages) if newer else pages) for one in page] == newest_first(ties)


def test_there_and_back_is_the_same_page(queries: CallQueries) -> None:
    first = queries.page(ALL, limit=20)
    second = queries.page(ALL, first.next, limit=20)
    third = queries.page(ALL, second.next, limit=20)
    assert queries.page(ALL, third.previous, limit=20).rows == second.rows
    assert queries.page(ALL, second.previous, limit=20).rows == first.rows
    assert first.previous is None
    assert queries.page(ALL, second.previous, limit=20).previous is None


def test_new_legs_do_not_shift_older_pages(tmp_path: Path) -> None:
    before = [row(number, NOW - timedelta(minutes=number)) for number in range(1, 30)]
    table = stored(tmp_path, before)
    queries = CallQueries(table, SteppedClock(NOW))
    first = queries.page(ALL, limit=10)
    second = queries.page(ALL, first.next, limit=10)
    stored(tmp_path, [row(500, NOW), row(501, NOW - timedelta(seconds=90))])
    assert queries.page(ALL, first.next, limit=10).rows == second.rows
    assert queries.page(ALL, limit=1).rows[0]["report_id"] == "report-00500"


def test_only_what_is_shown_is_read(queries: CallQueries) -> None:
    page = queries.page(ALL, limit=3, columns=("user", "outcome"))
    assert page.table.column_names == ["user", "outcome"]
    assert tuple(queries.page(ALL, limit=3).table.column_names) == GRID_COLUMNS
    for column in ("nonsense", 'user" FROM x --', "dt"):
        with pytest.raises(InvalidInputError):
            queries.page(ALL, columns=(column,))


def test_instants_come_aware_in_utc(queries: CallQueries) -> None:
    shown = queries.page(ALL, limit=1).rows[0]
    stored_row = next(one for one in ROWS if one["report_id"] == shown["report_id"])
    assert shown["start_time"] == stored_row["start_time"].replace(tzinfo=UTC)


def test_an_empty_table_gives_an_empty_page(tmp_path: Path) -> None:
    queries = CallQueries(stored(tmp_path, []), SteppedClock(NOW))
    page = queries.page(ALL)
    assert (page.rows, page.next, page.previous) == ([], None, None)
    assert page.table.column_names == list(GRID_COLUMNS)
    assert queries.count(ALL) == 0
    assert queries.newest() is None
    with pytest.raises(NotFoundError):
        queries.one("report-00001")


@pytest.mark.parametrize(
    "cursor",
    ["x", "", "%%%%", "e30", "WzEsMl0", "WyIyMDI2LTExLTIwIiwgNSwgMF0", "ÿ", "A" * 5000, "WyIyMDI2IiwiYSIsM10"],
)
def test_a_cursor_that_is_not_ours_is_refused(queries: CallQueries, cursor: str) -> None:
    if not cursor:
        assert queries.page(ALL, cursor).previous is None
        return
    with pytest.raises(InvalidInputError) as raised:
        queries.page(ALL, cursor)
    assert raised.value.facts["field"] == "cursor"


@given(
    start=st.datetimes(),
    report_id=st.text(max_size=40),
    newer=st.booleans(),
)
def test_a_mark_is_read_as_it_was_written(start: datetime, report_id: str, newer: bool) -> None:
    mark = PageMark(start, report_id, newer)
    assert PageMark.read(mark.text()) == mark
    assert mark.text().isascii()


@given(st.integers(0, 500))
def test_widening_takes_every_day_once_in_order_and_in_few_steps(days: int) -> None:
    steps = list(widening([[f"file {number}"] for number in range(days)]))
    assert [path for step in steps for path in step] == [f"file {number}" for number in range(days)]
    assert len(steps) <= days.bit_length()


def test_one_leg_comes_with_every_field(queries: CallQueries) -> None:
    wanted = ROWS[17]
    found = queries.one(wanted["report_id"])
    assert found == queries.one(wanted["report_id"], wanted["start_time"].date())
    assert found["raw"] == "{}"
    assert {name: value for name, value in found.items() if not isinstance(value, datetime)} == {
        name: value for name, value in wanted.items() if not isinstance(value, datetime) and name != "dt"
    }


@pytest.mark.parametrize("ask", [("missing", None), (ROWS[17]["report_id"], date(2001, 1, 1)), ("' OR 1=1", None)])
def test_a_leg_that_is_not_there_is_not_found(queries: CallQueries, ask: tuple[str, date | None]) -> None:
    with pytest.raises(NotFoundError):
        queries.one(*ask)


def test_a_question_that_takes_too_long_is_stopped_and_says_what_to_do() -> None:
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range < 5"
    with pytest.raises(CallQueryTooLongError) as raised, reading(0.1) as reader:
        reader.rows(endless, Legs([]))
    assert isinstance(raised.value, TransientError)
    assert "period" in raised.value.remedy("en")
    assert "período" in raised.value.remedy("es")


def test_no_further_question_begins_once_time_is_up() -> None:
    with reading(60) as reader:
        reader.interrupt()
        with pytest.raises(CallQueryTooLongError):
            reader.rows("SELECT 1", Legs([]))


def test_a_stopped_question_leaves_the_next_one_alone(queries: CallQueries) -> None:
    with reading(60) as reader:
        reader.interrupt()
    assert queries.count(ALL) == len(ROWS)
