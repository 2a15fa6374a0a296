"""Records as the live feed spells them, for every test that needs one."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from core.calls.fields import FIELDS

_NAMES = UUID("9f7a4f2e-9b0e-4d61-8d11-2f5d7a8e0c55")
START = datetime(2026, 11, 20, 14, 30, 5, 250_000, tzinfo=UTC)


def uuid_of(name: str) -> str:
    """The same UUID for the same name, so that tests can speak of people and sites by name."""
    return str(uuid5(_NAMES, name))


def wire_time(at: datetime) -> str:
    """An instant as the feed writes it: UTC, three decimals, ``Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def leg(number: int = 1, *, start: datetime = START, seconds: int = 95, **overrides: Any) -> dict[str, Any]:
    """One record with all 87 live keys: by default an answered outbound national call of Ana in Bogotá.

    ``number`` makes it another leg (its own Report ID, Correlation ID and Local call ID). Overrides are keys of
    the wire with underscores for blanks: ``leg(2, Call_type="SIP_INTERNATIONAL")``; for a key that is no Python
    name, pass a dictionary: ``leg(2, **{"Call ID": "x@y"})``.
    """
    answer = start + timedelta(seconds=6)
    end = answer + timedelta(seconds=seconds)
    record: dict[str, Any] = {field.key: "" for field in FIELDS}
    record |= {
        "Report ID": uuid_of(f"report {number}"),
        "Start time": wire_time(start),
        "Answer time": wire_time(answer),
        "Release time": wire_time(end),
        "Report time": wire_time(end + timedelta(milliseconds=2)),
        "Duration": seconds,
        "Ring duration": "6",
        "Hold duration": 0,
        "Direction": "ORIGINATING",
        "Call type": "SIP_NATIONAL",
        "Call outcome": "Success",
        "Call outcome reason": "Normal",
        "Answered": "true",
        "Answer indicator": "Yes",
        "Releasing party": "Local",
        "User": "Ana Restrepo",
        "User number": "+576015550101",
        "User UUID": uuid_of("Ana Restrepo"),
        "User type": "User",
        "Department ID": uuid_of("Ventas"),
        "Location": "Bogotá",
        "Site UUID": uuid_of("Bogotá"),
        "Site main number": "+576015550100",
        "Site timezone": "-300",
        "Org UUID": uuid_of("Acme"),
        "Calling number": "+576015550101",
        "Called number": "+573165550188",
        "Calling line ID": "Ana Restrepo",
        "Called line ID": "NA",
        "Dialed digits": "93165550188",
        "Caller ID number": "+576015550100",
        "Correlation ID": uuid_of(f"call {number}"),
        "Interaction ID": uuid_of(f"interaction {number}"),
        "Local call ID": f"{29_741_000 + number}:0",
        "Network call ID": f"BW{number:012d}@10.0.0.1",
        "Call ID": f"SSE{number:020d}@10.0.0.1",
        "Local SessionID": uuid_of(f"session {number}").replace("-", ""),
        "Public Calling IP Address": "NA",
        "Public Called IP Address": "NA",
        "PSTN vendor name": "Acme Telecom",
        "PSTN legal entity": "Acme Telecom S.A.",
        "Client type": "WXC_CLIENT",
        "Client version": "45.8.0.32875",
        "Sub client type": "DESKTOP_APP",
        "OS type": "windows",
        "Auto Attendant Key Pressed": "NA",
    }
    return record | {key.replace("_", " "): value for key, value in overrides.items()}
