"""Words as the full-text search knows them: without case and accents, the same on every database.

An index of our own, one row a word and recording (``recording_word``), instead of SQLite's FTS5 and PostgreSQL's
tsvector: both databases answer alike, a prefix is a range of its primary key, and a migration creates it.
"""

import re
import unicodedata
from collections.abc import Iterable

LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text in lower case and without accents; ``ñ`` becomes ``n``, as people type it."""
    spelt = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spelt if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """The folded words of a text in their order, each cut to what the index holds."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text))]


def first_cues(texts: Iterable[str]) -> dict[str, int]:
    """Each word said and the number of the first cue, from 0, it stands in."""
    first: dict[str, int] = {}
    for ordinal, text in enumerate(texts):
        for word in words_of(text):
            first.setdefault(word, ordinal)
    return first


def range_of(prefix: str) -> tuple[str, str]:
    """From where (inclusive) to where (exclusive) the index holds the words that begin with a folded prefix."""
    return prefix, prefix + "\U0010ffff"
