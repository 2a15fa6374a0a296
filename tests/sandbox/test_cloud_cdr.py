"""The call history endpoints: windows, limits, paging, late records, duplicates and every spoiled answer."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from core.sandbox.cloud_cdr import _page_end
from core.sandbox.delivery import Delivered
from tests.sandbox.conftest import RunningCloud

Items = list[dict[str, Any]]


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def window(cloud: RunningCloud, begin: float, end: float, **more: Any) -> dict[str, Any]:
    """Query for the window from ``begin`` to ``end`` hours before the time at which the request will be made."""
    now = cloud.clock.now() + timedelta(seconds=61)
    return {"startTime": text(now - timedelta(hours=begin)), "endTime": text(now - timedelta(hours=end)), **more}


def read_all(cloud: RunningCloud, path: str, query: dict[str, Any], pace: float = 7) -> tuple[Items, int]:
    """Everything in a window by following the links, a page every ``pace`` seconds; and how many pages it took."""
    answer = cloud.http.get(path, params=query)
    items: Items = answer.json()["items"]
    pages = 1
    while answer.links:
        cloud.clock.step(pace)
        answer = cloud.http.get(answer.links["next"]["url"])
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        pages += 1
    return items, pages


def keys(items: Items) -> Counter[str]:
    return Counter(json.dumps(item, sort_keys=True) for item in items)


def test_feed_gives_records_by_report_time(cloud: RunningCloud) -> None:
    query = window(cloud, 20, 9)
    items = cloud.get("/v1/cdr_feed", **query).json()["items"]
    assert len(items) > 50
    assert all(query["startTime"] <= item["Report time"] < query["endTime"] for item in items)


@pytest.mark.parametrize("path", ["/v1/cdr_feed", "/v1/cdr_stream"])
def test_pages_give_everything_exactly_once(start_cloud: Callable[..., RunningCloud], path: str) -> None:
    cloud = start_cloud(people=130, rate_scale=1e-6)
    cloud.clock.step(6 * 3600)
    cloud.sign_in()
    query = window(cloud, 8, 0.2) if path.endswith("feed") else window(cloud, 6, 4.1)
    whole = cloud.http.get(path, params=query).json()["items"]
    cloud.clock.step(0.001)
    paged, pages = read_all(cloud, path, {**query, "max": 1}, pace=0.001)
    assert len(whole) > 500
    assert pages >= 2
    assert keys(paged) == keys(whole)


def test_adjacent_windows_give_everything_exactly_once(cloud: RunningCloud) -> None:
    now = cloud.clock.now()
    instants = [now - timedelta(hours=hours) for hours in (11, 9, 6, 4)]
    limits = [{"startTime": text(a), "endTime": text(b)} for a, b in pairwise(instants)]
    pieces = [item for limit in limits for item in cloud.get("/v1/cdr_feed", **limit).json()["items"]]
    whole = cloud.get("/v1/cdr_feed", startTime=text(instants[0]), endTime=text(instants[-1])).json()["items"]
    assert keys(pieces) == keys(whole)


@pytest.mark.parametrize(
    ("path", "begin", "end", "status"),
    [
        ("cdr_feed", 12.5, 1, 200),
        ("cdr_feed", 13.5, 1, 400),
        ("cdr_feed", 3, 0.09, 200),
        ("cdr_feed", 3, 0.07, 400),
        ("cdr_feed", 30 * 24 - 0.1, 30 * 24 - 3, 200),
        ("cdr_feed", 30 * 24 + 0.1, 30 * 24 - 3, 400),
        ("cdr_feed", 2, 2, 400),
        ("cdr_feed", 2, 3, 400),
        ("cdr_stream", 2.5, 0.5, 200),
        ("cdr_stream", 2.6, 0.5, 400),
        ("cdr_stream", 1, 0.018, 200),
        ("cdr_stream", 1, 0.015, 400),
        ("cdr_stream", 11.9, 11, 200),
        ("cdr_stream", 12.1, 11, 400),
    ],
)
def test_windows_have_their_limits(cloud: RunningCloud, path: str, begin: float, end: float, status: int) -> None:
    if path == "cdr_feed" and begin == 12.5:
        end = 0.5
    assert cloud.get(f"/v1/{path}", **window(cloud, begin, end)).status_code == status


@pytest.mark.parametrize("value", ["", "2026-11-20", "2026-11-20T10:00:00Z", "2026-13-40T10:00:00.000Z", "x" * 5000])
def test_times_must_have_the_one_form(cloud: RunningCloud, value: str) -> None:
    answer = cloud.get("/v1/cdr_feed", **{**window(cloud, 3, 1), "startTime": value})
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_one_first_request_a_minute_and_token(cloud: RunningCloud) -> None:
    query = window(cloud, 3, 1)
    assert cloud.get("/v1/cdr_feed", **query).status_code == 200
    refused = cloud.http.get("/v1/cdr_feed", params=query)
    assert refused.status_code == 429
    assert 55 <= int(refused.headers["Retry-After"]) <= 60
    assert cloud.http.get("/v1/cdr_stream", params=query).status_code == 429
    cloud.clock.step(61)
    assert cloud.http.get("/v1/cdr_feed", params=query).status_code == 200


def test_ten_further_pages_a_minute_and_token(cloud: RunningCloud) -> None:
    query = window(cloud, 3, 1)
    page = {**query, "startTimeForNextFetch": query["startTime"]}
    statuses = [cloud.http.get("/v1/cdr_feed", params=page).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_the_minute_can_be_scaled(start_cloud: Callable[..., RunningCloud]) -> None:
    cloud = start_cloud(rate_scale=0.01)
    cloud.sign_in()
    query = window(cloud, 3, 1)
    assert cloud.get("/v1/cdr_feed", **query).status_code == 200
    assert cloud.http.get("/v1/cdr_feed", params=query).headers["Retry-After"] == "1"
    cloud.clock.step(0.61)
    assert cloud.http.get("/v1/cdr_feed", params=query).status_code == 200


def test_late_records_come_in_the_stream_and_on_asking_the_feed_again(start_cloud: Callable[..., RunningCloud]) -> None:
    cloud = start_cloud(people=60)
    cloud.sign_in()
    first = window(cloud, 3, 0.1)
    early = keys(cloud.get("/v1/cdr_feed", **first).json()["items"])
    streamed: Items = []
    for _ in range(6):
        cloud.clock.step(2 * 3600)
        streamed += read_all(cloud, "/v1/cdr_stream", window(cloud, 2.06, 0.06))[0]
    later = keys(cloud.get("/v1/cdr_feed", **first).json()["items"])
    late = later - early
    assert early < later
    assert late <= keys(streamed)


def test_the_stream_gives_every_record_once_and_some_twice(cloud: RunningCloud) -> None:
    items: Items = []
    for hours in (11.9, 9.9, 7.9, 5.9, 3.9):
        items += cloud.get("/v1/cdr_stream", **window(cloud, hours, hours - 2)).json()["items"]
    times = Counter(item["Report ID"] for item in items)
    assert 0 <= sum(count - 1 for count in times.values()) <= 0.05 * len(items)
    assert max(times.values()) <= 2


def test_duplicates_late_and_corrected_copies_occur(start_cloud: Callable[..., RunningCloud]) -> None:
    cloud = start_cloud(people=120)
    day = (cloud.clock.now() - timedelta(days=1)).date()
    copies = cloud.tenant.archive.day(day)
    legs = len({copy.report_id for copy in copies})
    bodies = Counter(copy.body for copy in copies)
    twice = sum(count - 1 for count in bodies.values())
    assert 0.004 < twice / legs < 0.02
    corrected = len(bodies) - legs
    assert 0 < corrected < 0.01 * legs
    late = sum(copy.inserted - copy.report > 10 * 60_000 for copy in copies)
    assert 0.01 < late / legs < 0.06


def test_records_appear_as_time_passes(cloud: RunningCloud) -> None:
    cloud.clock.step(300)
    before = len(cloud.get("/v1/cdr_feed", **window(cloud, 5, 0.1)).json()["items"])
    cloud.clock.step(3600)
    now = cloud.clock.now() + timedelta(seconds=61)
    fixed = {"startTime": text(now - timedelta(hours=6.05)), "endTime": text(now - timedelta(minutes=6))}
    assert len(cloud.get("/v1/cdr_feed", **fixed).json()["items"]) > before


def test_locations_choose_by_name(cloud: RunningCloud) -> None:
    items = cloud.get("/v1/cdr_feed", **window(cloud, 6, 1, locations="San José, Denver")).json()["items"]
    assert {item["Location"] for item in items} <= {"San José", "Denver"}
    assert items
    assert cloud.get("/v1/cdr_feed", **window(cloud, 6, 1, locations=",".join("abcdefghijk"))).status_code == 400


def test_nothing_is_an_empty_list_or_on_a_switch_the_old_404(cloud: RunningCloud) -> None:
    assert cloud.get("/v1/cdr_feed", **window(cloud, 200, 199)).json() == {"items": []}
    cloud.control("faults", empty_as_404=True)
    answer = cloud.get("/v1/cdr_feed", **window(cloud, 200, 199))
    assert answer.status_code == 404
    assert "No CDRs" in answer.json()["message"]


def test_the_wrong_region_names_the_right_host(cloud: RunningCloud) -> None:
    cloud.control("faults", home_region="analytics-calling-eu.webexapis.com")
    answer = cloud.get("/v1/cdr_feed", **window(cloud, 3, 1))
    assert answer.status_code == 451
    assert "https://analytics-calling-eu.webexapis.com" in answer.json()["message"]


def test_without_the_role_the_scope_does_not_help(cloud: RunningCloud) -> None:
    cloud.control("faults", missing_role=True)
    assert cloud.get("/v1/cdr_feed", **window(cloud, 3, 1)).status_code == 403
    assert cloud.get("/v1/people/me").status_code == 200


def test_without_the_scope_the_records_stay_closed(cloud: RunningCloud) -> None:
    cloud.sign_in(scope="spark-admin:people_read")
    assert cloud.get("/v1/cdr_feed", **window(cloud, 3, 1)).status_code == 403


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("malformed", r"<<http"),
        ("foreign", "https://records.example/"),
        ("looping", "startTimeForNextFetch"),
    ],
)
def test_the_next_link_can_be_spoiled(start_cloud: Callable[..., RunningCloud], form: str, expected: str) -> None:
    cloud = start_cloud(people=80)
    cloud.sign_in()
    cloud.clock.step(6 * 3600)
    cloud.control("faults", next_link=form)
    answer = cloud.get("/v1/cdr_feed", **window(cloud, 6, 0.2, max=500))
    assert expected in answer.headers["link"]
    assert 'rel="next"' in answer.headers["link"]


def test_the_answer_can_be_spoiled(cloud: RunningCloud) -> None:
    cloud.control("faults", answer_with="html")
    assert cloud.get("/v1/cdr_feed", **window(cloud, 3, 1)).headers["content-type"].startswith("text/html")
    cloud.control("faults", answer_with="truncated")
    with pytest.raises(json.JSONDecodeError):
        cloud.get("/v1/cdr_feed", **window(cloud, 3, 1)).json()


@pytest.mark.parametrize(("mood", "header"), [("missing", None), ("absurd", "99999999999")])
def test_retry_after_can_be_missing_or_absurd(cloud: RunningCloud, mood: str, header: str | None) -> None:
    cloud.control("faults", retry_after=mood)
    query = window(cloud, 3, 1)
    cloud.get("/v1/cdr_feed", **query)
    answer = cloud.http.get("/v1/cdr_feed", params=query)
    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == header


def test_failures_can_be_ordered(cloud: RunningCloud) -> None:
    cloud.control("faults", failures=[{"path": "cdr_feed", "status": 503, "times": 2, "retry_after": "3"}])
    answers = [cloud.get("/v1/cdr_feed", **window(cloud, 3, 1)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "3"


def test_feed_can_go_by_the_start_of_the_call(cloud: RunningCloud) -> None:
    cloud.control("faults", feed_by_start=True)
    query = window(cloud, 6, 1)
    items = cloud.get("/v1/cdr_feed", **query).json()["items"]
    assert all(query["startTime"] <= item["Start time"] < query["endTime"] for item in items)


def test_an_incident_injected_now_is_seen_by_every_reader(cloud: RunningCloud) -> None:
    label = cloud.control("incidents", kind="premium", minutes_ago=240, strength=1.0)
    cloud.clock.step(180)
    streamed = cloud.get("/v1/cdr_stream", **window(cloud, 1, 0.02)).json()["items"]
    fed = cloud.get("/v1/cdr_feed", **window(cloud, 6, 0.1)).json()["items"]
    for items in (streamed, fed):
        assert len({item["Report ID"] for item in items} & set(label["report_ids"])) >= 0.8 * len(label["report_ids"])
    listed = cloud.http.get("/_sandbox/incidents").json()["items"]
    assert [each["id"] for each in listed] == [label["id"]]


def test_time_can_be_moved(cloud: RunningCloud) -> None:
    moved = cloud.control("jump", seconds=7200)["now"]
    assert datetime.fromisoformat(moved) == cloud.clock.now() + timedelta(hours=2)
    assert cloud.http.get("/_sandbox/state").json()["now"] == moved


def test_an_unknown_fault_or_incident_is_named(cloud: RunningCloud) -> None:
    for path, body in (("faults", {"no_such": 1}), ("incidents", {"kind": "none"})):
        answer: httpx.Response = cloud.http.post(f"/_sandbox/{path}", json=body)
        assert answer.status_code == 400


def test_a_page_never_ends_between_records_of_one_instant() -> None:
    copy = Delivered(0, 0, 0, "", "", b"")
    found = [(moment, copy) for moment in (1, 2, 3, 3, 3, 4)]
    assert [_page_end(found, size) for size in (2, 3, 4, 5, 6)] == [2, 2, 2, 5, 6]
    assert _page_end([(1, copy)] * 5, 3) == 3
