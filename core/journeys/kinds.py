"""What a leg is by its own fields: which kind of party made or took it, on or off our network, and why."""

import re

from core.calls.outcomes import MAILBOX_NAME
from core.journeys.legs import Leg, folded
from core.journeys.model import Kind, Reason

_KIND_OF_USER_TYPE = {
    "user": Kind.USER,
    "virtualline": Kind.USER,
    "broadworksanywhere": Kind.USER,
    "findmefollowme": Kind.USER,
    "flexibleseatinghost": Kind.USER,
    "place": Kind.WORKSPACE,
    "huntgroup": Kind.HUNT_GROUP,
    "groupcall": Kind.HUNT_GROUP,
    "voicemailgroup": Kind.VOICEMAIL,
    "voicemailretrieval": Kind.VOICEMAIL,
    "systemvoiceportal": Kind.VOICEMAIL,
    "anchor": Kind.CONTACT_CENTER,
    "contactcenteradaptor": Kind.CONTACT_CENTER,
    "grouppaging": Kind.PAGING,
    "localgateway": Kind.EXTERNAL,
    "routelist": Kind.EXTERNAL,
}
"""``User type`` (docs/call-records.md), folded, to kind; attendants and queues by prefix, the rest is a service."""

ON_NET_TYPES = frozenset({None, "sipenterprise", "sipinbound", "sipmeeting", "sipclicktocall", "unknown"})
"""An ORIGINATING leg of any other ``Call type`` left our network."""

_VOICEMAIL_NAME = re.compile(r"voice portal|voice messag|voice ?mail|buz[oó]n de voz|portal de voz", re.IGNORECASE)

_RELATED: dict[str, Reason] = {
    "consultativetransfer": Reason.CONSULT_TRANSFER,
    "callforwardmodebased": Reason.FORWARD_SCHEDULE,
    "callforwardselective": Reason.FORWARD_SELECTIVE,
    "callforwardalways": Reason.FORWARD_ALWAYS,
    "callforwardnoanswer": Reason.FORWARD_NO_ANSWER,
    "callforwardbusy": Reason.FORWARD_BUSY,
    "callforwardnotreachable": Reason.FORWARD_UNREACHABLE,
    "callqueue": Reason.QUEUE,
    "huntgroup": Reason.HUNT_GROUP,
    "callpickup": Reason.PICKUP,
    "directedcallpickup": Reason.PICKUP,
    "callpark": Reason.PARK,
    "callparkretrieve": Reason.PARK_RETRIEVE,
    "callretrieve": Reason.RETRIEVE,
    "deflection": Reason.TRANSFER,
    "faxdeposit": Reason.FORWARD,
    "bargein": Reason.BARGE_IN,
    "ccmonitoringbi": Reason.MONITORING,
    "anywherelocation": Reason.FIND_ME,
    "anywhereportal": Reason.FIND_ME,
    "remoteoffice": Reason.FIND_ME,
    "executive": Reason.EXECUTIVE,
    "executiveassistantinitiatecall": Reason.EXECUTIVE,
    "executiveassistantdivert": Reason.EXECUTIVE,
    "executiveforward": Reason.EXECUTIVE,
    "executiveassistantcallpush": Reason.EXECUTIVE,
    "sequentialring": Reason.SEQUENTIAL_RING,
    "simultaneousringpersonal": Reason.SIMULTANEOUS_RING,
}
_REDIRECT: dict[str, Reason] = {
    "unconditional": Reason.FORWARD_ALWAYS,
    "noanswer": Reason.FORWARD_NO_ANSWER,
    "deflection": Reason.TRANSFER,
    "timeofday": Reason.FORWARD_SCHEDULE,
    "userbusy": Reason.FORWARD_BUSY,
    "followme": Reason.FIND_ME,
    "callqueue": Reason.QUEUE,
    "huntgroup": Reason.HUNT_GROUP,
    "unavailable": Reason.FORWARD_UNREACHABLE,
}

FORWARDS = frozenset(
    {
        Reason.FORWARD,
        Reason.FORWARD_ALWAYS,
        Reason.FORWARD_NO_ANSWER,
        Reason.FORWARD_BUSY,
        Reason.FORWARD_UNREACHABLE,
        Reason.FORWARD_SELECTIVE,
        Reason.FORWARD_SCHEDULE,
        Reason.SIMULTANEOUS_RING,
        Reason.SEQUENTIAL_RING,
        Reason.FIND_ME,
    }
)
"""Reasons by which a call leaves a party that did not take it."""

BY_THE_ORIGINATOR = frozenset(
    {Reason.PICKUP, Reason.PARK_RETRIEVE, Reason.RETRIEVE, Reason.BARGE_IN, Reason.MONITORING}
)
"""Reasons for which the party that made the leg is the one who joined the call, not the one it rang."""

