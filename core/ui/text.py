"""Texts of the pages in the language of the person who looks at them."""

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

import streamlit as st

from core.calls.errors import SourceFileError
from core.errors import InvalidInputError, TollwatchError
from core.language import LANGUAGES, Language, is_text, preferred_language, translate
from core.language.wrong_values import came_instead, in_words

_CHOSEN = "chosen_language"
_ESCAPE = "\\"


def language() -> Language:
    """The language of this session: the person's choice, else the browser's, else English."""
    chosen = st.session_state.get(_CHOSEN)
    return chosen if chosen in LANGUAGES else preferred_language(st.context.locale)


def choose_language(chosen: Language | None) -> None:
    """Speak this language from here on in the session; ``None`` goes back to the browser's."""
    st.session_state[_CHOSEN] = chosen


def t(key: str, **values: Any) -> str:
    """The text of ``key`` in the session's language. Raises ``KeyError`` for an unknown key."""
    return translate(key, language(), **values)


def named(area: str, value: str | None) -> str:
    """The name of a value from outside (an outcome, a call type): ours where we have one, else the value itself."""
    if value is None or value == "":
        return t("ui.none")
    key = f"{area}.{value}"
    return t(key) if is_text(key) else escaped(value)


def actor_name(actor: str) -> str:
    """Who did something, as plain text: a person by name, a part of the product in words."""
    key = f"users.actors.{actor}"
    return t(key) if is_text(key) else actor


def error_texts(error: TollwatchError) -> tuple[str, str]:
    """What happened and what to do about it, in the session's language."""
    return error.message(language()), error.remedy(language())


_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()#+-.!|<>~:$="})
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_FOUND_AFTERWARDS = re.compile(r"(?<=\S)(?=@\S)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=:)(?=[\w/+-]+:)", re.IGNORECASE)
_PARTING = ":small[]"
"""Markdown for nothing at all: two texts stand where there was one, and nothing is copied along."""


def escaped(text: str) -> str:
    """A text from outside as it stands, with nothing in it that Markdown would act on.

    Addresses, e-mail addresses and icons are looked for once the escapes are gone, in one piece of text at a time: such
    are parted. Signs that turn the direction of what follows, and indents, which make code, are left out.
    """
    plain = _INDENT.sub("", _TURNING.sub("", text))
    return _PARTING.join(part.translate(_MARKDOWN) for part in _FOUND_AFTERWARDS.split(plain))


def unescaped(text: str) -> str:
    """What ``escaped`` was made of, for places that show plain text."""
    return re.sub(r"\\(.)", r"\1", text.replace(_PARTING, ""), flags=re.DOTALL)


def stored_error(stored: Mapping[str, Any]) -> tuple[str, str]:
    """Message and remedy of an error kept in a table as code and facts, escaped for Markdown.

    A fact that was not kept leaves its place empty: nobody is shown a placeholder.
    """
    code = stored.get("code", "")
    told = dict(stored.get("facts") or {})
    if code == InvalidInputError.code:
        told = in_words(told, language())
    told = came_instead(told, language())
    facts = {name: escaped(str(value)) for name, value in told.items()}
    if not is_text(f"errors.{code}.message"):
        code = "unexpected"
    if code == SourceFileError.code and is_text(f"calls_file.{facts.get('kind', '').replace(_ESCAPE, '')}"):
        return _file_error(facts)
    return filled(f"errors.{code}.message", facts), filled(f"errors.{code}.remedy", facts)


def _file_error(facts: dict[str, str]) -> tuple[str, str]:
    place = f"{filled('calls_file.line', facts)} " if facts.get("line", "0") != "0" else ""
    problem = place + filled(f"calls_file.{facts['kind'].replace(_ESCAPE, '')}", facts)
    whole = {**facts, "problem": problem}
    return filled("errors.calls_file.message", whole), filled("errors.calls_file.remedy", whole)


class _Kept(Formatter):
    """Fills in facts as a table keeps them: all of them texts, some of them not there."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "")

    def format_field(self, value: Any, format_spec: str) -> str:
        return str(value)


def filled(key: str, facts: Mapping[str, Any]) -> str:
    """The text of ``key`` with ``facts`` in their places, and nothing in the places of those that are not there."""
    return _Kept().vformat(t(key), (), facts).strip()
