"""Reading recordings of a real Asterisk: one JSON object a line, events under ``ev``, requests under ``json``."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.asterisk.call_state import CallState, accepted, after, cancel_requested
from core.asterisk.events import Event, read_event

CAPTURES = Path(__file__).parent / "captures"
DEFAULT_TIMEOUT = 30


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def events(path: Path) -> list[Event]:
    read = [read_event(json.dumps(line["ev"])) for line in lines(path) if line["k"] == "ws"]
    return [event for event in read if event is not None]


def replayed(path: Path) -> CallState:
    """The call of a recording, put through the state machine in the order the client saw."""
    taken = lines(path)
    request = next(line["json"] for line in taken if line["k"] == "req" and line["method"] == "POST")
    state = CallState(request["channelId"], request.get("timeout") or DEFAULT_TIMEOUT)
    start = events(path)[0].at
    for line in taken:
        if line["k"] == "ws":
            event = read_event(json.dumps(line["ev"]))
            state = after(state, event, start + timedelta(seconds=line["t"])) if event else state
        elif line["k"] == "resp" and line["status"] == 200:
            state = accepted(state, start + timedelta(seconds=line["t"]))
        elif line["k"] == "req" and line["method"] == "DELETE" and line["path"].endswith(state.channel_id):
            state = cancel_requested(state)
    return state
