from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calls.fields import FIELDS, RECORD_SCHEMA
from core.calls.normalise import Normalised, normalise_records
from tests.calls.records import START, leg, uuid_of, wire_time
from tests.calls.rows import STORED_AT


def normalised(*records: Any) -> Normalised:
    return normalise_records(records, source="feed", stored_at=STORED_AT)


def row(record: dict[str, Any]) -> dict[str, Any]:
    page = normalised(record)
    assert page.rejected == []
    made: dict[str, Any] = page.table.to_pylist()[0]
    return made


def reasons(*records: Any) -> list[tuple[str, str]]:
    page = normalised(*records)
    assert page.table.num_rows == 0
    return [(rejected.reason_code, rejected.detail) for rejected in page.rejected]


def test_a_live_record_gives_every_typed_column() -> None:
    found = row(leg())
    assert normalised(leg()).table.schema == RECORD_SCHEMA
    assert found["report_id"] == uuid_of("report 1")
    assert found["start_time"] == START.replace(tzinfo=None)
    assert (found["duration"], found["ring_duration"], found["hold_duration"]) == (95, 6, 0)
    assert found["answered"] is True
    assert found["auto_attendant_key_pressed"] is None
    assert found["inbound_trunk"] is None
    assert found["dt"] == "2026-11-20"
    assert found["source"] == "feed"
    assert found["stored_at"] == STORED_AT.replace(tzinfo=None)
    assert orjson.loads(found["raw"]) == leg()


@pytest.mark.parametrize(
    ("spelling", "column"),
    [
        ("Call transfer Time", "call_transfer_time"),
        ("PSTN Vendor Name", "pstn_vendor_name"),
        ("Original Called Party UUID", "original_called_party_uuid"),
        ("Device Mac", "device_mac"),
        ("International Country", "international_country"),
        ("Final local sessionID", "final_local_sessionid"),
        ("Answer Indicator", "answer_indicator"),
        ("  releasing_party ", "releasing_party"),
        ("\ufeffUser", "user"),
        ("localSessionId", "local_sessionid"),
        ("callTransferTime", "call_transfer_time"),
        ("WxCCConsultMergeStatus", "wxcc_consult_merge_status"),
    ],
)
def test_keys_are_taken_in_any_spelling(spelling: str, column: str) -> None:
    key = next(field.key for field in FIELDS if field.column == column)
    value = wire_time(START) if column.endswith("_time") else "x"
    record = {name: cell for name, cell in leg().items() if name != key} | {spelling: value}
    assert row(record)[column] == (START.replace(tzinfo=None) if column.endswith("_time") else "x")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T14:30:05.250Z",
        "2026-11-20 14:30:05.250",
        "2026-11-20T14:30:05.250",
        "2026-11-20T09:30:05.250-05:00",
        "2026-11-20 15:30:05.25+01:00",
        " 2026-11-20T14:30:05.250Z ",
        "2026-11-20T14:30:05.250000000z",
    ],
)
def test_times_are_read_in_each_shape(text: str) -> None:
    assert row(leg(Start_time=text))["start_time"] == START.replace(tzinfo=None)


@pytest.mark.parametrize("empty", ["", "NA", "na", " ", None])
def test_nothing_is_null_however_it_is_written(empty: str | None) -> None:
    found = row(leg(User=empty, Answer_time=empty, Duration=empty, Answered=empty, Called_number=empty))
    assert [found[name] for name in ("user", "answer_time", "duration", "answered", "far_number")] == [None] * 5


@pytest.mark.parametrize(
    ("written", "read"), [("TRUE", True), ("False", False), (True, True), ("yes", True), ("?", None)]
)
def test_answered_is_read_in_any_case(written: Any, read: bool | None) -> None:
    assert row(leg(Answered=written))["answered"] is read


@pytest.mark.parametrize("written", [95, "95", " 95 ", 95.0, "95.0"])
def test_whole_seconds_are_read_from_numbers_and_text(written: Any) -> None:
    assert row(leg(Duration=written))["duration"] == 95


def test_unknown_keys_and_values_survive() -> None:
    found = row(leg(Call_type="SIP_HOLOGRAM", Shoe_size=44))
    assert found["call_type"] == "SIP_HOLOGRAM"
    assert orjson.loads(found["raw"])["Shoe size"] == 44


def test_one_bad_record_costs_only_itself() -> None:
    page = normalised(leg(1), "garbage", leg(2, Start_time="soon"), None, leg(3, Shoe_size=1), [leg(4)])
    assert sorted(page.table["report_id"].to_pylist()) == sorted([uuid_of("report 1"), uuid_of("report 3")])
    assert [rejected.reason_code for rejected in page.rejected] == [
        "not_an_object", "not_an_object", "not_an_object", "time_unreadable",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"Start_time": ""}, ("start_time_missing", "Start time")),
        ({"Start_time": "20/11/2026"}, ("time_unreadable", "Start time")),
        ({"Answer_time": "later"}, ("time_unreadable", "Answer time")),
        ({"Start_time": "1999-12-31T23:59:59Z"}, ("start_time_absurd", "Start time")),
        ({"Start_time": "2026-11-22T17:00:01Z"}, ("start_time_absurd", "Start time")),
        ({"Duration": "long"}, ("duration_unreadable", "Duration")),
        ({"Duration": -1}, ("duration_unreadable", "Duration")),
        ({"Hold_duration": 10**12}, ("duration_unreadable", "Hold duration")),
        ({"Ring_duration": "1.5"}, ("duration_unreadable", "Ring duration")),
        ({"User": "x" * 70_000}, ("cell_too_large", "User")),
        (
            {"Report_ID": "", "Correlation_ID": "", "Local_call_ID": "", "User_UUID": ""},
            ("identity_missing", "Report ID"),
        ),
    ],
)
def test_what_cannot_be_typed_says_why(overrides: dict[str, Any], expected: tuple[str, str]) -> None:
    assert reasons(leg(**overrides)) == [expected]


