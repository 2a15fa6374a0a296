"""Which language a call is spoken in, from the whole transcript: Spanish, English, Portuguese, or another."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from core.recordings.cues import Cue
from core.recordings.sentiment import LEXICONS
from core.recordings.summary import SpokenLanguage

if TYPE_CHECKING:
    from lingua import LanguageDetector

OTHER = "other"
LEAST_CONFIDENCE = 0.65
"""Below this nothing is claimed; measured on 27 short Spanish and English sentences, where lingua is right in 25."""
MOST_CHARACTERS = 20_000
"""More text makes no answer surer."""
_FEWEST_WORDS, _LEAST_SHARE = 8, 0.15
"""Spanish, English and Portuguese talk has 30 to 50 per cent of such words, German and French under 10."""


def spoken_language(cues: Sequence[Cue]) -> SpokenLanguage:
    """The language of what was said; ``other`` with the best confidence found when none is sure enough.

    Loads about 100 MB on first use: for the sidecar, never for the web process.
    """
    text = " ".join(cue.text for cue in cues)[:MOST_CHARACTERS]
    if not any(sign.isalpha() for sign in text):
        return SpokenLanguage(OTHER, 0.0)
    best = _detector().compute_language_confidence_values(text)[0]
    code, confidence = best.language.iso_code_639_1.name.lower(), round(best.value, 3)
    is_sure = confidence >= LEAST_CONFIDENCE and _sounds_like(text, code)
    return SpokenLanguage(code if is_sure else OTHER, confidence)


def _sounds_like(text: str, code: str) -> bool:
    """Whether a text has the small words of a language: the detector knows three and takes German for English."""
    said = re.findall(r"[^\W\d_]+", text.lower())
    if len(said) < _FEWEST_WORDS:
        return True
    return sum(word in _function_words()[code] for word in said) >= len(said) * _LEAST_SHARE


@cache
def _function_words() -> dict[str, frozenset[str]]:
    told = tomllib.loads((LEXICONS / "function_words.toml").read_text(encoding="utf-8"))
    return {code: frozenset(words.split()) for code, words in told.items()}


@cache
def _detector() -> "LanguageDetector":
    from lingua import Language, LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_languages(Language.SPANISH, Language.ENGLISH, Language.PORTUGUESE).build()
