from typing import Any

import pytest

from core.calls.outcomes import MAILBOX_NAME, OUTCOMES
from tests.calls.records import leg
from tests.calls.rows import typed

_UNANSWERED = {"Answered": "false", "Answer_time": "", "Duration": 0, "Answer_indicator": "No"}


@pytest.mark.parametrize(
    ("overrides", "outcome"),
    [
        ({}, "answered"),
        ({"User_type": "Place"}, "answered"),
        ({"User_type": "LocalGateway"}, "answered"),
        ({"User_type": "SomethingNew"}, "answered"),
        ({"User_type": "AutomatedAttendantVideo"}, "service"),
        ({"User_type": "CallCenterPremium"}, "service"),
        ({"User_type": "HuntGroup"}, "service"),
        ({"User_type": "VoiceMailGroup"}, "voicemail"),
        ({"Called_line_ID": MAILBOX_NAME, "Redirect_reason": "NoAnswer"}, "voicemail"),
        ({"Called_line_ID": MAILBOX_NAME, "Redirect_reason": "Deflection"}, "answered"),
        ({"Called_line_ID": MAILBOX_NAME, "Redirect_reason": "NoAnswer", "Direction": "TERMINATING"}, "answered"),
        ({"Answer_indicator": "Yes-PostRedirection"}, "redirected"),
        ({**_UNANSWERED, "Answer_indicator": "Yes-PostRedirection"}, "redirected"),
        ({"Answered": ""}, "answered"),
        ({"Answered": "", "Answer_time": "", "Duration": 0}, "unanswered"),
        (_UNANSWERED, "unanswered"),
        ({**_UNANSWERED, "User_type": "CallCenterPremium"}, "unanswered"),
        ({**_UNANSWERED, "Call_outcome_reason": "NoAnswer"}, "unanswered"),
        ({**_UNANSWERED, "Call_outcome_reason": "UserBusy"}, "busy"),
        ({**_UNANSWERED, "Call_outcome": "Refusal", "Call_outcome_reason": "CallRejected"}, "refused"),
        ({**_UNANSWERED, "Call_outcome": "Refusal", "Call_outcome_reason": "TemporarilyUnavailable"}, "refused"),
        ({**_UNANSWERED, "Call_outcome": "Refusal", "Call_outcome_reason": "SIP487"}, "unanswered"),
        ({**_UNANSWERED, "Call_outcome": "Refusal", "Call_outcome_reason": ""}, "refused"),
        ({**_UNANSWERED, "Call_outcome": "Failure", "Call_outcome_reason": "SIP503"}, "failed"),
        ({**_UNANSWERED, "Call_outcome": "Marvel"}, "unanswered"),
    ],
)
def test_a_leg_ends_as_an_analyst_would_say(overrides: dict[str, Any], outcome: str) -> None:
    assert typed(leg(**overrides))["outcome"].to_pylist() == [outcome]
    assert outcome in OUTCOMES
