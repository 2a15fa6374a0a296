"""The filter of calls: the address brings it back, the SQL agrees with a plain reading of what it says."""

import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.calls.filter_terms import LONGEST_SECONDS, TERMS, number_prefixes
from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.clock import SteppedClock
from core.errors import InvalidInputError
from tests.calls.legs_table import COUNTRIES, NOW, OUTCOMES, SITES, TRUNKS, USERS, history, stored

Row = dict[str, Any]
ROWS = history()
NUMBER_COLUMNS = ("calling_number", "called_number", "user_number")


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> CallQueries:
    return CallQueries(stored(tmp_path_factory.mktemp("filters"), ROWS), SteppedClock(NOW))


def _some(values: tuple[str | None, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from([value for value in values if value]), max_size=3).map(tuple)


instants = st.integers(0, 13 * 24 * 6).map(lambda tens: NOW - timedelta(minutes=10 * tens))
flags = st.none() | st.booleans()
periods = st.one_of(
    st.sampled_from(["24h", "7d", "3h", "30d", "all"]).map(lambda last: {"last": last}),
    st.tuples(instants, instants)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: {"since": min(pair), "until": max(pair)}),
    instants.map(lambda at: {"since": at}),
    instants.map(lambda at: {"until": at}),
)
filters = st.builds(
    lambda period, seconds, **rest: CallFilter(
        **period, **rest, min_seconds=seconds and min(seconds), max_seconds=seconds and max(seconds)
    ),
    periods,
    st.none() | st.tuples(st.integers(0, 700), st.integers(0, 700)),
    directions=_some(("ORIGINATING", "TERMINATING")),
    call_types=_some(("SIP_NATIONAL", "SIP_INTERNATIONAL", "SIP_URI")),
    number=st.sampled_from(
        ["", "", "+57316555", "573", "1001", "100", "0053", "011 53 52", "+1", "*67", "(57) 316-555"]
    ),
    users=_some((*(name for name, _ in USERS), *(uuid for _, uuid in USERS), "ANA restrepo")),
    sites=_some((*(name for name, _ in SITES), *(uuid for _, uuid in SITES))),
    countries=_some(COUNTRIES),
    outcomes=_some(OUTCOMES),
    international=flags,
    off_net=flags,
    trunks=_some(TRUNKS),
    correlation_id=st.sampled_from(["", "", "call-7"]),
    excluded=_some(("direction", "number", "user", "site", "country", "outcome")),
)


def shows(wanted: CallFilter, row: Row) -> bool:
    """What a filter says, read plainly."""
    start = row["start_time"].replace(tzinfo=UTC)
    spans = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "3h": timedelta(hours=3), "30d": timedelta(days=30)}
    since, until = wanted.since, wanted.until
    if wanted.last in spans:
        since, until = NOW - spans[wanted.last], NOW

    def met(key: str, asked: object, yes: bool) -> bool:
        return not asked or yes != (key in wanted.excluded)

    checks = [
        since is None or start >= since,
        until is None or start < until,
        met("direction", wanted.directions, row["direction"] in wanted.directions),
        not wanted.call_types or row["call_type"] in wanted.call_types,
        met("number", wanted.number, any(_begins(row[name], wanted.number) for name in NUMBER_COLUMNS)),
        met("user", wanted.users, row["user_uuid"] in wanted.users or _is_named(row["user"], wanted.users)),
        met("site", wanted.sites, row["location"] in wanted.sites or row["site_uuid"] in wanted.sites),
        met("country", wanted.countries, row["far_country"] in wanted.countries),
        met("outcome", wanted.outcomes, row["outcome"] in wanted.outcomes),
        wanted.international is None or bool(row["international"]) == wanted.international,
        wanted.off_net is None or bool(row["off_net"]) == wanted.off_net,
        wanted.min_seconds is None or (row["duration"] or 0) >= wanted.min_seconds,
        wanted.max_seconds is None or (row["duration"] or 0) <= wanted.max_seconds,
        not wanted.trunks or row["inbound_trunk"] in wanted.trunks or row["outbound_trunk"] in wanted.trunks,
        not wanted.correlation_id or row["correlation_id"] == wanted.correlation_id,
    ]  # fmt: skip
    return all(checks)


