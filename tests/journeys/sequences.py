"""A compact way to write the legs of a call as Webex sends them, and the people and services of a small tenant."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.calls.fields import FIELDS
from core.journeys.legs import Leg, legs_from_records
from core.journeys.model import Journey
from core.journeys.rebuild import rebuild
from tests.calls.records import uuid_of, wire_time

NINE = datetime(2026, 11, 19, 14, 0, 0, tzinfo=UTC)
STORED = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
CUSTOMER = "+573001112233"
HAVANA = "+5351234567"
MOBILE = "+573165550188"


@dataclass(frozen=True)
class Member:
    """Somebody or something of the tenant that makes and receives legs."""

    name: str
    extension: str
    user_type: str = "User"


ANN = Member("Ann Mora", "201")
BOB = Member("Bob Rey", "202")
CARL = Member("Carl Paz", "203")
SUE = Member("Sue Jefa", "290")
LOBBY = Member("Lobby", "280", "Place")
DESK = Member("Front desk line", "281", "VirtualLine")
MENU = Member("Menu", "600", "AutomatedAttendantVideo")
NIGHT_MENU = Member("Night menu", "601", "AutomatedAttendantVideo")
SALES = Member("Ventas", "700", "CallCenterPremium")
SUPPORT = Member("Soporte", "701", "CallCenterStandard")
TEAM = Member("Equipo", "710", "HuntGroup")
MAILBOX = Member("Voice Portal", "999", "VoiceMailGroup")
PORTAL_NAME = "Voice Portal Voice Messaging Group"


def term(
    member: Member, local: str, at: float, until: float, answer: float | None = None, **keys: Any
) -> dict[str, Any]:
    """The record of ``member`` receiving a leg; times are seconds after nine."""
    return _leg(member, "TERMINATING", local, at, until, answer, keys)


def orig(
    member: Member, local: str, at: float, until: float, answer: float | None = None, **keys: Any
) -> dict[str, Any]:
    """The record of ``member`` making a leg."""
    return _leg(member, "ORIGINATING", local, at, until, answer, keys)


def _leg(
    member: Member, direction: str, local: str, at: float, until: float, answer: float | None, keys: dict[str, Any]
) -> dict[str, Any]:
    answered = answer is not None
    call = keys.pop("call", "c1")
    record: dict[str, Any] = {field.key: "" for field in FIELDS}
    record |= {
        "Report ID": uuid_of(f"{call} {local} {direction} {member.name} {at}"),
        "Start time": clock(at),
        "Answer time": clock(answer) if answer is not None else "",
        "Release time": clock(until),
        "Report time": clock(until + 0.002),
        "Duration": round(until - answer) if answer is not None else 0,
        "Ring duration": str(round((answer if answer is not None else until) - at)),
        "Hold duration": 0,
        "Direction": direction,
        "Call type": "SIP_ENTERPRISE",
        "Call outcome": "Success",
        "Call outcome reason": "Normal" if answered else "NoAnswer",
        "Answered": "true" if answered else "false",
        "Answer indicator": "Yes" if answered else "No",
        "Releasing party": "Remote",
        "User": member.name,
        "User number": member.extension,
        "User UUID": uuid_of(member.name),
        "User type": member.user_type,
        "Location": "Bogotá",
        "Site UUID": uuid_of("Bogotá"),
        "Site main number": "+576015550100",
        "Site timezone": "-300",
        "Org UUID": uuid_of("Acme"),
        "Calling number": CUSTOMER if direction == "TERMINATING" else member.extension,
        "Called number": member.extension if direction == "TERMINATING" else "",
        "Called line ID": "NA",
        "Correlation ID": uuid_of(f"correlation {call}"),
        "Local call ID": f"{local}:0",
        "Auto Attendant Key Pressed": "NA",
    }
    return record | {_spelling(key): value for key, value in keys.items()}


_SHORT = {
    "R": "Remote call ID",
    "Rel": "Related call ID",
    "XR": "Transfer related call ID",
    "I": "Interaction ID",
    "type": "Call type",
    "related": "Related reason",
    "redirect": "Redirect reason",
    "calling": "Calling number",
    "called": "Called number",
    "by": "Releasing party",
    "elsewhere": "Answered elsewhere",
    "moved": "Call transfer time",
    "key": "Auto Attendant Key Pressed",
    "line": "Called line ID",
    "hold": "Hold duration",
    "reason": "Call outcome reason",
    "outcome": "Call outcome",
    "indicator": "Answer indicator",
}


def _spelling(key: str) -> str:
    return _SHORT.get(key, key.replace("_", " "))


def clock(at: float) -> str:
    """Seconds after nine as the wire writes an instant."""
    return wire_time(NINE + timedelta(seconds=at))


def pair(
    maker: Member,
    taker: Member,
    ids: tuple[str, str],
    at: float,
    until: float,
    answer: float | None = None,
    **keys: Any,
) -> list[dict[str, Any]]:
    """Both records of one on-net leg. Keys that only one end carries: ``Rel`` and ``related`` go to the maker,
    ``elsewhere`` and ``indicator`` to the taker."""
    first, second = ids
    made = {
        key: value for key, value in keys.items() if key not in ("elsewhere", "indicator", "redirect", "Recall_type")
    }
    taken = {key: value for key, value in keys.items() if key not in ("Rel", "related", "XR", "moved")}
    calling = maker.extension if maker.user_type in ("User", "Place", "VirtualLine") and "Rel" not in keys else CUSTOMER
    return [
        orig(
            maker,
            first,
            at,
            until,
            answer,
            **{"R": f"{second}:0", "called": taker.extension, "calling": calling} | made,
        ),
        term(taker, second, at, until, answer, **{"R": f"{first}:0", "calling": calling} | taken),
    ]


def inbound(
    member: Member, local: str, at: float, until: float, answer: float | None = None, **keys: Any
) -> dict[str, Any]:
    """A leg from the public network: only the receiving end writes a record."""
    return term(member, local, at, until, answer, **{"type": "SIP_INBOUND", "called": "+576015550100"} | keys)


def rebuilt(records: list[dict[str, Any]]) -> Journey:
    """The one journey of the records."""
    return rebuild(legs(records))


def legs(records: list[dict[str, Any]]) -> list[Leg]:
    """The records as the rebuild reads them."""
    return legs_from_records(records, stored_at=STORED)
