"""How a call felt, by our own Spanish and English lexicons: no model, the same answer every time.

The lexicons and the words that turn a feeling round are data, in ``lexicons``. How often they agree with people
stands in docs/summaries.md and is held by a test.
"""

import math
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.assistant.masking import folded
from core.recordings.cues import Cue
from core.recordings.summary import Sentiment, label_of

LEXICONS = Path(__file__).parent / "lexicons"
LANGUAGES = ("es", "en")
_WORD = re.compile(r"[\w']+|[.,;:!?¡¿…]")
_NEGATED, _STRONGER, _WEAKER = -0.7, 1.4, 0.6
_NEGATION_REACH, _STRENGTH_REACH = 4, 2
_BEFORE_CONTRAST, _AFTER_CONTRAST = 0.5, 1.5
_SATURATION = 16.0
"""So that one mild word (1) stays below the threshold of a feeling and one plain word (2) is above it."""
_SHORTEST_STEM = 3
_LAST_THIRD = 1.5
"""How a call ends says more about it than how it begins."""


@dataclass(frozen=True)
class _Lexicon:
    words: dict[str, float]
    stems: dict[str, float]
    longest_phrase: int
    negation: frozenset[str]
    contrast: frozenset[str]
    stronger: frozenset[str]
    weaker: frozenset[str]

    def feeling(self, words: Sequence[str]) -> tuple[float, int] | None:
        """The feeling of the longest term at the start of ``words``, and how many words that is."""
        for length in range(min(self.longest_phrase, len(words)), 0, -1):
            value = self.words.get(" ".join(words[:length]))
            if value is not None:
                return value, length
        for end in range(len(words[0]), _SHORTEST_STEM - 1, -1):
            if words[0][:end] in self.stems:
                return self.stems[words[0][:end]], 1
        return None


def sentiment_of(text: str, language: str) -> Sentiment:
    """The feeling of one turn, -1 to 1; neutral in a language without a lexicon."""
    if language not in LANGUAGES:
        return Sentiment("neutral", 0.0)
    total = sum(_feelings(_WORD.findall(folded(text.replace("’", "'"))), _lexicon(language)))
    score = round(total / math.sqrt(total * total + _SATURATION), 3)
    return Sentiment(label_of(score), score)


def sentiment_of_cues(cues: Sequence[Cue], language: str) -> Sentiment:
    """The feeling of a whole call: the mean of the turns that show one, its last third counting half as much again."""
    weighed = []
    for at, cue in enumerate(cues):
        score = sentiment_of(cue.text, language).score
        if score:
            weighed.append((score, _LAST_THIRD if at >= len(cues) * 2 / 3 else 1.0))
    if not weighed:
        return Sentiment("neutral", 0.0)
    mean = sum(score * weight for score, weight in weighed) / sum(weight for _, weight in weighed)
    return Sentiment(label_of(mean), round(mean, 3))


def _feelings(words: Sequence[str], lexicon: _Lexicon) -> Iterator[float]:
    """The feeling of each term, after negation, strength and contrast."""
    turns = [at for at, word in enumerate(words) if word in lexicon.contrast]
    at, clause = 0, 0
    while at < len(words):
        if not words[at][0].isalnum():
            at, clause = at + 1, at + 1
            continue
        found = lexicon.feeling(words[at:])
        if found is None:
            at += 1
            continue
        value, length = found
        before = words[clause:at]
        negates_itself = any(word in lexicon.negation for word in words[at : at + length])
        if not negates_itself and any(word in lexicon.negation for word in before[-_NEGATION_REACH:]):
            value *= _NEGATED
        near = before[-_STRENGTH_REACH:]
        value *= _STRONGER if any(word in lexicon.stronger for word in near) else 1.0
        value *= _WEAKER if any(word in lexicon.weaker for word in near) else 1.0
        if turns:
            value *= _AFTER_CONTRAST if at > turns[-1] else _BEFORE_CONTRAST
        yield value
        at += length


@cache
def _lexicon(language: str) -> _Lexicon:
    words: dict[str, float] = {}
    stems: dict[str, float] = {}
    for line in (LEXICONS / f"sentiment_{language}.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        term, _, value = line.partition("\t")
        if term.endswith("*"):
            stems[folded(term[:-1])] = float(value)
        else:
            words[folded(term)] = float(value)
    rules = tomllib.loads((LEXICONS / "sentiment_rules.toml").read_text(encoding="utf-8"))[language]
    return _Lexicon(
        words=words,
        stems=stems,
        longest_phrase=max(len(term.split()) for term in words),
        **{name: frozenset(told.split()) for name, told in rules.items()},
    )
