"""Which language a call is spoken in, from the whole transcript: Spanish, English, Portuguese, or another."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from core.recordings.cues import Cue
from core.recordings.summary import SpokenLanguage

if TYPE_CHECKING:
    from lingua import LanguageDetector

OTHER = "other"
LEAST_CONFIDENCE = 0.65
"""Below this nothing is claimed; measured on 27 short Spanish and English sentences, where lingua is right in 25."""
MOST_CHARACTERS = 20_000
"""More text makes no answer surer."""


def spoken_language(cues: Sequence[Cue]) -> SpokenLanguage:
    """The language of what was said; ``other`` with the best confidence found when none is sure enough.

    Loads about 100 MB on first use: for the sidecar, never for the web process.
    """
    text = " ".join(cue.text for cue in cues)[:MOST_CHARACTERS]
    if not any(sign.isalpha() for sign in text):
        return SpokenLanguage(OTHER, 0.0)
    best = _detector().compute_language_confidence_values(text)[0]
    code, confidence = best.language.iso_code_639_1.name.lower(), round(best.value, 3)
    return SpokenLanguage(code if confidence >= LEAST_CONFIDENCE else OTHER, confidence)


@cache
def _detector() -> "LanguageDetector":
    from lingua import Language, LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_languages(Language.SPANISH, Language.ENGLISH, Language.PORTUGUESE).build()
