"""The events of Asterisk's websocket that decide what became of a call, read from hostile text.

Shapes: the official event models of Asterisk 22 and our own recordings of it. Types that say nothing about the
state of a call are passed over, as Asterisk adds new ones in every release.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson

from core.errors import PermanentError
from core.json_text import parsed

LONGEST_EVENT_BYTES = 256 * 1024
"""Recorded events stay below 2 KB; channel variables may swell one."""
LONGEST_IDENTIFIER = 149
"""Characters of a channel id, by Asterisk's own limit."""
_LONGEST_WORD = 200
_MOST_ARGUMENTS = 8
_DIGITS = "0123456789*#ABCD"


class UnreadableEventError(PermanentError):
    """What came over the websocket is no event. Facts: ``problem``, never the text itself."""

    code = "asterisk_unreadable_event"
    http_status = 502


@dataclass(frozen=True)
class Channel:
    """One leg as Asterisk sees it: its id, its state in Asterisk's word, and when it was made (aware)."""

    id: str
    state: str
    created_at: datetime | None


@dataclass(frozen=True)
class Event:
    """What every event has: the moment by Asterisk's own clock, aware."""

    at: datetime


@dataclass(frozen=True)
class ApplicationReplaced(Event):
    """Another client took over our application name; this socket stays open and says nothing more."""


@dataclass(frozen=True)
class ChannelEvent(Event):
    """Something that happened to one channel; of a dialling event, the channel that is being rung."""

    channel: Channel


@dataclass(frozen=True)
class Dialled(ChannelEvent):
    """Progress of dialling: ``status`` is "" at the start, then RINGING, PROGRESS, ANSWER, BUSY and the like.

    Where the callee sends calls on (SIP 302), Asterisk dials ``forward`` by itself, in a channel ``forwarded`` of its
    own naming.
    """

    status: str
    forward: str = ""
    forwarded: str = ""


@dataclass(frozen=True)
class StateChanged(ChannelEvent):
    """The channel has the state it carries now."""


@dataclass(frozen=True)
class EnteredApplication(ChannelEvent):
    """The channel came into our hands (StasisStart); it is answered only when its state is Up.

    Where a side of a call transfers it (REFER or INVITE with Replaces), Asterisk puts a channel of its own naming in
    the place of ours, ``replaced``, of which it then tells no more.
    """

    arguments: tuple[str, ...] = ()
    replaced: str = ""


@dataclass(frozen=True)
class LeftApplication(ChannelEvent):
    """The channel left our hands (StasisEnd); not yet its end."""


@dataclass(frozen=True)
class HangupRequested(ChannelEvent):
    """Somebody wants to hang up; may come twice, and is not the end.

    ``is_soft`` when Asterisk itself wants it: we asked for it, or its dialplan is at an end.
    """

    is_soft: bool


@dataclass(frozen=True)
class DigitPressed(ChannelEvent):
    """The callee pressed a key."""

    digit: str


@dataclass(frozen=True)
class PlaybackEnded(Event):
    """A sound was played to its end, was stopped, or could not be played (``has_failed``: a missing file, say).

    Of a tone that a hang-up ends Asterisk says that it failed.
    """

    playback_id: str
    has_failed: bool


@dataclass(frozen=True)
class RecordingEnded(Event):
    """A recording ended, or is none (``has_failed``): the folder is full or not writable, say.

    Asterisk ends one by itself when nobody sent a sound for four seconds.
    """

    name: str
    has_failed: bool


@dataclass(frozen=True)
class Destroyed(ChannelEvent):
    """The end of the channel: Q.850 cause, and the SIP answer where Asterisk is new enough to tell."""

    MISSING_CAUSE: ClassVar[int] = 0

    cause: int
    sip_code: int | None


def read_event(text: str | bytes) -> Event | None:
    """The typed event of one websocket message, or ``None`` for types without meaning for a call.

    Raises ``UnreadableEventError`` for what is too long, not JSON, or lacks what its type must have.
    """
    if len(text) > LONGEST_EVENT_BYTES:
        raise UnreadableEventError(problem="too long")
    try:
        raw = parsed(text)
    except (orjson.JSONDecodeError, UnicodeError) as error:
        raise UnreadableEventError(problem="not JSON") from error
    if not isinstance(raw, Mapping):
        raise UnreadableEventError(problem="not an object")
    kind = raw.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    return reader(raw) if reader else None


