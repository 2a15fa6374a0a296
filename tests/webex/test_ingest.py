"""From the wire into the table: windows, paging, late and double records, stretches asked for again."""

from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from core.calls.ingest import IngestCounts
from core.clock import SteppedClock
from core.errors import InvalidInputError
from core.services import Services
from core.webex import cursors, sync_log
from core.webex.cdr import wire_time
from core.webex.ingest import calls_sync, ingest_once, request_rescan
from tests.calls.records import leg
from tests.webex.feeding import HOUR, end_call, ingest, quiet, stored
from tests.webex.scripted_cloud import ScriptedCloud, fails, instant, says


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


def test_times_are_sent_in_utc_with_three_decimals() -> None:
    bogota = datetime.fromisoformat("2026-11-20T12:00:00.123456-05:00")
    assert wire_time(bogota) == "2026-11-20T17:00:00.123Z"
