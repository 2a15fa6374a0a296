"""What Webex tells of a recording, as fields of our row: lenient towards absent keys, strict towards sizes."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.recordings.cues import Party
from core.recordings.transcript_files import plain_line
from core.store.models.recordings import RecordingRow
from core.webex.identifiers import uuid_of

_SIP_USER = re.compile(r"^(?:sips?|tel):([^@;]*)", re.IGNORECASE)
_HALF = "callhalf-"
_LONGEST_KEPT = 65_536
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_LONGEST_SECONDS = 7 * 24 * 3600
_LARGEST_BYTES = 1 << 40


def key_of(identifier: str) -> str:
    """An id as it is compared: Webex writes the same one with dashes and without."""
    return identifier.replace("-", "").strip().lower()[:120]


def instant_of(value: object) -> datetime | None:
    """A time of Webex's, which may carry an offset; UTC where it says nothing.

    ``None`` for anything else, and for a year in which nobody recorded a call: it could be drawn in no zone.
    """
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if not _FIRST_YEAR <= parsed.year <= _LAST_YEAR:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)


def apply_listed(row: RecordingRow, told: Mapping[str, Any]) -> None:
    """Write what a list or the details tell; an absent or senseless value leaves what is known."""
    service = _object(told.get("serviceData"))
    texts = {
        "webex_id_as_given": (told.get("id"), 120),
        "topic": (told.get("topic"), 300),
        "format": (told.get("format"), 10),
        "service_type": (told.get("serviceType"), 30),
        "storage_region": (told.get("storageRegion"), 30),
        "webex_status": (told.get("status"), 20),
        "webex_language": (told.get("transcriptLanguage"), 20),
        "owner_id": (told.get("ownerId"), 120),
        "owner_type": (told.get("ownerType"), 30),
        "owner_email": (told.get("ownerEmail"), 320),
        "location_id": (service.get("locationId"), 120),
        "call_session_id": (service.get("callSessionId"), 120),
    }
    _write(row, texts)
    row.call_session_key = key_of(row.call_session_id)
    row.duration_seconds = _count(told.get("durationSeconds"), row.duration_seconds or 0, _LONGEST_SECONDS)
    row.promised_bytes = _count(told.get("sizeBytes"), row.promised_bytes or 0, _LARGEST_BYTES)
    row.created_at = instant_of(told.get("createTime")) or row.created_at
    row.recorded_at = instant_of(told.get("timeRecorded")) or row.recorded_at


def apply_metadata(row: RecordingRow, told: Mapping[str, Any]) -> None:
    """Write who spoke with whom, when, and the ids that lead to the call records."""
    service = _object(told.get("serviceData"))
    caller, callee = _party(service.get("callingParty")), _party(service.get("calledParty"))
    answerer = _party(service.get("answererInfo")) or _party(service.get("connectedParty"))
    callee = answerer if not callee.get("number") else {**answerer, **{k: v for k, v in callee.items() if v}}
    session = _object(service.get("session"))
    call_id = _text(service.get("callId"))
    _write(
        row,
        {
            "owner_name": (told.get("ownerName"), 300),
            "org_id": (told.get("orgId"), 120),
            "recording_type": (service.get("recordingType"), 30),
            "personality": (service.get("personality"), 30),
            "sip_call_id": (call_id, 200),
            "call_half_id": (call_id.removeprefix(_HALF) if call_id.startswith(_HALF) else "", 120),
            "caller_number": (caller.get("number"), 80),
            "caller_name": (caller.get("name"), 300),
            "caller_email": (caller.get("email"), 320),
            "callee_number": (callee.get("number"), 80),
            "callee_name": (callee.get("name"), 300),
            "callee_email": (callee.get("email"), 320),
        },
    )
    if not row.call_session_key:
        _write(row, {"call_session_id": (service.get("callSessionId"), 120)})
        row.call_session_key = key_of(row.call_session_id)
    _name_the_owner(row, service)
    row.session_started_at = instant_of(session.get("startTime")) or row.session_started_at
    row.session_ended_at = instant_of(session.get("stopTime")) or row.session_ended_at


def _name_the_owner(row: RecordingRow, service: Mapping[str, Any]) -> None:
    """The owner's name and address at the end of the call that is the owner's, where nobody is named there."""
    side = "caller" if _text(service.get("personality")) == "originator" else "callee"
    for part in ("name", "email"):
        if not getattr(row, f"{side}_{part}"):
            setattr(row, f"{side}_{part}", getattr(row, f"owner_{part}"))


def parties_of(row: RecordingRow) -> list[Party]:
    """Who took part, for masking and for naming speakers."""
    found = [
        Party("caller", row.caller_name, row.caller_number, row.caller_email),
        Party("callee", row.callee_name, row.callee_number, row.callee_email),
        Party("agent", row.owner_name, "", row.owner_email),
    ]
    return [party for party in found if party.name or party.number or party.email]


def location_uuid(row: RecordingRow) -> str:
    """The UUID in the location id, which may come bare or as one of Webex's identifiers."""
    return uuid_of(row.location_id) if row.location_id else ""


def is_small(told: Mapping[str, Any]) -> bool:
    """Whether an object is small enough to be kept whole as JSON."""
    return len(str(told)) <= _LONGEST_KEPT


def _party(value: object) -> dict[str, str]:
    told = _object(value)
    actor = _object(told.get("actor"))
    number = _text(told.get("number"))
    matched = _SIP_USER.match(number)
    return {
        "number": matched.group(1) if matched else number,
        "name": _text(told.get("name")),
        "email": _text(actor.get("email")),
    }


def _write(row: RecordingRow, texts: Mapping[str, tuple[object, int]]) -> None:
    for name, (value, longest) in texts.items():
        if text := _text(value)[:longest]:
            setattr(row, name, text)


def _text(value: object) -> str:
    return plain_line(value) if isinstance(value, str) else ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object, known: int, largest: int) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= largest
    return value if is_count and isinstance(value, int) else known
