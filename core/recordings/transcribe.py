"""Making a transcript where Webex gave none: a transcription service, or the offline English model, or nobody."""

import importlib.util
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import orjson
import stamina

from core.errors import SettingsError
from core.json_text import parsed
from core.recordings.cues import Cue
from core.recordings.offline_english import PACKAGE, OfflineEnglish
from core.recordings.speech_errors import (
    TranscriptionBusyError,
    TranscriptionKeyError,
    TranscriptionRefusedError,
    TranscriptionTooLargeError,
    TranscriptionUnusableError,
)
from core.recordings.transcript_files import LONGEST_CALL_MS, LONGEST_SPEAKER, LONGEST_TEXT, MOST_CUES, plain_line
from core.settings import Settings

ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 300.0
LARGEST_ANSWER = 8 * 1024 * 1024
_TIMEOUT = httpx.Timeout(connect=10, read=600, write=120, pool=10)
_PATIENCE_SECONDS = 1200.0
_NO_SPEECH, _UNLIKELY = 0.6, -1.0
"""Whisper's own rule for silence taken for words (openai/whisper, ``transcribe.py``)."""


class Transcriber(Protocol):
    """Hears a sound file; ``source`` names who does, for the record: service or offline."""

    source: str

    def transcribe(self, audio: Path, language: str | None) -> list[Cue]:
        """The cues of a file; ``language`` is a code where it is known. Raises errors of ``speech_errors``."""


def transcriber(settings: Settings) -> Transcriber | None:
    """The one that is configured or installed: the service first, then the offline English model, or ``None``.

    Raises ``SettingsError`` for an address that is not https.
    """
    if settings.transcription_url:
        return TranscriptionService(settings)
    if importlib.util.find_spec(PACKAGE) is not None:
        return OfflineEnglish(settings.transcription_language)
    return None


class TranscriptionService:
    """A service that speaks OpenAI's ``POST /audio/transcriptions`` with ``response_format=verbose_json``.

    It gets the sound as it is: nothing in it can be masked.
    """

    source = "service"

    def __init__(self, settings: Settings) -> None:
        address = urlsplit(settings.transcription_url)
        if address.scheme != "https" and not settings.allow_insecure_endpoints:
            raise SettingsError(
                setting="TRANSCRIPTION_URL", problem="it is not https; ALLOW_INSECURE_ENDPOINTS=1 permits it"
            )
        self._address = settings.transcription_url.rstrip("/") + "/audio/transcriptions"
        self._key = settings.transcription_api_key
        self._model = settings.transcription_model
        self._language = settings.transcription_language
        self._largest = settings.transcription_largest_mb

    def transcribe(self, audio: Path, language: str | None) -> list[Cue]:
        """The cues of a file, tried a few times while the service is busy.

        Raises ``TranscriptionTooLargeError``, ``TranscriptionKeyError``, ``TranscriptionRefusedError``,
        ``TranscriptionUnusableError``, and ``TranscriptionBusyError`` (transient).
        """
        if audio.stat().st_size > self._largest << 20:
            raise TranscriptionTooLargeError(megabytes=self._largest)
        for attempt in stamina.retry_context(
            on=TranscriptionBusyError, attempts=ATTEMPTS, timeout=_PATIENCE_SECONDS, wait_initial=1.0, wait_max=20.0
        ):
            with attempt:
                return _cues(self._answer(audio, language))
        raise TranscriptionBusyError(problem="no attempt was made")

    def _answer(self, audio: Path, language: str | None) -> bytes:
        fields = {"model": self._model, "response_format": "verbose_json"}
        code = (language or self._language)[:2].lower()
        if code.isalpha():
            fields["language"] = code
        key = self._key.get_secret_value()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            with (
                audio.open("rb") as sound,
                httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as client,
                client.stream(
                    "POST",
                    self._address,
                    data=fields,
                    files={"file": (f"recording{audio.suffix}", sound)},
                    headers=headers,
                ) as response,
            ):
                body = _read(response)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise TranscriptionBusyError(problem=type(error).__name__) from error
        _check(response, self._largest)
        return body


def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    for part in response.iter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER:
            raise TranscriptionUnusableError(problem=f"> {LARGEST_ANSWER >> 20} MB")
    return bytes(body)


def _check(response: httpx.Response, largest: int) -> None:
    status = response.status_code
    if status < 300:
        return
    if status in (401, 403):
        raise TranscriptionKeyError(status=status)
    if status == 413:
        raise TranscriptionTooLargeError(megabytes=largest)
    if status in (408, 409, 425, 429) or status >= 500:
        raise TranscriptionBusyError(problem=str(status), retry_after_seconds=_wait(response))
    raise TranscriptionRefusedError(status=status)


def _wait(response: httpx.Response) -> float | None:
    try:
        wait = float(response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(max(wait, 0.0), LONGEST_WAIT_SECONDS) if math.isfinite(wait) else None


def _cues(body: bytes) -> list[Cue]:
    """The cues of a ``verbose_json`` answer; one for the whole call where it has no segments."""
    try:
        answer = parsed(body)
    except orjson.JSONDecodeError as error:
        raise TranscriptionUnusableError(problem="no JSON") from error
    if not isinstance(answer, Mapping) or not isinstance(answer.get("text", ""), str):
        raise TranscriptionUnusableError(problem="no transcript")
    segments = answer.get("segments")
    if segments is None and "text" in answer:
        segments = [{"start": 0, "end": answer.get("duration", 0), "text": answer["text"]}]
    if not isinstance(segments, list) or len(segments) > MOST_CUES:
        raise TranscriptionUnusableError(problem="segments")
    return sorted(_heard(segments), key=lambda cue: cue.start_ms)


def _heard(segments: list[Any]) -> Iterator[Cue]:
    for segment in segments:
        if not isinstance(segment, Mapping):
            raise TranscriptionUnusableError(problem="segments")
        if _number(segment, "no_speech_prob") > _NO_SPEECH and _number(segment, "avg_logprob") < _UNLIKELY:
            continue
        text = plain_line(str(segment.get("text") or ""))[:LONGEST_TEXT]
        if text:
            start = _milliseconds(segment, "start")
            speaker = plain_line(str(segment.get("speaker") or ""))[:LONGEST_SPEAKER]
            yield Cue(start, max(_milliseconds(segment, "end"), start), speaker, text)


def _milliseconds(segment: Mapping[str, Any], name: str) -> int:
    return int(min(max(_number(segment, name), 0.0) * 1000, LONGEST_CALL_MS))


def _number(segment: Mapping[str, Any], name: str) -> float:
    value = segment.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number and value is not None else 0.0
