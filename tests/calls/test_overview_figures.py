"""The overview's figures against a plain reading of the legs."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.calls.filters import CallFilter
from core.calls.overview import Overview, SiteTrend, periods
from core.calls.query import CallQueries
from core.calls.rollup import HourlyCalls, roll_up
from core.clock import SteppedClock
from core.errors import InvalidInputError
from tests.calls.legs_table import NOW, distinct_calls, history, is_conversation, row, stored

ROWS = history(count=400, seed=41, days=20)
ON_THE_HOUR = NOW
HALF_PAST = NOW + timedelta(minutes=30)
BOGOTA = ZoneInfo("America/Bogota")


def overview_of(folder: Path, rows: list[dict[str, Any]], now: datetime) -> Overview:
    table = stored(folder, rows)
    hourly = HourlyCalls(folder / "calls_hourly")
    roll_up(table, hourly)
    clock = SteppedClock(now)
    return Overview(hourly, CallQueries(table, clock), clock)


@pytest.fixture(scope="module")
def overview(tmp_path_factory: pytest.TempPathFactory) -> Overview:
    return overview_of(tmp_path_factory.mktemp("overview"), ROWS, ON_THE_HOUR)


def between(rows: list[dict[str, Any]], since: datetime, until: datetime) -> list[dict[str, Any]]:
    return [one for one in rows if since <= one["start_time"].replace(tzinfo=UTC) < until]


@pytest.mark.parametrize("last", ["24h", "7d", "3h"])
def test_the_totals_of_the_period(overview: Overview, last: str) -> None:
    found = overview.comparison(last)
    rows = between(ROWS, found.period.since, found.period.until)
    spoken, calls = [one for one in rows if is_conversation(one)], distinct_calls(rows)
    assert found.present.legs == len(rows)
    assert found.present.calls == calls
    assert found.present.answered == distinct_calls(spoken)
    assert found.present.international == distinct_calls([one for one in rows if one["international"]])
    assert found.present.talk_seconds == sum(one["duration"] or 0 for one in spoken)
    assert found.present.answered_share == (distinct_calls(spoken) / calls if calls else None)


def test_the_period_ends_with_the_present_hour(overview: Overview) -> None:
    present, previous = periods("24h", HALF_PAST)
    assert present.until == NOW + timedelta(hours=1)
    assert present.until - present.since == timedelta(hours=24)
    assert previous.until == present.since
    assert previous.share_of_last_hour == 0.5


def test_the_previous_period_counts_only_as_much_of_its_last_hour_as_has_passed(tmp_path: Path) -> None:
    last_hour_of_before = NOW - timedelta(hours=24)
    talked = {"outcome": "answered", "off_net": True, "duration": 60}
    rows = [row(number, last_hour_of_before + timedelta(minutes=number), **talked) for number in range(60)]
    rows += [row(100 + number, last_hour_of_before - timedelta(hours=2), duration=30) for number in range(10)]
    rows += [row(200 + number, NOW + timedelta(minutes=number), **talked) for number in range(30)]
    found = overview_of(tmp_path, rows, HALF_PAST).comparison("24h")
    assert (found.present.legs, found.present.calls) == (30, 30)
    assert found.previous.legs == 10 + 30
    assert found.previous.calls == 10 + 30
    assert found.previous.talk_minutes == 30
    assert found.change("legs") == 30 / 40 - 1
    assert found.change("answered_share") == 1.0 - 30 / 40


def test_nothing_before_gives_no_change(tmp_path: Path) -> None:
    found = overview_of(tmp_path, [row(1, NOW, outcome="answered")], HALF_PAST).comparison("24h")
    assert found.change("legs") is None
    assert found.change("answered_share") is None


def test_sites_restrict_by_name_or_uuid(overview: Overview) -> None:
    by_name, by_uuid = overview.comparison("7d", ["Bogotá"]), overview.comparison("7d", ["site-bog"])
    rows = between(ROWS, by_name.period.since, by_name.period.until)
    assert by_name.present == by_uuid.present
    assert by_name.present.legs == sum(one["location"] == "Bogotá" for one in rows)


def test_each_site_by_hour(overview: Overview) -> None:
    trends = overview.trends("24h")
    rows = between(ROWS, NOW - timedelta(hours=23), NOW + timedelta(hours=1))
    assert {trend.site: trend.legs for trend in trends} == Counter(one["location"] for one in rows)
    assert [trend.legs for trend in trends] == sorted((trend.legs for trend in trends), reverse=True)
    for trend in trends:
        assert len(trend.points) == 24
        assert trend.points[-1].at == NOW
        for point in trend.points:
            hour = between(rows, point.at, point.at + timedelta(hours=1))
            assert point.legs == sum(one["location"] == trend.site for one in hour)


def test_each_site_by_its_own_days(overview: Overview) -> None:
    trends = {trend.site: trend for trend in overview.trends("7d", zones={"site-bog": BOGOTA})}
    bogota, san_jose = trends["Bogotá"], trends["San José"]
    assert bogota.zone == BOGOTA
    assert all(point.at.astimezone(BOGOTA).hour == 0 for point in bogota.points)
    assert all(point.at.hour == 0 for point in san_jose.points)
    assert _by_day(bogota) == _counted("Bogotá", bogota)
    assert _by_day(san_jose) == _counted("San José", san_jose)


def _by_day(trend: SiteTrend) -> dict[str, int]:
    return {point.at.astimezone(trend.zone).date().isoformat(): point.legs for point in trend.points}


def _counted(site: str, trend: SiteTrend) -> dict[str, int]:
    present, _ = periods("7d", NOW)
    days = dict.fromkeys(_by_day(trend), 0)
    for one in between(ROWS, present.since, present.until):
        if one["location"] == site:
            days[one["start_time"].replace(tzinfo=UTC).astimezone(trend.zone).date().isoformat()] += 1
    return days


def test_the_points_of_a_site_count_calls_where_they_began(tmp_path: Path) -> None:
    call = {"correlation_id": "one", "off_net": True}
    rows = [
        row(1, NOW, **call, location="Bogotá", site_uuid="bog", outcome="service", international=True),
        row(2, NOW + timedelta(minutes=5), **call, location="Cali", site_uuid="cal", outcome="answered"),
        row(3, NOW, off_net=True, location="Cali", site_uuid="cal", outcome="busy"),
    ]
    trends = overview_of(tmp_path, rows, HALF_PAST).trends("24h")
    last = {trend.site: trend.points[-1] for trend in trends}
    assert {site: (at.legs, at.calls, at.answered, at.international) for site, at in last.items()} == {
        "Bogotá": (1, 1, 1, 1),
        "Cali": (2, 1, 0, 0),
    }


def test_destinations_are_countries_called_from_here(overview: Overview) -> None:
    present, _ = periods("7d", NOW)
    rows = [one for one in between(ROWS, present.since, present.until) if one["direction"] == "ORIGINATING"]
    abroad = Counter(one["far_country"] for one in rows if one["far_country"] and one["international"])
    every = Counter(one["far_country"] for one in rows if one["far_country"])
    assert {one.value: one.legs for one in overview.destinations("7d")} == abroad
    assert {one.value: one.legs for one in overview.destinations("7d", abroad_only=False)} == every
    assert len(overview.destinations("7d", limit=1)) == 1


def test_talkers_are_people_by_the_calls_they_made_and_took(overview: Overview) -> None:
    found = overview.talkers("7d", limit=2)
    present, _ = periods("7d", NOW)
    spoken = [
        one
        for one in between(ROWS, present.since, present.until)
        if one["outcome"] == "answered" and one["user_type"] in ("User", "Place")
    ]
    expected = Counter(one["user_uuid"] or one["user"] for one in spoken).most_common()
    assert [one.legs for one in found] == [legs for _, legs in expected[:2]]
    hers = [one for one in spoken if (one["user_uuid"] or one["user"]) == found[0].value]
    assert found[0].talk_seconds == sum(one["duration"] or 0 for one in hers)


def test_queues_and_hunt_groups_are_no_talkers(tmp_path: Path) -> None:
    spoken = {"outcome": "answered", "duration": 60, "user": "Somebody"}
    rows = [
        row(number, NOW, **spoken, user_uuid=kind, user_type=kind)
        for number, kind in enumerate(("User", "CallCenterPremium", "HuntGroup", "VirtualLine", "LocalGateway"))
    ]
    found = overview_of(tmp_path, rows, HALF_PAST).talkers("24h")
    assert {one.value for one in found} == {"User", "VirtualLine"}


def test_freshness_tells_the_newest_record(overview: Overview, tmp_path: Path) -> None:
    newest = max(one["start_time"] for one in ROWS).replace(tzinfo=UTC)
    assert overview.freshness().newest_start == newest
    assert overview.freshness().newest_stored == newest
    assert overview_of(tmp_path, [], NOW).freshness().newest_start is None


def test_an_empty_installation_has_an_overview(tmp_path: Path) -> None:
    empty = overview_of(tmp_path, [], NOW)
    assert empty.comparison("24h").present.legs == 0
    assert empty.comparison("24h").present.answered_share is None
    assert empty.trends("24h") == []
    assert empty.destinations("24h") == []
    assert empty.talkers("24h") == []


@pytest.mark.parametrize("last", ["all", "yesterday", "0h"])
def test_a_period_without_length_is_refused(overview: Overview, last: str) -> None:
    with pytest.raises(InvalidInputError):
        overview.comparison(last)


def test_the_overview_agrees_with_the_list_of_calls(overview: Overview, tmp_path: Path) -> None:
    found = overview.comparison("7d")
    queries = CallQueries(stored(tmp_path, ROWS), SteppedClock(NOW))
    legs = queries.aggregate(CallFilter(since=found.period.since, until=found.period.until))
    for figure in ("legs", "answered", "international", "talk_seconds", "calls"):
        assert getattr(found.present, figure) == getattr(legs, figure)
