"""The figures over a filter: totals, histogram, largest values and choices, each against a plain count."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calls.call_counts import EXACT_UP_TO, CallCounts
from core.calls.fields import RECORD_SCHEMA
from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.calls.summaries import BAR_WIDTHS, GROUPS, bar_width
from core.clock import SteppedClock
from core.errors import InvalidInputError
from tests.calls.legs_table import NOW, distinct_calls, history, is_conversation, row, stored

ROWS = history(count=200, seed=23, days=10)
ALL = CallFilter(last="all")


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> CallQueries:
    return CallQueries(stored(tmp_path_factory.mktemp("summaries"), ROWS), SteppedClock(NOW))


def test_the_totals(queries: CallQueries) -> None:
    total = queries.aggregate(ALL)
    spoken = [one for one in ROWS if is_conversation(one)]
    calls = distinct_calls(ROWS)
    assert total.legs == len(ROWS)
    assert total.calls == calls
    assert total.numbers == len({one["far_number"] for one in ROWS} - {None})
    assert total.answered_share == distinct_calls(spoken) / calls
    assert total.international_share == distinct_calls([one for one in ROWS if one["international"]]) / calls
    assert total.talk_minutes == sum(one["duration"] or 0 for one in spoken) / 60
    assert not total.approximate
    assert queries.calls(ALL) == CallCounts(total.calls, total.answered, total.international)


def test_of_a_users_legs_each_answered_one_was_talk(queries: CallQueries) -> None:
    hers = [one for one in ROWS if one["user_uuid"] == "uuid-ana"]
    spoken = [one for one in hers if one["outcome"] == "answered"]
    total = queries.aggregate(replace(ALL, users=("uuid-ana",)))
    assert total.talk_seconds == sum(one["duration"] or 0 for one in spoken)
    assert total.answered == distinct_calls(spoken) > 0
    listed = next(one for one in queries.top(ALL, "users", 10) if one.value == "uuid-ana")
    assert (listed.conversations, listed.talk_seconds) == (len(spoken), total.talk_seconds)


def test_the_totals_of_nothing(queries: CallQueries) -> None:
    total = queries.aggregate(CallFilter(last="all", correlation_id="nobody"))
    assert (total.legs, total.calls, total.answered, total.international, total.talk_minutes) == (0, 0, 0, 0, 0)
    assert (total.answered_share, total.international_share) == (None, None)


def test_a_leg_without_correlation_id_is_a_call_of_its_own(tmp_path: Path) -> None:
    spoken = {"outcome": "answered", "off_net": True, "direction": "ORIGINATING", "international": True}
    alone = [row(number, NOW, correlation_id=None, **spoken) for number in range(3)]
    alone += [row(number, NOW, correlation_id=None, outcome="busy", international=False) for number in (3, 4)]
    together = [row(number, NOW, correlation_id="one", **spoken) for number in (5, 6)]
    queries = CallQueries(stored(tmp_path, [*alone, *together]), SteppedClock(NOW + timedelta(days=1)))
    total = queries.aggregate(ALL)
    assert (total.legs, total.calls, total.answered, total.international) == (7, 6, 4, 4)
    assert queries.calls(ALL) == CallCounts(6, 4, 4)


def test_many_calls_are_estimated_and_said_to_be(tmp_path: Path) -> None:
    count = EXACT_UP_TO + 20_000
    table = stored(tmp_path, [])
    table.append(_plain_legs(count))
    queries = CallQueries(table, SteppedClock(NOW))
    total = queries.aggregate(ALL)
    assert total.approximate
    assert total.legs == count
    assert total.calls == pytest.approx(count, rel=0.002)
    assert total.answered == pytest.approx(count // 2, rel=0.002)
    assert total.international == 0
    assert queries.calls(ALL) == CallCounts(total.calls, total.answered, 0)


def _plain_legs(count: int) -> pa.Table:
    first = row(0, NOW)
    columns = {
        name: pa.repeat(pa.scalar(value, RECORD_SCHEMA.field(name).type), count) for name, value in first.items()
    }
    columns["report_id"] = columns["correlation_id"] = pa.array([f"leg-{number}" for number in range(count)])
    columns["outcome"] = pa.array(["answered" if number % 2 else "busy" for number in range(count)])
    columns["off_net"] = pa.repeat(True, count)
    return pa.table(columns, schema=RECORD_SCHEMA)


@pytest.mark.parametrize("wanted", [ALL, CallFilter(last="24h"), CallFilter(last="7d", outcomes=("busy",))])
@pytest.mark.parametrize("buckets", [1, 12, 60])
def test_the_bars_hold_every_leg_of_the_filter(queries: CallQueries, wanted: CallFilter, buckets: int) -> None:
    drawn = queries.histogram(wanted, buckets)
    assert sum(bar.legs for bar in drawn.bars) == queries.count(wanted)
    assert len(drawn.bars) <= max(buckets, 2)
    for bar, following in zip(drawn.bars, drawn.bars[1:], strict=False):
        assert bar.until == following.since
    period = wanted.resolved(NOW)
    for bar in drawn.bars:
        assert bar.until - bar.since == drawn.width
        since, until = max(bar.since, period.since or bar.since), min(bar.until, period.until or bar.until)
        assert bar.legs == queries.count(wanted.within(since, until))


def test_a_bar_brushed_becomes_the_period_of_its_legs(queries: CallQueries) -> None:
    fullest = max(queries.histogram(ALL, 200).bars, key=lambda bar: bar.legs)
    brushed = ALL.within(fullest.since, fullest.until)
    assert queries.count(brushed) == fullest.legs
    assert queries.aggregate(brushed).talk_seconds == fullest.talk_seconds


def test_the_bars_of_an_empty_table(tmp_path: Path) -> None:
    drawn = CallQueries(stored(tmp_path, []), SteppedClock(NOW)).histogram(CallFilter(), 24)
    assert len(drawn.bars) <= 24
    assert sum(bar.legs for bar in drawn.bars) == 0


@given(hours=st.integers(1, 24 * 900), buckets=st.integers(2, 200))
def test_bars_are_as_narrow_as_fits(hours: int, buckets: int) -> None:
    width = bar_width(timedelta(hours=hours), buckets)
    assert width == BAR_WIDTHS[-1] or timedelta(hours=hours) <= width * (buckets - 1)
    narrower = [other for other in BAR_WIDTHS if other < width]
    assert all(timedelta(hours=hours) > other * (buckets - 1) for other in narrower)


COUNTED = {"numbers": "far_number", "countries": "far_country", "sites": "location", "outcomes": "outcome"}


@pytest.mark.parametrize("by", COUNTED)
def test_the_largest_values(queries: CallQueries, by: str) -> None:
    expected = Counter(one[COUNTED[by]] for one in ROWS if one[COUNTED[by]] is not None)
    found = queries.top(ALL, by, 3)
    assert [(one.value, one.legs) for one in found] == sorted(expected.items(), key=lambda pair: (-pair[1], pair[0]))[
        :3
    ]


def test_users_are_told_by_uuid_and_shown_by_name(queries: CallQueries) -> None:
    found = {one.value: one.label for one in queries.top(ALL, "users", 10)}
    assert found["uuid-ana"] == "Ana Restrepo"
    assert found["uuid-lobby"] == "uuid-lobby"
    assert found["NA-less"] == "NA-less"


FILTER_FIELDS = ("users", "countries", "sites", "outcomes", "call_types", "directions", "trunks")


@pytest.mark.parametrize("by", FILTER_FIELDS)
def test_a_value_from_a_list_filters_to_the_legs_it_counted(queries: CallQueries, by: str) -> None:
    for found in queries.top(ALL, by, 10):
        chosen: dict[str, Any] = {by: (found.value,)}
        narrowed = queries.count(replace(ALL, **chosen))
        assert narrowed >= found.legs if by == "trunks" else narrowed == found.legs


@pytest.mark.parametrize("by", GROUPS)
def test_choices_come_by_label(queries: CallQueries, by: str) -> None:
    labels = [choice.label for choice in queries.choices(by)]
    assert labels == sorted(labels, key=str.casefold)


def test_an_unknown_group_is_refused(queries: CallQueries) -> None:
    with pytest.raises(InvalidInputError):
        queries.top(ALL, "raw) --", 3)


def test_the_newest(queries: CallQueries) -> None:
    assert queries.newest() == max(one["start_time"] for one in ROWS).replace(tzinfo=UTC)
    assert queries.newest_stored() == max(one["stored_at"] for one in ROWS).replace(tzinfo=UTC)
    assert isinstance(queries.newest(), datetime)