def test_a_record_of_absurd_size_is_rejected_whole() -> None:
    extra: dict[str, Any] = {f"Extra {number}": "x" * 60_000 for number in range(5)}
    assert reasons(leg(**extra))[0][0] == "record_too_large"


def test_two_days_ahead_is_still_a_clock_that_is_wrong() -> None:
    assert row(leg(start=STORED_AT + timedelta(days=2)))["dt"] == "2026-11-22"


def test_a_missing_report_id_is_made_from_what_tells_legs_apart() -> None:
    feed = row(leg(Report_ID=""))
    csv = row(leg(Report_ID="NA", Start_time="2026-11-20 14:30:05.250"))
    assert feed["report_id"] == csv["report_id"]
    others = [leg(2, Report_ID=""), leg(Report_ID="", Direction="TERMINATING"), leg(Report_ID="", Local_call_ID="9:9")]
    assert len({feed["report_id"], *(row(other)["report_id"] for other in others)}) == 4


def test_ranks_are_equal_for_equal_content_and_greater_for_fuller_copies() -> None:
    record = leg()
    old_csv = {key: "NA" if value == "" else str(value) for key, value in record.items()}
    poorer = {key: value for key, value in record.items() if key != "Client version"}
    assert row(record)["copy_rank"] == row(old_csv)["copy_rank"] == row(dict(reversed(record.items())))["copy_rank"]
    assert row(poorer)["copy_rank"] < row(record)["copy_rank"]
    assert row(leg(Client_version="46"))["copy_rank"] != row(record)["copy_rank"]


def test_the_far_party_is_the_called_one_when_originating_and_the_caller_when_terminating() -> None:
    assert row(leg())["far_number"] == "+573165550188"
    assert row(leg(Direction="TERMINATING"))["far_number"] == "+576015550101"
    assert row(leg(Direction="SIDEWAYS"))["far_number"] is None


@pytest.mark.parametrize(
    ("call_type", "number", "off_net", "international"),
    [
        ("SIP_NATIONAL", "+573165550188", True, False),
        ("SIP_INTERNATIONAL", "+5355512345", True, True),
        ("SIP_MOBILE", "+50688887777", True, True),
        ("SIP_INTERNATIONAL", "", True, True),
        ("SIP_ENTERPRISE", "+14155550100", False, False),
        ("SIP_ENTERPRISE", "4021", False, False),
        ("SIP_MEETING", "", False, False),
        ("", "+5355512345", False, False),
        ("UNKNOWN", "4021", False, False),
        ("UNKNOWN", "+5355512345", True, True),
        ("SIP_HOLOGRAM", "4021", True, False),
    ],
)
def test_off_net_and_international(call_type: str, number: str, off_net: bool, international: bool) -> None:
    found = row(leg(Call_type=call_type, Called_number=number))
    assert (found["off_net"], found["international"]) == (off_net, international)


def test_an_inbound_call_from_abroad_is_international() -> None:
    found = row(leg(Direction="TERMINATING", Call_type="SIP_INBOUND", Calling_number="+14155550100"))
    assert (found["far_country"], found["off_net"], found["international"]) == ("US", True, True)


def test_home_is_the_users_country_where_the_site_has_no_number() -> None:
    found = row(leg(Site_main_number="", User_number="+14155550101", Called_number="+16135550123"))
    assert (found["far_country"], found["international"]) == ("CA", False)


def test_the_country_webex_tells_stands_in_for_a_number_that_tells_none() -> None:
    found = row(leg(Called_number="anonymous", International_country="CU", Call_type="SIP_INTERNATIONAL"))
    assert found["far_country"] == "CU"


_CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), st.datetimes().map(str), st.just("\ud800"),
)  # fmt: skip
_KEYS = st.one_of(st.sampled_from([field.key for field in FIELDS]), st.text(max_size=8))


@given(st.lists(st.one_of(st.dictionaries(_KEYS, _CELLS, max_size=12), _CELLS), max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_input_fails_a_page_and_each_record_is_a_row_or_rejected(noise: list[Any]) -> None:
    records = [
        leg(1),
        *noise,
        *({**leg(number + 2), **cells} for number, cells in enumerate(noise) if isinstance(cells, dict)),
    ]
    page = normalised(*records)
    assert page.table.num_rows + len(page.rejected) == len(records)
    assert page.table["report_id"].null_count == 0
    assert page.table["start_time"].null_count == 0
    page.table.validate(full=True)
    for rejected in page.rejected:
        orjson.loads(rejected.raw)
    starts = page.table["start_time"].to_pylist()
    assert all(datetime(2000, 1, 1) <= start <= datetime(2026, 11, 22, 17) for start in starts)  # noqa: DTZ001
