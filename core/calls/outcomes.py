"""How a leg ended, as an analyst would say it: one closed set for filters and figures.

``Call outcome`` alone misleads: ``Success`` is also sent for a leg nobody answered, and ``Answered`` is ``true``
on legs that an attendant, a queue, a hunt group or a mailbox took. First matching rule wins:

=============  ======================================================================================
``voicemail``   answered, and the party is a mailbox or the leg was redirected to one
``redirected``  the answer came after a redirect, so not by this party (``Yes-PostRedirection``)
``service``     answered by an attendant, queue, hunt group or other service, not by a person
``answered``    answered
``failed``      ``Call outcome`` is Failure: a network or configuration fault
``busy``        the called party was busy
``refused``     rejected, blocked, unassigned or unreachable
``unanswered``  everything else: no answer, cancelled by the caller, taken by somebody else
=============  ======================================================================================
"""

import pyarrow as pa
import pyarrow.compute as pc

OUTCOMES = ("answered", "service", "voicemail", "redirected", "unanswered", "busy", "refused", "failed")

HUMAN_OUTCOMES = ("answered",)
"""The outcomes in which a person, a workspace or the far public network took the leg."""

MAILBOX_USER_TYPES = ("VoiceMailGroup", "VoiceMailRetrieval", "SystemVoicePortal")
SERVICE_USER_TYPES = (
    "AutomatedAttendantVideo", "AutomatedAttendantBasic", "AutomatedAttendantStandard",
    "HuntGroup", "CallCenterStandard", "CallCenterPremium", "CallCenterBasic", "Anchor", "GroupPaging",
    "VoiceXML", "RoutePoint", "RouteList", "GroupCall", "MeetMeConference", "CollaborateBridge",
    "ContactCenterAdaptor", "FindMeFollowMe", "BroadworksAnywhere",
)  # fmt: skip
"""``User type`` values that are not a person, a workspace, a virtual line or a gateway."""

MAILBOX_NAME = "Voice Portal Voice Messaging Group"
MAILBOX_REDIRECTS = ("NoAnswer", "UserBusy", "Unconditional", "Unavailable")
BUSY_REASONS = ("UserBusy",)
NOBODY_CAME_REASONS = (
    "NoAnswer", "NoUserResponse", "NoAnswerFromUser", "SIP408", "SIP480", "SIP487",
    "InternalRequestTimeout", "Q850102ServerTimeout", "Normal",
)  # fmt: skip
"""Refusal reasons in which nobody decided to refuse: it rang out, timed out, or the caller gave up."""

_OFFERED_BY_SERVICE = "ORIGINATING"


def outcomes_of(columns: dict[str, pa.Array]) -> pa.Array:
    """The outcome of each leg, from its typed columns."""
    answered = _was_answered(columns)
    redirected = _equals(columns["answer_indicator"], "Yes-PostRedirection")
    to_mailbox = pc.and_(
        _is_in(columns["called_line_id"], (MAILBOX_NAME,)), _is_in(columns["redirect_reason"], MAILBOX_REDIRECTS)
    )
    voicemail = pc.and_(
        answered,
        pc.or_(
            _is_in(columns["user_type"], MAILBOX_USER_TYPES),
            pc.and_(to_mailbox, _equals(columns["direction"], _OFFERED_BY_SERVICE)),
        ),
    )
    service = pc.and_(answered, _is_in(columns["user_type"], SERVICE_USER_TYPES))
    outcome, reason = columns["call_outcome"], columns["call_outcome_reason"]
    refused = pc.and_(_equals(outcome, "Refusal"), pc.invert(_is_in(reason, NOBODY_CAME_REASONS)))
    conditions = (
        voicemail,
        redirected,
        service,
        answered,
        _equals(outcome, "Failure"),
        _is_in(reason, BUSY_REASONS),
        refused,
    )
    names = ("voicemail", "redirected", "service", "answered", "failed", "busy", "refused")
    return pc.case_when(
        pc.make_struct(*conditions, field_names=[str(number) for number in range(len(conditions))]),
        *names,
        "unanswered",
    )


def _was_answered(columns: dict[str, pa.Array]) -> pa.Array:
    """``Answered``; where it is missing, an answer time or an answered duration says it."""
    told = pc.or_(pc.is_valid(columns["answer_time"]), pc.greater(pc.fill_null(columns["duration"], 0), 0))
    return pc.coalesce(columns["answered"], told)


def _equals(column: pa.Array, value: str) -> pa.Array:
    return pc.fill_null(pc.equal(column, value), False)


def _is_in(column: pa.Array, values: tuple[str, ...]) -> pa.Array:
    return pc.is_in(column, value_set=pa.array(values, pa.string()))
