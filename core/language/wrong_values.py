"""What is wrong with a value, in the reader's words: the field by the label it has on pages, the commonest problems.

Errors carry a field by the name programs use and a problem in short signs (``1-300``, ``<= 50``) or as the library that
checks requests tells it, in English. Both stay so in an error's facts; people read these names and sentences.
"""

import re
from typing import Any

from core.language import Language, is_text, translate

_UNKNOWN_NAME, _EXTRA = "unknown_name", r"Extra inputs are not permitted"
_PROBLEMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("missing", r"|-|–|empty|Field required"),
        (_UNKNOWN_NAME, _EXTRA),
        ("unknown", r"\?|unknown"),
        ("spoken", r"spoken already"),
        ("unstorable", r"U\+0000, U\+D800-DFFF"),
        ("no_mail", r"no e-mail address: (?P<given>.+)"),
        ("unreadable", r"unreadable|JSON decode error|Invalid JSON.*"),
        ("between", r"(?P<least>-?\d+)\s*(?:-|–|\.\.)\s*(?P<most>\d+)"),
        ("length", r"1-(?P<most>\d+) characters"),
        ("longest", r"String should have at most (?P<most>\d+) characters?"),
        ("shortest", r"String should have at least (?P<least>\d+) characters?"),
        ("fewest", r"\w+ should have at least (?P<least>\d+) items? after validation, not \d+"),
        ("most", r"\w+ should have at most (?P<most>\d+) items? after validation, not .+"),
        ("at_most", r"(?:<=|≤)\s*(?P<most>\d+)|Input should be less than or equal to (?P<told>\S+)"),
        ("at_least", r"(?:>=|≥)\s*(?P<least>\d+)|Input should be greater than or equal to (?P<told>\S+)"),
        ("above", r">\s*(?P<most>\d+(?: \w+)?)"),
        ("whole_number", r"Input should be (?:a valid integer|a finite number).*"),
        ("number", r"Input should be a valid number.*"),
        ("yes_or_no", r"Input should be a valid boolean.*"),
        ("words", r"Input should be a valid string.*"),
        ("list", r"Input should be a valid list.*"),
        ("object", r"Input should be a valid (?:dictionary|object).*"),
        ("moment", r"Input should (?:be a valid|have) (?:date|time|datetime)\w*.*|ISO 8601"),
        ("one_of", r"Input should be (?P<known>'.+)"),
    )
)

_INSTEAD = {"?": "unknown", "empty": "empty", "not WEBVTT": "not_webvtt"}
_ITEM = re.compile(r"\.\d+$")


def field_name(field: str, language: Language) -> str:
    """The label of a field where the product has one, else the name as given; ``sites.0`` is one of ``sites``."""
    key = f"errors.fields.{_ITEM.sub('', field)}"
    return translate(key, language) if is_text(key) else field


def problem_text(problem: str, language: Language) -> str:
    """A problem in words where it is one of the known ones, else as it was given."""
    for name, pattern in _PROBLEMS:
        if found := pattern.fullmatch(problem):
            told = {part: value for part, value in found.groupdict().items() if value is not None}
            if "told" in told:
                told = {"most": told["told"], "least": told["told"]}
            return translate(f"errors.problems.{name}", language, **told)
    return problem.rstrip(".")


def thing_name(what: str, language: Language) -> str:
    """A thing, alone or with its number or id behind it, as people call it; one nobody named as given."""
    words = what.split(" ")
    for count in range(len(words), 0, -1):
        key = f"errors.things.{'_'.join(words[:count])}"
        if is_text(key):
            return " ".join((translate(key, language), *words[count:]))
    return what


def came_instead(facts: dict[str, Any], language: Language) -> dict[str, Any]:
    """The facts of an error over a file, with what came in its place in words where the sign alone tells nobody."""
    known = _INSTEAD.get(str(facts.get("found", "")))
    return facts | {"found": translate(f"errors.came_instead.{known}", language)} if known else facts


def in_words(facts: dict[str, Any], language: Language) -> dict[str, Any]:
    """The facts of an error over a value, with field and problem as people read them; a field nobody knows as given."""
    named = {"field": field_name, "problem": problem_text}
    if facts.get("problem") == _EXTRA:
        named.pop("field")
    return facts | {name: told(str(facts[name]), language) for name, told in named.items() if name in facts}