def _is_named(name: str | None, wanted: tuple[str, ...]) -> bool:
    return name is not None and name.lower() in [one.lower() for one in wanted]


def _begins(stored_number: str | None, typed: str) -> bool:
    if stored_number is None:
        return False
    spellings = {typed, "+" + typed.removeprefix("+")}
    for dialled in ("00", "011"):
        if typed.startswith(dialled):
            spellings = {typed, "+" + typed.removeprefix(dialled)}
    if typed.startswith("+") and len(typed) > 8:
        spellings.add(typed[1:])
    return stored_number.startswith(tuple(spellings))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=filters)
def test_the_sql_shows_what_the_filter_says(queries: CallQueries, wanted: CallFilter) -> None:
    page = queries.page(wanted, limit=1000)
    assert {row["report_id"] for row in page.rows} == {row["report_id"] for row in ROWS if shows(wanted, row)}
    assert queries.count(wanted) == len(page.rows)


ALONE: dict[str, Any] = {
    "last": "7d",
    "since": NOW - timedelta(days=3),
    "until": NOW - timedelta(days=3),
    "directions": ("TERMINATING",),
    "call_types": ("SIP_INTERNATIONAL",),
    "number": "+57316555",
    "users": ("José Núñez",),
    "sites": ("site-bog",),
    "countries": ("CU",),
    "outcomes": ("busy",),
    "international": True,
    "off_net": False,
    "min_seconds": 60,
    "max_seconds": 60,
    "trunks": ("LGW-1",),
    "correlation_id": "call-7",
}


@pytest.mark.parametrize("term", [term for term in TERMS if term.sql or term.is_period], ids=lambda term: term.field)
def test_each_term_alone_narrows_as_it_says(queries: CallQueries, term: Any) -> None:
    period: dict[str, Any] = {} if term.is_period else {"last": "all"}
    wanted = CallFilter(**period, **{term.field: ALONE[term.field]})
    found = {row["report_id"] for row in queries.page(wanted, limit=1000).rows}
    assert found == {row["report_id"] for row in ROWS if shows(wanted, row)}
    assert 0 < len(found) < len(ROWS)


@settings(deadline=None)
@given(wanted=filters)
def test_the_address_brings_the_filter_back(wanted: CallFilter) -> None:
    again = CallFilter.from_query(wanted.to_query())
    assert again == wanted
    assert hash(again) == hash(wanted)
    assert again.to_query() == wanted.to_query()


anything = st.text(max_size=30) | st.text(string.digits + "+-dhTZ:", max_size=12)