_TOUCHES = BY_THE_ORIGINATOR | {Reason.PARK}
"""Services that are also noted on the leg they came upon; there they do not say why that leg was made."""


def joins_by_originating(origin: Leg) -> bool:
    """Whether the party that made this leg is the one who joined the call: pick-up, retrieval, supervision."""
    return _RELATED.get(origin.related_reason or "") in BY_THE_ORIGINATOR


_RINGS_OWN_PHONES = (None, "anywherelocation", "simultaneousringpersonal", "sequentialring", "remoteoffice")


def rings_own_mobile(origin: Leg) -> bool:
    """Whether a leg only rings the mobile network phone of its own maker (Webex Go) for a call that came to them."""
    return (
        origin.sub_client_type == "mobilenetwork"
        and origin.related_call_id is not None
        and origin.related_reason in _RINGS_OWN_PHONES
        and origin.redirect_reason in (None, "followme")
    )


def kind_of(leg: Leg) -> Kind:
    """What the record's own party is."""
    if _by_ai(leg) and leg.user_type != "user":
        return Kind.AI_RECEPTIONIST
    kind = _KIND_OF_USER_TYPE.get(leg.user_type or "")
    if kind is not None:
        return kind
    if leg.user_type is None:
        return _kind_without_type(leg)
    if leg.user_type.startswith("automatedattendant"):
        return Kind.ATTENDANT
    if leg.user_type.startswith("callcenter"):
        return Kind.QUEUE
    return Kind.SERVICE


def _by_ai(leg: Leg) -> bool:
    return leg.transfer_type is not None and leg.transfer_type.startswith("aireceptionist")


def _kind_without_type(leg: Leg) -> Kind:
    if leg.queue_type:
        return Kind.QUEUE
    if leg.auto_attendant_key_pressed:
        return Kind.ATTENDANT
    return Kind.USER


def is_off_net(leg: Leg) -> bool:
    """Whether an ORIGINATING leg left our network for the public one."""
    return leg.originating and (leg.call_type not in ON_NET_TYPES or bool(leg.outbound_trunk))


def is_inbound(leg: Leg) -> bool:
    """Whether a leg came from the public network."""
    return leg.call_type == "sipinbound" and not leg.originating


def is_mailbox(leg: Leg) -> bool:
    """Whether an ORIGINATING leg deposits a message (docs/call-records.md, rules of thumb)."""
    name = leg.called_line_id
    if name and (name == MAILBOX_NAME or _VOICEMAIL_NAME.search(name)):
        return not is_off_net(leg)
    if leg.related_reason == "faxdeposit":
        return True
    forwarded = leg.redirect_reason in ("noanswer", "userbusy", "unconditional", "unavailable")
    own_number = leg.called_number is not None and leg.called_number in (leg.user_number, leg.redirecting_number)
    return forwarded and own_number and not is_off_net(leg)


def reason_of(origin: Leg | None, target: Leg | None) -> Reason:
    """Why a leg was made, from the records of its two ends; ``DIALLED`` when neither says."""
    for leg in (origin, target):
        if leg is None:
            continue
        if _by_ai(leg) and (leg.originating or came_by_redirect(leg)):
            return Reason.AI_DEFAULT if str(leg.transfer_type).endswith("default") else Reason.AI_INTENT
        if leg.recall_type:
            return Reason.RECALL
    if origin is not None and origin.related_reason in _RELATED:
        return _RELATED[origin.related_reason]
    if target is not None and target.related_reason in _RELATED:
        reason = _RELATED[target.related_reason]
        if reason is not Reason.PARK and not (
            reason in _TOUCHES and target.redirect_reason in ("callqueue", "huntgroup")
        ):
            return reason
    for leg in (target, origin):
        if leg is not None and leg.redirect_reason in _REDIRECT:
            return _REDIRECT[leg.redirect_reason]
    return Reason.DIALLED


def came_by_redirect(leg: Leg) -> bool:
    """Whether a record says that its leg continues another one."""
    return bool(leg.related_call_id or leg.redirect_reason or leg.redirecting_number or leg.redirecting_party_uuid)


def was_answered(leg: Leg) -> bool:
    """``Answered`` where it is told, else what answer time and duration say."""
    if leg.answered is not None:
        return leg.answered
    return leg.answer_time is not None or bool(leg.duration)


POST_REDIRECTION = folded("Yes-PostRedirection")
"""``Answer indicator`` of a leg whose call was answered by somebody it was redirected to."""

ELSEWHERE = ("yes", "true")
"""``Answered elsewhere`` of a leg that stopped ringing because another phone took the call."""
