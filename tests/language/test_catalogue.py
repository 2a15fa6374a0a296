"""The table of texts: both languages, the same placeholders, no empty text."""

import re

import pytest

from core.language import LANGUAGES, Language, catalogue, preferred_language, translate

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


@pytest.mark.parametrize(
    ("n", "language", "text"),
    [
        (1, "en", "1 alert, 0 of them new."),
        ("1", "es", "1 alerta, 0 de ellas nuevas."),
        (2, "en", "2 alerts, 0 of them new."),
        (0, "es", "0 alertas, 0 de ellas nuevas."),
    ],
)
def test_one_is_told_otherwise_than_several(n: object, language: Language, text: str) -> None:
    assert translate("risk.analyse.found", language, n=n, new=0) == text


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
