"""Words of a text, and whether they are among those of a list with word endings left open."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.assistant.masking import folded
from core.language import DEFAULT_LANGUAGE, Language

__all__ = ["Word", "folded", "language_of", "listed", "matches", "words_in"]

_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_SPANISH_SIGNS = "¿¡ñáéíóú"
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class Word:
    """A word of a text in lower case without accents, and where it stands."""

    text: str
    start: int
    end: int


def words_in(text: str) -> Iterator[Word]:
    """The words of a text in order."""
    for match in _WORD.finditer(folded(text)):
        yield Word(match.group().replace("’", "'"), *match.span())


def seen(text: str) -> str:
    """The text without signs that nobody sees: controls but line ends and tabs, and those that turn its direction."""
    return _UNSEEN.sub("", text)


@cache
def listed(area: str, name: str) -> re.Pattern[str]:
    """The words of a list in ``words.toml`` as a pattern for one whole word."""
    return _pattern(str(_lists()[area][name]))


def matches(area: str, name: str, word: str) -> bool:
    """Whether a word is in a list."""
    return listed(area, name).fullmatch(word) is not None


def names(area: str) -> tuple[str, ...]:
    """The names of the lists of an area, in their order."""
    return tuple(_lists()[area])


def language_of(text: str, otherwise: Language = DEFAULT_LANGUAGE) -> Language:
    """Spanish or English, by the commonest words of both; ``otherwise`` where neither prevails."""
    found = [word.text for word in words_in(text)]
    spanish = sum(matches("language", "es", word) for word in found) + sum(sign in text for sign in _SPANISH_SIGNS)
    english = sum(matches("language", "en", word) for word in found)
    if spanish == english:
        return otherwise
    return "es" if spanish > english else "en"


@cache
def _lists() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def _pattern(told: str) -> re.Pattern[str]:
    forms = [re.escape(form.rstrip("*")) + (r"[\w'-]*" if form.endswith("*") else "") for form in told.split()]
    return re.compile("|".join(forms) if forms else r"(?!)")
