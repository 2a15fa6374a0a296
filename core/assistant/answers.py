"""Answers in a form: read by a model of it, and asked for once more when the first cannot be used."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from core.assistant.budget import Tokens
from core.assistant.errors import AnswerUnusableError, DeclinedError
from core.assistant.messages import Answer, Question, ask
from core.services import Services

CUT_SHORT = ("max_tokens", "model_context_window_exceeded")
LONGEST_COMPLAINT = 200

Form = TypeVar("Form", bound=BaseModel)
Made = TypeVar("Made")


def ask_twice(
    services: Services, question: Callable[[str], Question], read: Callable[[Answer], Made]
) -> tuple[Made, Answer]:
    """What ``read`` makes of the answer, asked for a second time when it raises ``AnswerUnusableError``.

    ``question`` is called with what was wrong with the first answer, at first with nothing. Size and cost of the
    answer given are those of both. Raises what ``core.assistant.messages.ask`` and, of the second, ``read`` raise.
    """
    first = ask(services, question(""))
    try:
        return read(first), first
    except AnswerUnusableError as error:
        second = ask(services, question(str(error.facts["problem"])))
    return read(second), replace(second, tokens=added(first.tokens, second.tokens), cost=first.cost + second.cost)


def added(one: Tokens, other: Tokens) -> Tokens:
    """The sizes of two answers together."""
    return Tokens(one.read + other.read, one.cached + other.cached, one.written + other.written)


def whole_text(answer: Answer) -> str:
    """The text of an answer. Raises ``DeclinedError``, and ``AnswerUnusableError`` for one that was cut short."""
    if answer.stop_reason == "refusal":
        raise DeclinedError(problem=answer.stop_reason)
    if answer.stop_reason in CUT_SHORT:
        raise AnswerUnusableError(problem=f"cut short ({answer.stop_reason})")
    return answer.text


def in_form(form: type[Form], text: str) -> Form:
    """The text as that form. Raises ``AnswerUnusableError`` saying where it is out of it, never what stood there."""
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise AnswerUnusableError(problem=f"{place}: {first['msg']}"[:LONGEST_COMPLAINT]) from error
