"""From the wire into the table: windows, paging, limits, late and double records, refusals."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.calls.ingest import IngestCounts
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.errors import InvalidInputError, TollwatchError
from core.services import Services
from core.store.engine import Database
from core.webex import cursors, sync_log
from core.webex.cdr import wire_time
from core.webex.connections import status
from core.webex.errors import (
    CallHistoryRoleMissingError,
    NeedsAuthorisationError,
    PagingRefusedError,
    RateLimitedError,
    RegionRefusedError,
)
from core.webex.ingest import calls_sync, ingest_once, request_rescan
from tests.calls.records import leg
from tests.webex.conftest import services_for
from tests.webex.scripted_cloud import RunningCloud, ScriptedCloud, fails, instant, says, sends

HOUR = timedelta(hours=1)


def quiet(_done: int, _total: int | None, _doing: str) -> None:
    return None


def never() -> bool:
    return False


def ingest(services: Services, since: datetime | None = None, until: datetime | None = None) -> IngestCounts:
    return ingest_once(services, quiet, never, since, until)


def stored(services: Services) -> list[str]:
    """Report IDs in the table, sorted, doubles and all."""
    return stored_in(services.settings.calls_path)


def stored_in(path: Path) -> list[str]:
    """Report IDs in the table at a path, read as another process would."""
    files = CallTable(path).files()
    return sorted(value for file in files for value in pq.read_table(file, columns=["report_id"])[0].to_pylist())


def end_call(cloud: ScriptedCloud, number: int, ended: datetime, late: timedelta = timedelta(0), **changes: Any) -> str:
    """A call of a minute that ends at an instant; its record enters the cloud ``late`` after that."""
    record = leg(number, start=ended - timedelta(seconds=66), seconds=60, **changes)
    cloud.add(record, ended + timedelta(seconds=1) + late)
    return str(record["Report ID"])


@pytest.fixture
def small(cloud: ScriptedCloud, sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """A token given by hand and three days of history instead of thirty."""
    return services_for(
        cloud, sqlite_database, clock, tmp_path, webex_access_token="by-hand-token", webex_feed_history_days=3
    )


def test_the_first_fill_brings_the_whole_history_newest_first(small: Services, cloud: ScriptedCloud) -> None:
    now = small.clock.now()
    expected = sorted(end_call(cloud, hours, now - timedelta(hours=hours, minutes=7)) for hours in range(71))
    counts = ingest(small)
    assert stored(small) == expected
    assert counts.new == 71
    feed = [seen.query for seen in cloud.requests("/cdr_feed")]
    starts = [instant(query["startTime"]) for query in feed]
    assert starts == sorted(starts, reverse=True)
    assert all(instant(query["endTime"]) - instant(query["startTime"]) <= 12 * HOUR for query in feed)
    assert calls_sync(small).gaps == ()


def test_two_reads_one_after_the_other_bring_nothing_twice(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    expected = [end_call(cloud, 1, clock.now() - HOUR)]
    ingest(small)
    clock.step(60)
    second = ingest(small)
    assert (second.new, second.replaced) == (0, 0)
    assert stored(small) == expected


def test_the_steady_state_asks_the_stream_once_a_run_with_a_little_overlap(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    ingest(small)
    head = calls_sync(small).head
    cloud.seen.clear()
    clock.step(300)
    identity = end_call(cloud, 1, clock.now() - timedelta(minutes=2))
    assert ingest(small).new == 1
    assert [seen.path for seen in cloud.seen] == ["/cdr_stream"]
    assert head is not None
    assert instant(cloud.seen[0].query["startTime"]) < head
    assert stored(small) == [identity]


def test_a_record_that_enters_hours_late_comes_by_the_stream(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    ingest(small)
    late = end_call(cloud, 1, clock.now(), late=timedelta(hours=5))
    for _ in range(12):
        clock.step(1800)
        ingest(small)
    assert stored(small) == [late]


def test_pages_are_stored_one_by_one_through_the_malformed_link(small: Services, cloud: ScriptedCloud) -> None:
    legs = [leg(number, start=small.clock.now() - HOUR) for number in range(3)]
    following = f"{cloud.url}/cdr_stream?startTimeForNextFetch=x&orgId=y"
    cloud.answer(
        "/cdr_stream",
        says({"items": legs[:2]}, Link=f'<<{following};rel="next">'),
        says({"items": legs[1:]}),
    )
    counts = ingest(small)
    assert (counts.read, counts.new, counts.duplicate) == (4, 3, 1)


def test_404_with_its_message_is_an_empty_window(small: Services, cloud: ScriptedCloud) -> None:
    empty = fails(404, "No CDRs for requested time range and filters")
    cloud.answer("/cdr_stream", empty)
    cloud.answer("/cdr_feed", *[empty] * 20)
    assert ingest(small) == IngestCounts()
    assert calls_sync(small).by_stream
    assert calls_sync(small).gaps == ()


@pytest.mark.parametrize("refusal", [fails(403, "not allowed"), fails(404, "not found"), sends(b"", "text/html", 404)])
def test_where_the_stream_is_refused_the_feed_takes_over_with_overlap(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock, refusal: Any
) -> None:
    cloud.answer("/cdr_stream", refusal)
    now = clock.now()
    first = end_call(cloud, 1, now - timedelta(minutes=30))
    ingest(small)
    assert not calls_sync(small).by_stream
    late = end_call(cloud, 2, now - timedelta(minutes=20), late=timedelta(minutes=21))
    clock.step(1200)
    ingest(small)
    assert stored(small) == sorted([first, late])
    clock.step(3000)
    cloud.seen.clear()
    ingest(small)
    assert cloud.requests("/cdr_stream"), "the stream is tried again after an hour"


def test_a_missing_role_is_told_with_its_remedy(small: Services, cloud: ScriptedCloud) -> None:
    cloud.answer("/cdr_stream", fails(403))
    cloud.answer("/cdr_feed", fails(403))
    with pytest.raises(CallHistoryRoleMissingError) as caught:
        ingest(small)
    for language in ("en", "es"):
        assert "Webex Calling Detailed Call History API access" in caught.value.remedy(language)
    assert status(small).last_error_code == "webex_cdr_role_missing"
    ingest(small)
    assert status(small).last_error_code is None


@pytest.mark.parametrize("retry_after", ["1", None, "99999999"])
def test_a_429_is_waited_out_and_nothing_is_lost(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock, retry_after: str | None
) -> None:
    limited = fails(429, "Request rate exceeds threshold", **({"Retry_After": retry_after} if retry_after else {}))
    cloud.answer("/cdr_stream", limited, limited)
    identity = end_call(cloud, 1, clock.now() - timedelta(minutes=30))
    before = clock.monotonic()
    ingest(small)
    assert stored(small) == [identity]
    if retry_after == "1":
        assert clock.monotonic() - before >= 2
    assert clock.monotonic() - before < 30


def test_a_429_that_never_ends_fails_the_run_and_keeps_the_cursor(small: Services, cloud: ScriptedCloud) -> None:
    cloud.answer("/cdr_stream", *[fails(429, Retry_After="1")] * 20)
    with pytest.raises(RateLimitedError):
        ingest(small)
    with small.database.read() as session:
        latest = sync_log.entries(session)[0]
    assert (latest.state, latest.error_code) == ("failed", "webex_rate_limited")


def test_the_pace_is_one_window_and_ten_pages_a_minute(
    cloud: ScriptedCloud, sqlite_database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    services = services_for(
        cloud, sqlite_database, clock, tmp_path, webex_access_token="by-hand-token", webex_rate_scale=1.0,
        webex_feed_history_days=1,
    )  # fmt: skip
    cloud.page_size = 2
    for number in range(24):
        end_call(cloud, number, clock.now() - timedelta(minutes=30 + number))
    arrivals: list[tuple[float, bool]] = []
    original = cloud._page

    def timed(request: Any, items: list[Any], size: int) -> Any:
        arrivals.append((clock.monotonic(), "start" in request.query_params))
        return original(request, items, size)

    cloud._page = timed  # type: ignore[method-assign]
    ingest(services)
    for further, most in ((False, 1), (True, 10)):
        times = [at for at, is_further in arrivals if is_further is further]
        assert len(times) > 2
        assert all(sum(1 for other in times if at <= other < at + 60) <= most for at in times)


def test_the_gates_are_shared_by_two_callers(
    cloud: ScriptedCloud, database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    services = services_for(cloud, database, clock, tmp_path, webex_access_token="by-hand-token", webex_rate_scale=1.0)
    ingest(services, clock.now() - HOUR)
    before = clock.monotonic()
    other = services_for(cloud, database, clock, tmp_path, webex_access_token="by-hand-token", webex_rate_scale=1.0)
    ingest(other, clock.now() - HOUR)
    assert clock.monotonic() - before >= 60


def test_a_451_moves_to_the_named_region_and_stays_there(
    cloud: ScriptedCloud, sqlite_database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    with RunningCloud(ScriptedCloud(clock=clock)) as wrong:
        services = services_for(
            cloud, sqlite_database, clock, tmp_path, webex_analytics_url=wrong.url, webex_access_token="by-hand-token",
            webex_feed_history_days=1,
        )  # fmt: skip
        host = cloud.url.removesuffix("/v1")
        wrong.answer("/cdr_stream", *[fails(451, f"The request should go to URL: {host}. Thank you.")] * 3)
        identity = end_call(cloud, 1, clock.now() - HOUR)
        ingest(services)
        clock.step(120)
        ingest(services)
        assert stored(services) == [identity]
        assert len(wrong.seen) == 1
        assert status(services).analytics_url == cloud.url


@pytest.mark.parametrize(
    "message",
    [
        "should go to URL: https://analytics-calling.evil.example/v1",
        "should go to URL: https://analytics-calling.webexapis.com.evil.example",
        "should go to URL: http://analytics-calling-eu.webexapis.com",
        "no address at all",
    ],
)
def test_a_451_to_a_foreign_host_is_refused(small: Services, cloud: ScriptedCloud, message: str) -> None:
    cloud.answer("/cdr_stream", fails(451, message))
    with pytest.raises(RegionRefusedError):
        ingest(small)
    assert status(small).analytics_url == cloud.url


def test_a_foreign_next_link_stores_the_page_and_does_not_move_the_cursor(
    small: Services, cloud: ScriptedCloud
) -> None:
    record = leg(1, start=small.clock.now() - HOUR)
    cloud.answer("/cdr_stream", says({"items": [record]}, Link='<https://evil.example/x>; rel="next"'))
    with pytest.raises(PagingRefusedError):
        ingest(small)
    head = calls_sync(small).head
    assert stored(small) == [record["Report ID"]]
    assert head is not None
    assert head <= small.clock.now() - 2 * HOUR + timedelta(minutes=1)


@pytest.mark.parametrize(
    "responder",
    [
        fails(503),
        sends(b"<html>", "text/html"),
        sends(b'{"items": [{"Report ID": "x"'),
        says({"rows": []}),
        says({"items": "many"}),
    ],
)
def test_a_window_that_fails_is_asked_for_again_by_the_next_run(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock, responder: Callable[..., Any]
) -> None:
    identity = end_call(cloud, 1, clock.now() - HOUR)
    cloud.answer("/cdr_stream", responder, responder, responder)
    with pytest.raises(TollwatchError):
        ingest(small)
    with small.database.read() as session:
        assert sync_log.entries(session)[0].state == "failed"
    ingest(small)
    assert stored(small) == [identity]
    assert status(small).last_error_code is None


def test_records_that_are_no_records_are_put_aside_and_do_not_block(small: Services, cloud: ScriptedCloud) -> None:
    good = leg(1, start=small.clock.now() - HOUR)
    cloud.answer("/cdr_stream", says({"items": [good, "text", 7, None, {"Start time": "yesterday"}]}))
    counts = ingest(small)
    assert counts.new == 1
    assert counts.quarantined == 4
    assert stored(small) == [good["Report ID"]]


def test_unknown_fields_are_kept(small: Services, cloud: ScriptedCloud) -> None:
    cloud.answer("/cdr_stream", says({"items": [{**leg(1, start=small.clock.now() - HOUR), "New field 2027": "x"}]}))
    ingest(small)
    raw = [value for file in small.calls.files() for value in pq.read_table(file, columns=["raw"])[0].to_pylist()]
    assert len(raw) == 1
    assert "New field 2027" in raw[0]


def test_a_cursor_far_in_the_future_brings_no_data_and_no_crash(small: Services, cloud: ScriptedCloud) -> None:
    with small.database.write() as session:
        cursors.change_calls(
            session, lambda cursor: cursor.advanced(datetime(2999, 12, 31, tzinfo=UTC)), small.clock.now()
        )
    assert ingest(small) == IngestCounts()
    assert cloud.seen == []
    assert calls_sync(small).is_ahead
    request_rescan(small)
    identity = end_call(cloud, 1, small.clock.now() - HOUR)
    ingest(small)
    assert stored(small) == [identity]
    assert not calls_sync(small).is_ahead


def test_a_clock_that_steps_back_loses_nothing(small: Services, cloud: ScriptedCloud, clock: SteppedClock) -> None:
    cloud.clock = cloud_clock = SteppedClock(clock.now())
    ingest(small)
    clock.step(-7200)
    ingest(small)
    identity = end_call(cloud, 1, cloud_clock.now())
    for ticking in (clock, cloud_clock):
        ticking.step(7200 + 300)
    ingest(small)
    assert stored(small) == [identity]


def test_a_day_of_stand_still_is_made_good_by_the_feed(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    ingest(small)
    stopped = clock.now()
    clock.step(30 * 3600)
    expected = sorted(end_call(cloud, hours, stopped + timedelta(hours=hours)) for hours in range(30))
    ingest(small)
    assert stored(small) == expected


def test_what_webex_no_longer_shows_is_given_up_and_logged(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    ingest(small)
    clock.step(10 * 24 * 3600)
    ingest(small)
    assert calls_sync(small).gaps == ()
    with small.database.read() as session:
        states = {entry.state for entry in sync_log.entries(session)}
    assert "unreachable" in states


def test_the_nightly_rescan_finds_what_the_overlap_missed(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    cloud.answer("/cdr_stream", *[fails(404, "not found")] * 30)
    ingest(small)
    late = end_call(cloud, 1, clock.now(), late=timedelta(hours=20))
    clock.step(21 * 3600)
    ingest(small)
    request_rescan(small)
    ingest(small)
    assert stored(small) == [late]


def test_a_stretch_asked_for_by_a_person_is_fetched_again(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    identity = end_call(cloud, 1, clock.now() - 20 * HOUR)
    assert ingest(small, clock.now() - 30 * HOUR, clock.now()).new == 1
    assert len(cloud.requests("/cdr_feed")) == 3
    assert stored(small) == [identity]


def test_a_stretch_beyond_webex_reach_is_refused_in_words(small: Services, clock: SteppedClock) -> None:
    with pytest.raises(InvalidInputError):
        ingest(small, clock.now() - timedelta(days=90), clock.now() - timedelta(days=60))


def test_a_request_to_stop_ends_between_pages_and_the_rest_comes_later(
    small: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    cloud.page_size = 1
    expected = sorted(end_call(cloud, number, clock.now() - timedelta(minutes=20 + number)) for number in range(5))
    asked: list[int] = []

    def stop_soon() -> bool:
        asked.append(1)
        return len(stored(small)) >= 2

    counts = ingest_once(small, quiet, stop_soon)
    assert counts.new == 2
    ingest(small)
    assert stored(small) == expected


def test_a_rejected_token_stops_the_run_with_its_remedy(small: Services, cloud: ScriptedCloud) -> None:
    cloud.tokens.clear()
    with pytest.raises(NeedsAuthorisationError):
        ingest(small)
    assert stored(small) == []


def test_times_are_sent_in_utc_with_three_decimals() -> None:
    bogota = datetime.fromisoformat("2026-11-20T12:00:00.123456-05:00")
    assert wire_time(bogota) == "2026-11-20T17:00:00.123Z"
