"""Results and schedules of tests in words."""

from collections.abc import Mapping
from typing import Any

from core.dialer.policy import rule_words
from core.language import Language, is_text, translate
from core.number_tests.definition import NumberTest
from core.number_tests.vocabulary import RUNNING
from core.store.models.number_tests import NumberTestRunRow

_EVERY_DAY = 7


def reason_words(run: NumberTestRunRow, language: Language) -> str:
    """Why a run has its outcome, as one line; empty while it runs."""
    if run.outcome == RUNNING:
        return ""
    told: dict[str, Any] = dict(run.facts)
    if run.reason == "refused":
        told = {"why": " ".join(_refusal(one, language) for one in run.facts.get("refusals", []))}
    elif run.reason == "not_possible":
        told = {"why": _error(run.facts.get("error", {}), language)}
    return translate(f"number_tests.reasons.{run.reason}", language, **told)


def expectation(test: NumberTest, language: Language) -> str:
    """What is expected, as a sentence."""
    return translate(
        f"number_tests.expectations.{test.expects}", language, within=test.within_seconds, hold=test.hold_seconds
    )


def schedule(test: NumberTest, language: Language) -> str:
    """When it is dialled, as a sentence."""
    days = ", ".join(translate(f"visits.weekdays.{day}", language) for day in test.weekdays)
    if len(test.weekdays) == _EVERY_DAY:
        days = translate("number_tests.every_day", language)
    return translate(
        "number_tests.schedule",
        language,
        minutes=test.every_minutes,
        first=f"{test.first_hour:02d}:00",
        last=f"{test.last_hour:02d}:00",
        zone=test.time_zone,
        days=days,
    )


def _refusal(one: Mapping[str, Any], language: Language) -> str:
    return rule_words(one["rule"], one["facts"], language)


def _error(kept: Mapping[str, Any], language: Language) -> str:
    key = f"errors.{kept.get('code')}.message"
    return translate(key if is_text(key) else "errors.unexpected.message", language, **kept.get("facts", {}))
