"""What the cloud holds of a recording: sound as MP3, the transcript in the forms Webex writes it, the metadata."""

from html import escape
from typing import Any

from core.sandbox.randomness import share
from core.sandbox.recording_shelf import Kept, Turn

SORRY_PAGE = b"<!doctype html><html><head><title>Webex</title></head><body><h1>Please sign in</h1></body></html>"
"""What a download gives when something before it wants a sign-in: HTML in place of the file."""


def sound(kept: Kept, spoilt: str = "") -> bytes:
    """The MP3; ``spoilt`` = html or truncated gives what comes in its place."""
    if spoilt == "html":
        return SORRY_PAGE
    whole = kept.clip.sound
    return whole[: len(whole) // 3] if spoilt == "truncated" else whole


def transcript(kept: Kept) -> str:
    """WEBVTT: speaker in the cue's header, in a voice tag, or absent; times with or without hours, some ends early."""
    form = int(share("vtt form", kept.id) * 4)
    lines = ["WEBVTT", ""]
    for number, turn in enumerate(kept.clip.turns, 1):
        name = _speaker(kept, turn)
        end = turn.end_ms if number % 5 or form != 3 else turn.start_ms - 200
        header = f'{number} "{name}" ({_number_of(kept, turn)})' if form in (0, 3) else str(number)
        text = escape(turn.text, quote=False)
        if form == 1:
            text = f"<v {escape(name, quote=False)}>{text}</v>"
        short = form == 2
        lines += [header, f"{_time(turn.start_ms, short)} --> {_time(max(end, 0), short)}", text, ""]
    return "\n".join(lines)


def _speaker(kept: Kept, turn: Turn) -> str:
    """The owner by name, somebody from outside by number."""
    return kept.owner.name if turn.who == "a" else str(kept.record["Calling number"])


def _number_of(kept: Kept, turn: Turn) -> int:
    return 2_022_698_496 + (kept.owner.index if turn.who == "a" else 512)


def _time(milliseconds: int, short: bool) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    told = f"{minutes:02d}:{seconds:02d}.{rest:03d}"
    return told if short else f"{hours:02d}:{told}"


def metadata(kept: Kept, org: str) -> dict[str, Any]:
    """Metadata in the shape of Webex's example."""
    record = kept.record
    caller = {"actor": {"type": "EXTERNAL"}, "number": _sip(record["Calling number"])}
    owner = {"actor": {"type": "USER", "id": kept.owner.uuid}, "number": _sip(record["Called number"])}
    owner = {**owner, "name": kept.owner.name}
    return {
        "id": kept.id,
        "orgId": org,
        "ownerId": kept.owner.uuid,
        "ownerType": "USER",
        "ownerName": kept.owner.name,
        "ownerEmail": kept.owner.email,
        "storageRegion": "US",
        "serviceType": "calling",
        "version": "1.2",
        "serviceData": {
            "callRecordingId": kept.id,
            "locationId": kept.owner.site.uuid,
            "callSessionId": record["Correlation ID"],
            "personality": "terminator",
            "callingParty": caller,
            "calledParty": owner,
            "callId": f"callhalf-{record['Local call ID']}",
            "session": {"startTime": record["Answer time"], "stopTime": record["Release time"]},
            "recordingType": "alwaysON",
            "answererInfo": owner,
            "recordingActions": [{"action": "START", "time": record["Answer time"]}],
            "connectedParty": owner,
        },
    }


def _sip(number: str) -> str:
    return f"sip:{number}@198.51.100.7;user=phone"