@settings(deadline=None, max_examples=300)
@given(
    query=st.dictionaries(
        st.sampled_from([term.key for term in TERMS] + ["other"]), anything | st.lists(anything, max_size=4)
    )
)
def test_any_address_gives_a_filter_and_notes(query: dict[str, str | list[str]]) -> None:
    found, problems = CallFilter.read_query(query)
    assert CallFilter.from_query(found.to_query()) == found
    for problem in problems:
        assert problem.message("es") != problem.message("en")
    if problems:
        with pytest.raises(InvalidInputError):
            CallFilter.from_query(query)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-20T10:00:00Z", "until": "2026-11-20T09:00:00Z"}, "until"),
        ({"last": "0d"}, "last"),
        ({"last": "9999d"}, "last"),
        ({"direction": "SIDEWAYS"}, "direction"),
        ({"number": "Ana"}, "number"),
        ({"country": "Cuba"}, "country"),
        ({"international": "maybe"}, "international"),
        ({"min_seconds": "-1"}, "min_seconds"),
        ({"min_seconds": str(LONGEST_SECONDS + 1)}, "min_seconds"),
        ({"min_seconds": "90", "max_seconds": "60"}, "max_seconds"),
        ({"type": "x'; DROP"}, "type"),
        ({"user": "a\x00b"}, "user"),
        ({"site": ["x"] * 51}, "site"),
        ({"number": ["1", "2"]}, "number"),
        ({"user": "x" * 201}, "user"),
    ],
)
def test_what_cannot_be_meant_is_named(query: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        CallFilter.from_query({"outcome": "busy", **query})
    assert raised.value.facts["field"] == field
    kept, problems = CallFilter.read_query({"outcome": "busy", **query})
    assert kept == CallFilter(outcomes=("busy",))
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("typed", "spellings"),
    [
        ("+57 300 123-4567", {"+573001234567", "573001234567"}),
        ("0057 300", {"0057300", "+57300"}),
        ("011 (57) 300", {"01157300", "+57300"}),
        ("1001", {"1001", "+1001"}),
        ("+53*", {"+53"}),
        ("*67", {"*67", "+*67"}),
    ],
)
def test_people_write_numbers_as_they_like(typed: str, spellings: set[str]) -> None:
    assert set(number_prefixes(CallFilter(number=typed).number)) == spellings


def test_a_relative_period_stays_relative_in_the_address_and_moves_with_time() -> None:
    wanted = CallFilter(last="7d")
    assert wanted.to_query() == {"last": ["7d"]}
    assert wanted.resolved(NOW).since == NOW - timedelta(days=7)
    assert wanted.resolved(NOW + timedelta(hours=1)).until == NOW + timedelta(hours=1)
    assert CallFilter(last="all").resolved(NOW) == CallFilter(last="all")


def test_without_a_period_it_is_the_last_day() -> None:
    assert CallFilter.from_query({}) == CallFilter(last="24h")
    assert CallFilter().to_query() == {}


def test_instants_are_kept_in_utc_whatever_their_zone() -> None:
    given_ = datetime.fromisoformat("2026-11-20T12:00:00-05:00")
    wanted = CallFilter(since=given_)
    assert wanted.since == NOW
    assert wanted.to_query() == {"since": ["2026-11-20T17:00:00Z"]}
    assert wanted == CallFilter(since=NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda wanted: wanted.without("countries"),
        lambda wanted: wanted.within(NOW - timedelta(hours=1), NOW),
        lambda wanted: wanted.over_last("30d"),
    ],
)
def test_changing_one_thing_keeps_the_rest(change: Callable[[CallFilter], CallFilter]) -> None:
    changed = change(CallFilter(last="7d", countries=("CU",), users=("Ana",)))
    assert changed.users == ("Ana",)
    assert changed != CallFilter(last="7d", countries=("CU",), users=("Ana",))
    assert bool(changed.last) != bool(changed.since)


def test_the_order_of_values_does_not_matter() -> None:
    assert CallFilter(countries=("CU", "AR", "CU")) == CallFilter(countries=("AR", "CU"))


def test_nothing_a_person_types_reaches_the_sql_text(tmp_path: Path) -> None:
    hostile = "x') OR 1=1 --"
    text, parameters = CallFilter(last="all", users=(hostile,), sites=(hostile,), trunks=(hostile,)).condition()
    assert hostile not in text
    assert parameters.count(hostile) == 6
    assert CallQueries(stored(tmp_path, ROWS[:5])).count(CallFilter(last="all", users=(hostile,))) == 0


def test_what_is_left_out_is_named_in_the_address_and_only_while_it_is_asked() -> None:
    wanted = CallFilter.from_query({"country": "CU", "not": ["country", "site"]})
    assert wanted == CallFilter(countries=("CU",), excluded=("country",))
    assert wanted.to_query() == {"country": ["CU"], "not": ["country"]}
    assert wanted.without("countries") == CallFilter()
    for other in ("min_seconds", "international", "since", "fly"):
        with pytest.raises(InvalidInputError):
            CallFilter.from_query({"country": "CU", "not": other})
