"""The optional offline model: ``pip install moonshine-voice==0.0.49``, whose wheel holds a small English model.

Later wheels hold none and would download one. It knows English alone and turns Spanish into English nonsense, so a call
not known to be English is refused. Needs about 430 MB and a fifth of a call's length (docs/summaries.md).
"""

from pathlib import Path
from typing import Any

from core.recordings.cues import Cue
from core.recordings.speech_errors import AudioUnreadableError, TranscriptionLanguageError
from core.recordings.transcript_files import LONGEST_TEXT, plain_line

PACKAGE = "moonshine_voice"
SAMPLES_A_SECOND = 16_000
PIECE_SECONDS = 300
"""A call is heard in pieces, so that an hour of it is never in memory at once."""
UNKNOWN = "?"


class OfflineEnglish:
    """Hears English on this machine, nothing leaves; ``language`` is what calls are in where nobody says."""

    source = "offline"

    def __init__(self, language: str = "") -> None:
        self._language = language

    def transcribe(self, audio: Path, language: str | None) -> list[Cue]:
        """The cues of an English call. Raises ``TranscriptionLanguageError`` for others, ``AudioUnreadableError``."""
        known = (language or self._language or UNKNOWN).lower()
        if not known.startswith("en"):
            raise TranscriptionLanguageError(spoken=known[:20])
        return _heard(audio)


def _heard(audio: Path) -> list[Cue]:
    import miniaudio
    from moonshine_voice import ModelArch, Transcriber, get_model_path
    from moonshine_voice.errors import MoonshineError

    cues: list[Cue] = []
    try:
        pieces = miniaudio.stream_file(
            str(audio),
            output_format=miniaudio.SampleFormat.FLOAT32,
            nchannels=1,
            sample_rate=SAMPLES_A_SECOND,
            frames_to_read=SAMPLES_A_SECOND * PIECE_SECONDS,
        )
        with Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY) as model:
            for number, samples in enumerate(pieces):
                cues += _lines(model.transcribe_without_streaming(list(samples), SAMPLES_A_SECOND), number)
    except (miniaudio.MiniaudioError, MoonshineError, OSError) as error:
        raise AudioUnreadableError(problem=type(error).__name__) from error
    return cues


def _lines(told: Any, piece: int) -> list[Cue]:
    offset = piece * PIECE_SECONDS * 1000
    made = []
    for line in told.lines:
        start = offset + int(line.start_time * 1000)
        text = plain_line(line.text or "")[:LONGEST_TEXT]
        if text:
            made.append(Cue(start, start + int(line.duration * 1000), "", text))
    return made
