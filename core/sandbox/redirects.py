"""The fields that tie an onward leg to what caused it."""

from typing import Any

from core.sandbox.legs import Record
from core.sandbox.world import Party

RELATED = {
    "NoAnswer": "CallForwardNoAnswer",
    "UserBusy": "CallForwardBusy",
    "Unconditional": "CallForwardAlways",
    "Unavailable": "CallForwardNotReachable",
    "TimeOfDay": "CallForwardSelective",
    "Deflection": "Deflection",
    "CallQueue": "CallQueue",
    "HuntGroup": "HuntGroup",
    "FollowMe": "SimultaneousRingPersonal",
}
"""The service Webex names for a redirect, by its reason."""


def onward(party: Party, parent: Record, reason: str, related: str = "") -> dict[str, Any]:
    """Fields of the record that ``party`` makes when it sends a caller on; ``parent`` is how it was reached."""
    return {
        "Related call ID": parent["Local call ID"],
        "Related reason": related or RELATED[reason],
        **redirected(party, parent, reason),
    }


def redirected(party: Party, parent: Record, reason: str) -> dict[str, Any]:
    """Fields of the record of whoever the caller is sent on to: who sent, why, and who was called first."""
    return {
        "Redirect reason": reason,
        "Original reason": parent["Original reason"] or reason,
        "Redirecting number": party.number,
        "Redirecting party UUID": party.uuid,
        "Original called party UUID": parent["Original called party UUID"] or party.uuid,
    }
