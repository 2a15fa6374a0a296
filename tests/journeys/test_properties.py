"""What must hold for every set of legs, sensible or not."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.calls.normalise import normalise_records
from core.journeys.legs import LEG_COLUMNS
from core.journeys.model import Journey
from core.journeys.rebuild import rebuild_all
from core.journeys.route import route_text
from core.journeys.written import journey_json
from tests.calls.records import uuid_of
from tests.journeys.golden import GOLDEN, Golden
from tests.journeys.sequences import NINE, STORED
from tests.journeys.tenant import distinct_calls

Record = dict[str, Any]

_IDS = ["", "NA", "1:0", "2:0", "3:0", "4:0", "1:0 "]
_CALLS = ["", "NA", "c1", "c2", "c3", "00000000-0000-0000-0000-000000000000"]
_PEOPLE = ["", "NA", "ann", "bob", "carl"]
_NUMBERS = ["", "201", "202", "+5351234567", "*98", "9011"]
_INSTANTS = st.one_of(
    st.just(""),
    st.integers(-90_000, 90_000).map(lambda at: (NINE + timedelta(seconds=at)).isoformat()),
    st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00.000Z"]),
)
_STARTS = st.integers(-90_000, 90_000).map(lambda at: (NINE + timedelta(seconds=at)).isoformat())


def _one_of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["", "NA", *values])


LEGS = st.fixed_dictionaries(
    {"Start time": _STARTS},
    optional={
        "Answer time": _INSTANTS,
        "Release time": _INSTANTS,
        "Call transfer time": _INSTANTS,
        "Duration": st.sampled_from([0, 1, 60, -5, 2_000_000_000, ""]),
        "Ring duration": st.sampled_from(["", "0", "7", "-1", "2000000000"]),
        "Hold duration": st.sampled_from([0, 5, -3, 2_000_000_000]),
        "Answered": st.sampled_from(["true", "false", "", "NA"]),
        "Answer indicator": _one_of("Yes", "No", "Yes-PostRedirection"),
        "Answered elsewhere": _one_of("Yes", "No"),
        "Direction": st.sampled_from(["ORIGINATING", "TERMINATING", "", "SIDEWAYS"]),
        "Call type": _one_of("SIP_ENTERPRISE", "SIP_INBOUND", "SIP_INTERNATIONAL", "SIP_MOBILE", "UNKNOWN", "SIP_NEW"),
        "Call outcome": _one_of("Success", "Refusal", "Failure"),
        "Call outcome reason": _one_of("Normal", "UserBusy", "NoAnswer", "SIP487", "CallRejected"),
        "Releasing party": _one_of("Local", "Remote", "Unknown"),
        "User": st.sampled_from(_PEOPLE),
        "User UUID": st.sampled_from(_PEOPLE),
        "User number": st.sampled_from(_NUMBERS),
        "User type": _one_of(
            "User", "Place", "AutomatedAttendantVideo", "HuntGroup", "CallCenterPremium", "VoiceMailGroup", "Martian"
        ),
        "Calling number": st.sampled_from(_NUMBERS),
        "Called number": st.sampled_from(_NUMBERS),
        "Called line ID": _one_of("Voice Portal Voice Messaging Group", "Bob"),
        "Redirecting number": st.sampled_from(_NUMBERS),
        "Redirecting party UUID": st.sampled_from(_PEOPLE),
        "Redirect reason": _one_of(
            "Unconditional", "NoAnswer", "Deflection", "FollowMe", "CallQueue", "HuntGroup", "X"
        ),
        "Related reason": _one_of(
            "ConsultativeTransfer", "CallQueue", "HuntGroup", "CallPickup", "CallPark", "CalllPark", "CallParkRetrieve",
            "BargeIn", "CCMonitoringBI", "PushNotificationRetrieval", "Unrecognised", "SimultaneousRingPersonal", "X",
        ),
        "Transfer type": _one_of("AI Receptionist Deflection By Intent", "AI Receptionist Deflection By Default"),
        "Recall type": _one_of("Recall"),
        "Correlation ID": st.sampled_from(_CALLS),
        "Interaction ID": st.sampled_from(["", "NA", "i1", "i2"]),
        "Local call ID": st.sampled_from(_IDS),
        "Remote call ID": st.sampled_from(_IDS),
        "Related call ID": st.sampled_from(_IDS),
        "Transfer related call ID": st.sampled_from(_IDS),
        "Network call ID": _one_of("n1", "n2"),
        "Org UUID": _one_of("acme", "other"),
        "Sub client type": _one_of("MOBILE_NETWORK"),
        "Outbound trunk": _one_of("LGW"),
    },
)  # fmt: skip


def _table(records: list[Record]) -> pa.Table:
    return normalise_records(records, source="import", stored_at=STORED).table.select(list(LEG_COLUMNS))


def _named(records: list[Record]) -> list[Record]:
    return [record | {"Report ID": f"r{number}"} for number, record in enumerate(records)]


def _by_members(table: pa.Table) -> dict[frozenset[str], Journey]:
    return {frozenset(journey.report_ids): journey for journey in rebuild_all(table)}


def _check(journey: Journey) -> None:
    assert journey.started <= journey.ended
    assert journey.stages
    longest = (journey.ended - journey.started).total_seconds() + 0.001
    for stage in journey.stages:
        assert journey.started <= stage.entered <= stage.left <= journey.ended
        assert 0 <= stage.seconds <= longest
        assert 0 <= stage.hold_seconds <= stage.talk_seconds <= stage.seconds + 0.001
        assert stage.ring_seconds >= 0
    for total in (journey.t_aa or 0, *journey.t_queues, journey.t_agent or 0, journey.ring_seconds):
        assert total >= 0
    assert 0 <= journey.hold_seconds <= journey.talk_seconds
    assert len(set(journey.report_ids)) == len(journey.report_ids)


_SHOWN: tuple[Callable[[Journey], object], ...] = (
    journey_json,
    lambda journey: route_text(journey, "es"),
)


@settings(max_examples=100, deadline=None)
@given(records=st.lists(LEGS, min_size=1, max_size=12), chance=st.randoms(use_true_random=False))
def test_any_legs_give_whole_calls_in_any_order(records: list[Record], chance: random.Random) -> None:
    records = _named(records)
    table = _table(records)
    found = _by_members(table)
    members = [report for group in found for report in group]
    assert sorted(members) == sorted(table["report_id"].to_pylist())
    for journey in found.values():
        _check(journey)
        for show in _SHOWN:
            show(journey)
    chance.shuffle(records)
    assert _by_members(_table(records)) == found


@settings(max_examples=60, deadline=None)
@given(
    picked=st.lists(st.sampled_from(GOLDEN), min_size=1, max_size=8),
    chance=st.randoms(use_true_random=False),
    lost=st.floats(0, 0.6),
)
def test_lost_records_are_no_harm(picked: list[Golden], chance: random.Random, lost: float) -> None:
    records = [record for golden in distinct_calls(picked) for record in golden.records]
    kept = [record for record in records if chance.random() >= lost] or records[:1]
    found = _by_members(_table(kept))
    assert sorted(report for group in found for report in group) == sorted(record["Report ID"] for record in kept)
    for journey in found.values():
        _check(journey)


@settings(max_examples=40, deadline=None)
@given(first=st.sampled_from(GOLDEN), second=st.sampled_from(GOLDEN))
def test_a_joining_record_makes_the_union_of_two_calls(first: Golden, second: Golden) -> None:
    calls = distinct_calls([first, second])
    records = [record for golden in calls for record in golden.records]
    apart = _by_members(_table(records))
    joining = records[0] | {"Report ID": uuid_of("joining"), "Interaction ID": "joining", "Local call ID": "9999:0"}
    ends = {records[0]["Correlation ID"], records[-1]["Correlation ID"]} - {""}
    assume(ends)  # What has no Correlation ID cannot be named by another record.
    bridges = [
        joining | {"Report ID": uuid_of(f"joining {call}"), "Correlation ID": call, "Remote call ID": ""}
        for call in sorted(ends)
    ]
    together = _by_members(_table(records + bridges))
    touched = [members for members in apart if members & _reports(records, ends)]
    united = frozenset[str]().union(*touched, [bridge["Report ID"] for bridge in bridges])
    assert united in together
    assert set(together[united].correlation_ids) >= ends
    others = {members: call for members, call in apart.items() if members not in touched}
    assert others.items() <= together.items()


def _reports(records: list[Record], calls: set[str]) -> set[str]:
    return {record["Report ID"] for record in records if record["Correlation ID"] in calls}


def test_the_older_id_survives_a_merge() -> None:
    later, earlier = distinct_calls([GOLDEN[0], GOLDEN[1]])
    moved = [
        record | {"Start time": (NINE - timedelta(minutes=5)).astimezone(UTC).isoformat(), "Interaction ID": "i"}
        for record in earlier.records
    ]
    joined = [record | {"Interaction ID": "i"} for record in later.records]
    (journey,) = rebuild_all(_table(joined + moved))
    assert journey.journey_id == moved[0]["Correlation ID"]


def test_start_times_are_aware() -> None:
    (journey,) = rebuild_all(_table(GOLDEN[0].records))
    assert journey.started == datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
