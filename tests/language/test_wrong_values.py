"""What is wrong with a value is said in the reader's words, whoever found it, and programs keep the names."""

import importlib.util
import pkgutil
import re
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import core
from core.calls.term_filter import TermFilter
from core.errors import NotFoundError
from core.language import LANGUAGES, Language, catalogue, is_text
from core.language.wrong_values import came_instead, field_name, in_words, problem_text, thing_name


class Asked(BaseModel):
    """Values of the kinds requests have."""

    model_config = ConfigDict(extra="forbid")

    hours: int = Field(5, ge=1, le=9)
    reason: str = Field("", max_length=3)
    ids: list[int] = Field([1], min_length=1, max_length=2)
    is_active: bool = True


@pytest.mark.parametrize(
    ("field", "problem", "spanish"),
    [
        ("reason", "empty", {"field": "motivo", "problem": "falta"}),
        ("hours", "1–720", {"field": "horas", "problem": "se permite de 1 a 720"}),
        ("reason", "1-500 characters", {"field": "motivo", "problem": "escriba de 1 a 500 caracteres"}),
        ("severity", "<= 50", {"field": "severidad", "problem": "el máximo es 50"}),
        ("file", "> 5 MB", {"field": "archivo", "problem": "supera 5 MB"}),
        ("sites.0", "U+0000, U+D800-DFFF", {"field": "sitios", "problem": problem_text("U+0000, U+D800-DFFF", "es")}),
        ("steps.3.minutes", "{x} 'y'", {"field": "steps.3.minutes", "problem": "{x} 'y'"}),
    ],
)
def test_names_and_signs_in_words(field: str, problem: str, spanish: dict[str, str]) -> None:
    assert in_words({"field": field, "problem": problem}, "es") == spanish
    assert in_words({"what": 1}, "es") == {"what": 1}
    assert in_words({"field": "reason", "problem": "Extra inputs are not permitted"}, "es")["field"] == "reason"


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": 0},
        {"hours": 10},
        {"hours": "many"},
        {"reason": "long"},
        {"reason": 5},
        {"ids": []},
        {"ids": [1, 2, 3]},
        {"ids": 3},
        {"is_active": "maybe"},
        {"colour": "red"},
    ],
)
def test_what_the_checking_library_says_is_said_in_both_languages(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate(wrong)
    told = str(refused.value.errors()[0]["msg"])
    english, spanish = (problem_text(told, language) for language in LANGUAGES)
    assert spanish not in (told, english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_a_name_that_is_not_its_own_in_spanish(language: Language) -> None:
    fields = [key.removeprefix("errors.fields.") for key in catalogue() if key.startswith("errors.fields.")]
    assert len(fields) > 100
    assert all("_" not in field_name(field, language) for field in fields)
    assert field_name("no_such_field", language) == "no_such_field"


def test_what_is_missing_is_called_as_people_call_it() -> None:
    assert NotFoundError(what="ticket T-99").message("es") == "No existe: tiquete T-99."
    assert NotFoundError(what="outbound call").message("es") == "No existe: llamada saliente."
    assert NotFoundError(what="visit").message("en") == "There is no such visit."
    assert NotFoundError(what="pl-7").message("es") == "No existe: pl-7."


def test_every_thing_that_can_be_missing_has_a_name_in_spanish() -> None:
    told = re.compile(r"NotFoundError\(what=f?\"([a-z ]*[a-z])")
    things = {thing for path in Path(core.__path__[0]).rglob("*.py") for thing in told.findall(path.read_text())}
    assert len(things) > 40
    assert sorted(thing for thing in things if thing_name(thing, "es") == thing) == ["audio"]


def test_every_part_of_a_filter_has_a_name_for_when_a_link_carries_nonsense() -> None:
    for found in pkgutil.iter_modules(core.__path__):
        if found.ispkg and importlib.util.find_spec(f"core.{found.name}.filters"):
            importlib.import_module(f"core.{found.name}.filters")
    filters = TermFilter.__subclasses__()
    assert len(filters) > 5
    unnamed = {
        (one.__name__, term.key) for one in filters for term in one.TERMS if not is_text(f"errors.fields.{term.key}")
    }
    assert unnamed == set()


@pytest.mark.parametrize(("found", "told"), [("?", "ningún tipo de sonido conocido"), ("HTML", "HTML"), ("", "")])
def test_what_came_instead_of_a_file_is_told_in_words_where_a_sign_says_nothing(found: str, told: str) -> None:
    assert came_instead({"found": found, "kind": "?"}, "es") == {"found": told, "kind": "?"}
