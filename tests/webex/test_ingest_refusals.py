"""What Webex refuses or sends broken while calls are read: roles, limits, regions, links, windows."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.clock import SteppedClock
from core.errors import TollwatchError
from core.services import Services
from core.store.engine import Database
from core.webex import sync_log
from core.webex.connections import status
from core.webex.errors import (
    CallHistoryRoleMissingError,
    NeedsAuthorisationError,
    PagingRefusedError,
    RateLimitedError,
    RegionRefusedError,
)
from core.webex.ingest import calls_sync
from tests.calls.records import leg
from tests.webex.conftest import services_for
from tests.webex.feeding import HOUR, end_call, ingest, stored
from tests.webex.scripted_cloud import RunningCloud, ScriptedCloud, fails, says, sends


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


def test_a_rejected_token_stops_the_run_with_its_remedy(small: Services, cloud: ScriptedCloud) -> None:
    cloud.tokens.clear()
    with pytest.raises(NeedsAuthorisationError):
        ingest(small)
    assert stored(small) == []
