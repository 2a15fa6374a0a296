"""Kinds of values that the terms of several filters take: one of a few words, a row's number, words within columns."""

from collections.abc import Callable, Sequence
from functools import partial

from core.calls.filter_terms import InvalidFilterError

_ESCAPE = "!"
_LARGEST_NUMBER = 2**63 - 1
_LONGEST_NUMBER = 19


def one_of(known: Sequence[str]) -> Callable[[str, str], str]:
    """How a term reads one of ``known``, in lower case; raises ``InvalidFilterError`` that names them."""
    return partial(_known, tuple(known))


def row_number(*words: str) -> Callable[[str, str], str]:
    """How a term reads the number of a row, or one of ``words``; raises ``InvalidFilterError``."""
    return partial(_number, words)


def holds(*columns: str) -> str:
    """The SQL that finds a pattern of ``containing`` in any of the columns, whatever the case; for ``bound``."""
    return " OR ".join(f"{column} ILIKE ? ESCAPE '{_ESCAPE}'" for column in columns)


def containing(words: str) -> tuple[str]:
    """The pattern of text that stands anywhere."""
    return (f"%{_plain(words)}%",)


def begins(column: str) -> str:
    """The SQL that finds a pattern of ``beginning`` in a column."""
    return f"{column} LIKE ? ESCAPE '{_ESCAPE}'"


def beginning(words: str) -> tuple[str]:
    """The pattern of text that stands first."""
    return (f"{_plain(words)}%",)


def _plain(words: str) -> str:
    for sign in (_ESCAPE, "%", "_"):
        words = words.replace(sign, _ESCAPE + sign)
    return words


def _known(known: Sequence[str], key: str, given: str) -> str:
    if given.lower() not in known:
        raise InvalidFilterError(key, "known", known=", ".join(known))
    return given.lower()


def _number(words: Sequence[str], key: str, given: str) -> str:
    if given.lower() in words:
        return given.lower()
    is_number = given.isascii() and given.isdigit() and len(given) <= _LONGEST_NUMBER
    if not is_number or not 0 < int(given) <= _LARGEST_NUMBER:
        raise InvalidFilterError(key, "row", words="".join(f", {word}" for word in words))
    return str(int(given))
