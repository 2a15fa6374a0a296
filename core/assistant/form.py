"""The closed form of an answer about an alert, and what is checked again when it arrives.

The service does not hold an answer to lengths and ranges, so the form is validated here once more; and every figure
in it must be one that was given: a model that invents numbers is worse than none.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from core.assistant.answers import in_form
from core.assistant.errors import AnswerUnusableError
from core.assistant.plain_text import plain

Likelihood = Literal["unlikely", "possible", "likely"]
Action = Literal[
    "block_international",
    "block_premium",
    "disable_forwarding",
    "intercept",
    "reset_device",
    "ask_user",
    "watch",
    "close",
]
ACTIONS: tuple[Action, ...] = get_args(Action)


class BenignCause(BaseModel):
    """Something harmless that would look the same."""

    model_config = ConfigDict(extra="forbid")

    cause: str = Field(min_length=3, max_length=240)
    likelihood: Likelihood


class AlertView(BaseModel):
    """What Claude makes of an alert or case."""

    model_config = ConfigDict(extra="forbid")

    assessment: str = Field(min_length=10, max_length=1200)
    abuse: Likelihood
    benign_causes: list[BenignCause] = Field(max_length=5)
    checks: list[str] = Field(max_length=6)
    recommended_action: Action
    action_reason: str = Field(min_length=3, max_length=400)
    injection_suspected: bool


_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_EVERYDAY = frozenset(float(number) for number in (*range(13), 15, 24, 30, 60, 100))
"""Numbers of ordinary speech ("within 24 hours", "three checks") that claim nothing about the calls."""


def read_answer(text: str, facts: Any) -> AlertView:
    """The answer, cleaned, if it keeps to the form and to the figures of ``facts``.

    Links and unseen characters are taken out. Raises ``AnswerUnusableError`` saying what is wrong.
    """
    view = in_form(AlertView, text)
    given = _spread(_values(facts)) | _EVERYDAY
    claimed = {number for text in _texts(view) for number in _NUMBER.findall(text)}
    invented = sorted(number for number in claimed if not _readings(number) & given)
    if invented:
        raise AnswerUnusableError(problem=f"figures that were not given: {', '.join(invented[:5])}"[:200])
    return AlertView.model_validate(plain(view.model_dump()))


def _texts(view: AlertView) -> Iterable[str]:
    yield view.assessment
    yield view.action_reason
    yield from view.checks
    yield from (cause.cause for cause in view.benign_causes)


def _spread(values: set[float]) -> set[float]:
    """The values as people write them: rounded, and shares as per cent."""
    rounded = {round(value, places) for value in values for places in (0, 1, 2)}
    return values | rounded | {round(value * 100, places) for value in values if value < 10 for places in (0, 1)}


def _readings(number: str) -> set[float]:
    """What a number may mean: 1,234.5 and 1.234,5 are the same, 1.234 is either."""
    readings = set()
    for decimal, thousands in ((".", ","), (",", ".")):
        plain = number.replace(thousands, "").replace(decimal, ".")
        if plain.count(".") <= 1:
            readings.add(float(plain))
    return readings or {float("nan")}


def _values(node: Any) -> set[float]:
    if isinstance(node, bool) or node is None:
        return set()
    if isinstance(node, int | float):
        return {abs(float(node))}
    if isinstance(node, dict):
        return {value for key, each in node.items() for value in _values(each) | _values(str(key))}
    if isinstance(node, list | tuple):
        return {float(len(node))}.union(*(_values(each) for each in node))
    return {reading for number in _NUMBER.findall(str(node)) for reading in _readings(number)}
