"""Webex's transcript files (WebVTT), read leniently: what a cue says is kept even where its time or name is odd."""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError
from webvtt.models import Caption

from core.recordings.cues import Cue
from core.recordings.speech_errors import TranscriptTooLargeError, TranscriptUnreadableError

LARGEST_FILE = 8 * 1024 * 1024
"""Bytes; ten hours of talk make about 2 MB."""
MOST_CUES = 20_000
LONGEST_TEXT, LONGEST_SPEAKER = 4000, 200
LONGEST_CALL_MS = 7 * 24 * 3600 * 1000

_LONGEST_WRITTEN = 10 * LONGEST_TEXT
"""Signs of a cue with its tags that are read; of its identifier and its times far fewer are needed."""

_LONGEST_NAMED, _LONGEST_TIME = 1000, 100
_MOST_LINES = 10 * MOST_CUES
_ARROW = "-->"
_TIME = re.compile(r"\s*(?:(\d{1,4}):)?(\d{1,4}):(\d{1,4})(?:[.,](\d{1,9}))?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?\s([^<>]{0,400})>")
_TAG = re.compile(r"</?(?:c|i|b|u|v|ruby|rt|lang)(?:[.\s][^<>]{0,400})?>|<\d[\d:.]{0,20}>")
"""Bounded, and never over the begin of another: a file made of open tags costs no more than any other."""

_QUOTED_NAME = re.compile(r'^\s*(?:\d+\s+)?"(.*)"\s*(?:\([^)]*\)\s*)*$')
_PLAIN_NAME = re.compile(r"^\s*\d+\s+([^\s(\"][^(\"]*?)\s*(?:\([^)]*\)\s*)*$")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def read_transcript(body: bytes) -> list[Cue]:
    """The cues of a WebVTT file in the order of time; none for a call in which nobody spoke.

    Speakers come from voice tags or from the cue's identifier, as ``3 "Jane Doe" (2022698496) (uuid)``; times that
    cannot be are put right, never out of order; text is plain, one line, without entities, tags and unseen signs.
    Raises ``TranscriptUnreadableError`` for anything that is no WebVTT, ``TranscriptTooLargeError``.
    """
    if len(body) > LARGEST_FILE:
        raise TranscriptTooLargeError(megabytes=LARGEST_FILE >> 20)
    text = _decoded(body).lstrip("\ufeff \t\r\n")
    if not text.upper().startswith("WEBVTT"):
        raise TranscriptUnreadableError(problem=_what(text))
    try:
        captions = WebVTT.from_string("\n".join(_mended(text))).captions
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        raise TranscriptUnreadableError(problem=type(error).__name__) from error
    if len(captions) > MOST_CUES:
        raise TranscriptTooLargeError(megabytes=LARGEST_FILE >> 20)
    cues = [cue for caption in captions for cue in _cues(caption)]
    return sorted(cues, key=lambda cue: cue.start_ms)


def plain_line(text: str) -> str:
    """Text from outside on one line, composed (NFC), without control and direction signs."""
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in composed)
    return " ".join(seen.split())


def _decoded(body: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _what(text: str) -> str:
    """What came instead, in a word."""
    if not text.strip():
        return "empty"
    first = text[:200].lstrip().lower()
    if first.startswith("<"):
        return "HTML"
    return "JSON" if first.startswith(("{", "[")) else "not WEBVTT"


def _mended(text: str) -> Iterator[str]:
    """The lines with every timing in its strict form; one that names no time goes on where the last ended."""
    last_end = 0
    lines = text.replace("\x00", "").splitlines()
    if len(lines) > _MOST_LINES or sum(_ARROW in line for line in lines) > MOST_CUES:
        raise TranscriptTooLargeError(megabytes=LARGEST_FILE >> 20)
    for line in lines:
        if _ARROW not in line:
            yield line
            continue
        start_text, _, end_text = line.partition(_ARROW)
        start, end = (_milliseconds(text[:_LONGEST_TIME]) for text in (start_text, end_text))
        start = last_end if start is None else start
        end = start if end is None else max(start, end)
        last_end = end
        yield f"{_written(start)} {_ARROW} {_written(end)}"


def _milliseconds(text: str) -> int | None:
    match = _TIME.match(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return min(whole * 1000 + int(((fraction or "") + "000")[:3]), LONGEST_CALL_MS)


def _written(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def _cues(caption: Caption) -> Iterator[Cue]:
    """A caption's cue, or one for each voice in it."""
    start, end = _milliseconds(caption.start) or 0, _milliseconds(caption.end) or 0
    whole = Cue(start, end, _named((caption.identifier or "")[:_LONGEST_NAMED]), "")
    parts = _VOICE.split(caption.raw_text[:_LONGEST_WRITTEN])
    said = [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    for voice, text in said:
        plain = plain_line(html.unescape(_TAG.sub("", text)))[:LONGEST_TEXT]
        if plain:
            speaker = plain_line(html.unescape(voice))[:LONGEST_SPEAKER]
            yield replace(whole, speaker=speaker or whole.speaker, text=plain)


def _named(identifier: str) -> str:
    """The speaker in a cue's identifier, empty where it is a mere number or id."""
    match = _QUOTED_NAME.match(identifier) or _PLAIN_NAME.match(identifier)
    return plain_line(html.unescape(match.group(1)))[:LONGEST_SPEAKER] if match else ""
