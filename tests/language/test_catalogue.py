"""The table of texts: both languages, the same placeholders, no empty text."""

import re

import pytest

from core.language import LANGUAGES, catalogue, preferred_language, translate

PLACEHOLDER = re.compile(r"{(\w+)[^}]*}")


def test_every_text_stands_in_both_languages() -> None:
    missing = [(key, lang) for key, texts in catalogue().items() for lang in LANGUAGES if not texts.get(lang)]
    assert missing == []


def test_both_languages_fill_the_same_placeholders() -> None:
    unequal = [
        key
        for key, texts in catalogue().items()
        if len({frozenset(PLACEHOLDER.findall(text)) for text in texts.values()}) > 1
    ]
    assert unequal == []


def test_a_text_is_filled() -> None:
    assert translate("errors.not_found.message", "es", what="la llamada") == "No existe: la llamada."


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        translate("errors.no_such_thing")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es-CO,es;q=0.9,en;q=0.8", "es"),
        ("en-US", "en"),
        ("fr-FR,es;q=0.5", "es"),
        ("de", "en"),
        (None, "en"),
        ("", "en"),
    ],
)
def test_the_reader_s_language_is_taken_from_the_browser(header: str | None, language: str) -> None:
    assert preferred_language(header) == language
