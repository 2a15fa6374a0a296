"""What counts as a conversation, on each of the sequences in which Webex writes calls down (docs/call-records.md)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.calls.call_counts import CallAggregate
from core.calls.filters import CallFilter
from core.calls.outcomes import MAILBOX_NAME
from core.calls.query import CallQueries
from core.calls.table import CallTable
from tests.calls.records import START, leg, wire_time
from tests.calls.rows import typed

SECONDS = 95
OUT, IN = "ORIGINATING", "TERMINATING"
ON_NET, FROM_OUTSIDE, ABROAD = "SIP_ENTERPRISE", "SIP_INBOUND", "SIP_INTERNATIONAL"
QUEUE, GROUP, ATTENDANT = "CallCenterPremium", "HuntGroup", "AutomatedAttendantVideo"
RANG: dict[str, Any] = {"Answered": "false", "Answer_time": "", "Duration": 0, "Answer_indicator": "No"}
CALLER, ABROAD_NUMBER = "+573165550188", "+5352345678"

Side = tuple[str, str, str, dict[str, Any]]


def side(direction: str, call_type: str, user_type: str = "User", **more: Any) -> Side:
    return direction, call_type, user_type, more


def transferred(after: int) -> dict[str, Any]:
    return {"Call_transfer_time": wire_time(START + timedelta(seconds=6 + after))}


ANN_TOOK_IT = side(IN, FROM_OUTSIDE)
SEQUENCES: dict[str, tuple[list[Side], int, int]] = {
    "A internal": ([side(OUT, ON_NET), side(IN, ON_NET)], 1, SECONDS),
    "B outbound international": ([side(OUT, ABROAD)], 1, SECONDS),
    "C attendant, hunt group, second agent": (
        [
            side(IN, FROM_OUTSIDE, ATTENDANT),
            side(OUT, ON_NET, ATTENDANT, Related_reason="Deflection"),
            side(IN, ON_NET, GROUP, Redirect_reason="Deflection"),
            side(OUT, ON_NET, GROUP, Related_reason="HuntGroup", **RANG),
            side(IN, ON_NET, Redirect_reason="HuntGroup", **RANG),
            side(OUT, ON_NET, GROUP, Related_reason="HuntGroup"),
            side(IN, ON_NET, Redirect_reason="HuntGroup"),
        ],
        1,
        SECONDS,
    ),
    "D queue, one of two agents": (
        [
            side(IN, FROM_OUTSIDE, QUEUE, seconds=600),
            side(OUT, ON_NET, QUEUE),
            side(IN, ON_NET, Redirect_reason="CallQueue"),
            side(OUT, ON_NET, QUEUE, **RANG),
            side(IN, ON_NET, Redirect_reason="CallQueue", Answered_elsewhere="Yes", **RANG),
        ],
        1,
        SECONDS,
    ),
    "E queue, abandoned": (
        [side(IN, FROM_OUTSIDE, QUEUE), side(OUT, ON_NET, QUEUE, **RANG), side(IN, ON_NET, **RANG)],
        0,
        0,
    ),
    "E internal caller, abandoned": (
        [side(OUT, ON_NET), side(IN, ON_NET, QUEUE), side(OUT, ON_NET, QUEUE, **RANG), side(IN, ON_NET, **RANG)],
        0,
        0,
    ),
    "F forwarded abroad when nobody answers": (
        [
            side(IN, FROM_OUTSIDE, **RANG | {"Answer_indicator": "Yes-PostRedirection"}),
            side(OUT, ABROAD, Related_reason="CallForwardNoAnswer", Redirect_reason="NoAnswer"),
        ],
        1,
        SECONDS,
    ),
    "G blind transfer to a colleague": (
        [
            side(IN, FROM_OUTSIDE, seconds=600, **transferred(40)),
            side(OUT, ON_NET, Related_reason="Deflection"),
            side(IN, ON_NET, Redirect_reason="Deflection"),
        ],
        2,
        40 + SECONDS,
    ),
    "G blind transfer to outside": (
        [
            side(IN, FROM_OUTSIDE, seconds=600, **transferred(40)),
            side(OUT, "SIP_MOBILE", Related_reason="Deflection"),
        ],
        2,
        40 + SECONDS,
    ),
    "H consultative transfer": (
        [
            side(IN, FROM_OUTSIDE, seconds=600, **transferred(40)),
            side(OUT, ON_NET, Related_reason="ConsultativeTransfer", Correlation_ID="C2", **transferred(30)),
            side(IN, ON_NET, Correlation_ID="C2"),
        ],
        2,
        40 + SECONDS,
    ),
    "I voicemail": (
        [
            side(IN, FROM_OUTSIDE, **RANG),
            side(OUT, ON_NET, Called_line_ID=MAILBOX_NAME, Redirect_reason="NoAnswer"),
        ],
        0,
        0,
    ),
    "J refused": (
        [side(IN, FROM_OUTSIDE, Call_outcome="Refusal", Call_outcome_reason="TemporarilyUnavailable", **RANG)],
        0,
        0,
    ),
    "attendant's key to outside": (
        [side(IN, FROM_OUTSIDE, ATTENDANT), side(OUT, "SIP_MOBILE", ATTENDANT, Related_reason="Deflection")],
        1,
        SECONDS,
    ),
    "queue calls back": (
        [
            side(OUT, ON_NET, QUEUE, Related_reason="Unrecognised"),
            side(IN, ON_NET, Redirect_reason="CallQueue"),
            side(OUT, "SIP_MOBILE", QUEUE, Related_reason="Unrecognised"),
        ],
        1,
        SECONDS,
    ),
    "parked and fetched": ([ANN_TOOK_IT, side(OUT, ON_NET, Related_reason="CallParkRetrieve")], 2, 2 * SECONDS),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_each_conversation_is_counted_once(name: str, tmp_path: Path) -> None:
    sides, conversations, seconds = SEQUENCES[name]
    table = stored(tmp_path, sides)
    whole = CallQueries(table)
    assert sum(bar.conversations for bar in whole.histogram(EVERYTHING, 10).bars) == conversations
    total = whole.aggregate(EVERYTHING)
    assert total.talk_seconds == seconds
    assert total.answered == min(conversations, total.calls)


def test_a_share_is_one_of_calls_and_not_of_legs(tmp_path: Path) -> None:
    total = aggregate(tmp_path, "C attendant, hunt group, second agent")
    assert (total.legs, total.calls, total.answered_share, total.international_share) == (7, 1, 1.0, 0.0)


def test_one_leg_abroad_makes_a_call_international(tmp_path: Path) -> None:
    assert aggregate(tmp_path, "F forwarded abroad when nobody answers").international_share == 1.0


EVERYTHING = CallFilter(last="all")


def aggregate(folder: Path, name: str) -> CallAggregate:
    return CallQueries(stored(folder, SEQUENCES[name][0])).aggregate(EVERYTHING)


def stored(folder: Path, sides: list[Side]) -> CallTable:
    table = CallTable(folder / "calls")
    table.append(typed(*(record(number, *one) for number, one in enumerate(sides, 1))))
    return table


def record(number: int, direction: str, call_type: str, user_type: str, more: dict[str, Any]) -> dict[str, Any]:
    far = {ON_NET: "1002", ABROAD: ABROAD_NUMBER}.get(call_type, CALLER)
    numbers = {"Called_number": far} if direction == OUT else {"Called_number": "1001", "Calling_number": far}
    known = {"Direction": direction, "Call_type": call_type, "User_type": user_type, "Correlation_ID": "C1"}
    return leg(number, **{**known, **numbers, **more})
