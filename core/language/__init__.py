"""Every text a person can read, in Spanish and English, from one table.

The table is a folder of TOML files, ``texts/<area>.toml``; each key holds both languages side by side::

    [calls.title]
    en = "Calls"
    es = "Llamadas"

Placeholders are ``{name}``; ``{n:call|calls}`` gives the first word where ``n`` is one and the second elsewhere. A key
that is missing is a programming error and a test finds it.
"""

import tomllib
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, get_args

Language = Literal["en", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "en"

_TEXTS = Path(__file__).parent / "texts"


def _flatten(prefix: str, node: dict[str, Any], into: dict[str, dict[Language, str]]) -> None:
    if all(isinstance(value, str) for value in node.values()):
        into[prefix] = {language: node[language] for language in LANGUAGES if language in node}
        return
    for name, child in node.items():
        _flatten(f"{prefix}.{name}" if prefix else name, child, into)


@cache
def catalogue() -> dict[str, dict[Language, str]]:
    """Every key with its text in each language."""
    texts: dict[str, dict[Language, str]] = {}
    for path in sorted(_TEXTS.glob("*.toml")):
        _flatten("", tomllib.loads(path.read_text(encoding="utf-8")), texts)
    return texts


class _Counting(Formatter):
    """Chooses between the words for one and for several, so that no text says "1 calls"."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, parting, several = format_spec.partition("|")
        if not parting:
            return str(super().format_field(value, format_spec))
        return one if str(value) == "1" else several


_COUNTING = _Counting()


def translate(key: str, language: Language = DEFAULT_LANGUAGE, **values: Any) -> str:
    """The text of ``key`` in ``language`` with its placeholders filled.

    Raises ``KeyError`` for a key that no file holds.
    """
    text = catalogue()[key][language]
    return _COUNTING.format(text, **values) if values else text


def is_text(key: str) -> bool:
    """Whether the table holds ``key``: for values from outside that may or may not have a name of ours."""
    return key in catalogue()


def preferred_language(accept_language: str | None) -> Language:
    """The language to answer in, from an HTTP ``Accept-Language`` value or a browser's locale."""
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        for language in LANGUAGES:
            if tag == language:
                return language
    return DEFAULT_LANGUAGE
