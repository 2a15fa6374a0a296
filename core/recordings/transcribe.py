"""Making a transcript where Webex gave none: a transcription service, or the offline English model, or nobody."""

from pathlib import Path
from typing import Protocol

from core.recordings.cues import Cue
from core.settings import Settings


class Transcriber(Protocol):
    """Hears a sound file; ``source`` names who does, for the record: service or offline."""

    source: str

    def transcribe(self, audio: Path, language: str | None) -> list[Cue]:
        """The cues of a file; ``language`` is a code where it is known. Raises errors of ``speech_errors``."""


def transcriber(settings: Settings) -> Transcriber | None:
    """The one that is configured or installed, or ``None``."""
    return None