def read_channel(raw: object) -> Channel:
    """A channel from an event or from an answer of ``GET /channels``. Raises ``UnreadableEventError``."""
    if not isinstance(raw, Mapping):
        raise UnreadableEventError(problem="no channel")
    identifier = _word(raw, "id", LONGEST_IDENTIFIER)
    if not identifier:
        raise UnreadableEventError(problem="no channel id")
    return Channel(identifier, _word(raw, "state"), _moment(raw.get("creationtime")))


def _at(raw: Mapping[str, Any]) -> datetime:
    at = _moment(raw.get("timestamp"))
    if at is None:
        raise UnreadableEventError(problem="no timestamp")
    return at


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.astimezone(UTC) if moment and moment.utcoffset() is not None else None
    except (ValueError, OverflowError):
        return None


def _word(raw: Mapping[str, Any], name: str, longest: int = _LONGEST_WORD) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise UnreadableEventError(problem=name)
    return value


def _code(value: object, highest: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= highest else None


def _dialled(raw: Mapping[str, Any]) -> Event:
    status = _word(raw, "dialstatus")
    if status and not (status.isascii() and status.isalpha()):
        raise UnreadableEventError(problem="dialstatus")
    forwarded = read_channel(raw["forwarded"]).id if raw.get("forwarded") else ""
    return Dialled(_at(raw), read_channel(raw.get("peer")), status, _word(raw, "forward"), forwarded)


def _entered(raw: Mapping[str, Any]) -> Event:
    told = raw.get("args")
    arguments = told if isinstance(told, list) else []
    words = tuple(word[:_LONGEST_WORD] for word in arguments[:_MOST_ARGUMENTS] if isinstance(word, str))
    replaced = read_channel(raw["replace_channel"]).id if raw.get("replace_channel") else ""
    return EnteredApplication(_at(raw), read_channel(raw.get("channel")), words, replaced)


def _digit(raw: Mapping[str, Any]) -> Event:
    digit = _word(raw, "digit", 1)
    if not digit or digit not in _DIGITS:
        raise UnreadableEventError(problem="digit")
    return DigitPressed(_at(raw), read_channel(raw.get("channel")), digit)


def _destroyed(raw: Mapping[str, Any]) -> Event:
    cause = _code(raw.get("cause"), 127) or Destroyed.MISSING_CAUSE
    return Destroyed(_at(raw), read_channel(raw.get("channel")), cause, _code(raw.get("tech_cause"), 699))


def _hangup(raw: Mapping[str, Any]) -> Event:
    return HangupRequested(_at(raw), read_channel(raw.get("channel")), raw.get("soft") is True)


def _playback(raw: Mapping[str, Any]) -> Event:
    playback = _part(raw, "playback")
    return PlaybackEnded(_at(raw), _word(playback, "id"), _word(playback, "state") == "failed")


def _recording(raw: Mapping[str, Any]) -> Event:
    return RecordingEnded(_at(raw), _word(_part(raw, "recording"), "name"), raw.get("type") == "RecordingFailed")


def _part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = raw.get(name)
    if not isinstance(part, Mapping):
        raise UnreadableEventError(problem=name)
    return part


def _plain(kind: type[ChannelEvent]) -> Callable[[Mapping[str, Any]], Event]:
    return lambda raw: kind(_at(raw), read_channel(raw.get("channel")))


_READERS: dict[str, Callable[[Mapping[str, Any]], Event]] = {
    "ApplicationReplaced": lambda raw: ApplicationReplaced(_at(raw)),
    "Dial": _dialled,
    "ChannelStateChange": _plain(StateChanged),
    "StasisStart": _entered,
    "StasisEnd": _plain(LeftApplication),
    "ChannelHangupRequest": _hangup,
    "ChannelDtmfReceived": _digit,
    "PlaybackFinished": _playback,
    "RecordingFinished": _recording,
    "RecordingFailed": _recording,
    "ChannelDestroyed": _destroyed,
}
