"""What must hold for the records of any seed and any day."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calls.fields import FIELDS
from core.calls.normalise import normalise_records
from core.sandbox.founding import build_world
from core.sandbox.legs import Record, offset_minutes, stamp
from core.sandbox.traffic import Traffic

KEYS = {field.key for field in FIELDS}
TIMES = ("Start time", "Answer time", "Release time", "Report time")
SERVICES = {"AutomatedAttendantVideo", "HuntGroup", "CallCenterPremium", "CallCenterStandard"}


@cache
def day_of(seed: int, day: date) -> tuple[Record, ...]:
    return tuple(leg.record for leg in Traffic(build_world(seed, 30)).day(day))


DAYS = (
    date(2026, 3, 8),
    date(2026, 4, 1),
    date(2026, 7, 20),
    date(2026, 9, 9),
    date(2026, 11, 1),
    date(2026, 11, 20),
    date(2027, 1, 15),
)
"""Ordinary days, holidays, a weekend, and the two on which clocks change in Denver."""

ANY_DAY = {"seed": st.integers(0, 4), "day": st.sampled_from(DAYS)}
FEW = settings(max_examples=10, deadline=None)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@FEW
@given(**ANY_DAY)
def test_a_record_has_all_keys_of_the_live_feed_and_its_types(seed: int, day: date) -> None:
    for record in day_of(seed, day):
        assert record.keys() == KEYS
        integers = {key for key, value in record.items() if isinstance(value, int)}
        assert integers == {"Duration", "Hold duration"}
        assert all(isinstance(value, str) for key, value in record.items() if key not in integers)


@FEW
@given(**ANY_DAY)
def test_report_ids_and_local_call_ids_are_unique(seed: int, day: date) -> None:
    records = day_of(seed, day)
    for key in ("Report ID", "Local call ID"):
        assert len({record[key] for record in records}) == len(records)


@FEW
@given(**ANY_DAY)
def test_the_two_records_of_a_leg_mirror_each_other(seed: int, day: date) -> None:
    records = day_of(seed, day)
    by_local = {record["Local call ID"]: record for record in records}
    paired = [record for record in records if record["Remote call ID"]]
    for record in paired:
        other = by_local[record["Remote call ID"]]
        assert other["Remote call ID"] == record["Local call ID"]
        assert {record["Direction"], other["Direction"]} == {"ORIGINATING", "TERMINATING"}
        assert other["Network call ID"] == record["Network call ID"]
        assert other["Correlation ID"] == record["Correlation ID"]
        assert other["Answered"] == record["Answered"]
        assert record["Call type"] == other["Call type"] == "SIP_ENTERPRISE"
    networks = Counter(record["Network call ID"] for record in records)
    assert all(count <= 2 for count in networks.values())


@FEW
@given(**ANY_DAY)
def test_off_net_legs_have_one_record_and_terminating_on_net_legs_two(seed: int, day: date) -> None:
    for record in day_of(seed, day):
        off_net = record["Call type"] not in {"SIP_ENTERPRISE", "SIP_MEETING"}
        if off_net:
            assert record["Remote call ID"] == ""
            assert (record["Call type"] == "SIP_INBOUND") == (record["Direction"] == "TERMINATING")
        elif record["Direction"] == "TERMINATING":
            assert record["Remote call ID"]


@FEW
@given(**ANY_DAY)
def test_times_are_in_order_and_lengths_agree_with_them(seed: int, day: date) -> None:
    for record in day_of(seed, day):
        start, release, report = (instant(record[key]) for key in ("Start time", "Release time", "Report time"))
        assert start <= release <= report <= release + timedelta(seconds=1)
        if record["Answered"] == "true":
            answer = instant(record["Answer time"])
            assert start <= answer <= release
            assert record["Duration"] == (release - answer) // timedelta(seconds=1)
            assert 0 <= record["Hold duration"] <= max(record["Duration"], 0)
        else:
            assert record["Answer time"] == ""
            assert record["Duration"] == 0
        assert int(record["Ring duration"]) >= 0
        if record["Call transfer time"]:
            assert start <= instant(record["Call transfer time"]) <= release


@FEW
@given(**ANY_DAY)
def test_causes_are_found_in_the_same_conversation(seed: int, day: date) -> None:
    records = day_of(seed, day)
    by_local = {record["Local call ID"]: record for record in records}
    sessions = defaultdict(set)
    for record in records:
        sessions[record["Correlation ID"]].add(record["Interaction ID"])
        for key in ("Related call ID", "Transfer related call ID"):
            if record[key]:
                cause = by_local[record[key]]
                assert cause["Interaction ID"] == record["Interaction ID"]
                assert instant(cause["Start time"]) <= instant(record["Start time"]) or key.startswith("Transfer")
        if record["Related call ID"] and record["Direction"] == "ORIGINATING":
            assert by_local[record["Related call ID"]]["Direction"] == "TERMINATING"
    assert all(len(interactions) == 1 for interactions in sessions.values())


@FEW
@given(**ANY_DAY)
def test_a_consultative_transfer_joins_two_correlation_ids(seed: int, day: date) -> None:
    records = day_of(seed, day)
    by_local = {record["Local call ID"]: record for record in records}
    for record in records:
        if record["Related reason"] == "ConsultativeTransfer":
            other = by_local[record["Transfer related call ID"]]
            assert other["Transfer related call ID"] == record["Local call ID"]
            assert other["Correlation ID"] != record["Correlation ID"]


@FEW
@given(**ANY_DAY)
def test_the_site_offset_is_that_of_the_zone_at_the_start(seed: int, day: date) -> None:
    zones = {site.name: ZoneInfo(site.zone) for site in build_world(seed, 30).sites}
    for record in day_of(seed, day):
        local = instant(record["Start time"]).astimezone(zones[record["Location"]])
        offset = local.utcoffset()
        assert offset is not None
        assert int(record["Site timezone"]) == offset.total_seconds() / 60


@FEW
@given(**ANY_DAY)
def test_our_own_reader_accepts_every_record(seed: int, day: date) -> None:
    records = day_of(seed, day)
    read = normalise_records(records, source="feed", stored_at=datetime(2028, 1, 1, tzinfo=UTC))
    assert read.rejected == []
    assert read.table.num_rows == len(records)


@FEW
@given(**ANY_DAY)
def test_nobody_makes_two_calls_out_at_the_same_time(seed: int, day: date) -> None:
    spans = defaultdict(list)
    for record in day_of(seed, day):
        is_out = record["Direction"] == "ORIGINATING" and record["Call type"] in {"SIP_NATIONAL", "SIP_MOBILE"}
        if is_out and record["User type"] == "User" and not record["Related call ID"]:
            spans[record["User UUID"]].append((record["Start time"], record["Release time"]))
    for calls in spans.values():
        calls.sort()
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(calls))


@pytest.mark.parametrize(
    ("zone", "moment", "minutes"),
    [
        ("America/Denver", datetime(2026, 3, 8, 8, 59, tzinfo=UTC), -420),
        ("America/Denver", datetime(2026, 3, 8, 9, 0, tzinfo=UTC), -360),
        ("America/Denver", datetime(2026, 11, 1, 8, 0, tzinfo=UTC), -420),
        ("America/Phoenix", datetime(2026, 7, 1, 8, 0, tzinfo=UTC), -420),
        ("America/Bogota", datetime(2026, 7, 1, 8, 0, tzinfo=UTC), -300),
    ],
)
def test_offsets_follow_daylight_saving(zone: str, moment: datetime, minutes: int) -> None:
    assert offset_minutes(zone, int(moment.timestamp() * 1000)) == minutes


@given(st.integers(1_500_000_000_000, 1_900_000_000_000))
def test_instants_are_written_with_three_decimals(milliseconds: int) -> None:
    aware = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert stamp(milliseconds) == aware.strftime("%Y-%m-%dT%H:%M:%S.") + f"{aware.microsecond // 1000:03d}Z"


def test_every_feature_of_webex_calling_occurs() -> None:
    traffic = Traffic(build_world(3, 150))
    records = [leg.record for ahead in range(6) for leg in traffic.day(date(2026, 10, 5) + timedelta(days=ahead))]
    related = {record["Related reason"] for record in records}
    assert related >= {
        "AnywhereLocation", "BargeIn", "CCMonitoringBI", "CallForwardAlways", "CallForwardBusy", "CallForwardNoAnswer",
        "CallForwardSelective", "CallPark", "CallParkRetrieve", "CallPickup", "CallQueue", "CallRetrieve",
        "ConsultativeTransfer", "Deflection", "DirectedCallPickup", "Executive", "ExecutiveAssistantCallPush",
        "HuntGroup", "PushNotificationRetrieval", "SimultaneousRingPersonal", "Unrecognised",
    }  # fmt: skip
    assert {record["User type"] for record in records} >= SERVICES | {"User", "Place", "BroadworksAnywhere"}
    assert {record["Call type"] for record in records} >= {
        "SIP_ENTERPRISE", "SIP_INBOUND", "SIP_INTERNATIONAL", "SIP_MEETING", "SIP_MOBILE", "SIP_NATIONAL",
        "SIP_TOLLFREE",
    }  # fmt: skip
    assert "MOBILE_NETWORK" in {record["Sub client type"] for record in records}
    assert "Yes" in {record["Answered elsewhere"] for record in records}
    assert "AI Receptionist Deflection By Intent" in {record["Transfer type"] for record in records}
    assert {record["Call outcome reason"] for record in records} >= {
        "UserBusy",
        "NoAnswer",
        "AdminCallBlock",
        "CallRejected",
    }
    overflow = [r for r in records if r["Redirect reason"] == "CallQueue" and r["User type"].startswith("CallCenter")]
    assert any(record["Direction"] == "TERMINATING" for record in overflow)
