"""Results and schedules of tests in words."""

from collections.abc import Mapping
from typing import Any

from core.asterisk.causes import cause_words
from core.dialer.policy import rule_words
from core.language import Language, is_text, translate
from core.language.numbers import number
from core.number_tests.definition import NumberTest
from core.number_tests.vocabulary import RUNNING
from core.store.models.number_tests import NumberTestRunRow

_EVERY_DAY = 7


def reason_words(run: NumberTestRunRow, language: Language) -> str:
    """Why a run has its outcome, as one line; empty while it runs."""
    return "" if run.outcome == RUNNING else why(run.reason, run.facts, language)


def why(reason: str, facts: Mapping[str, Any], language: Language) -> str:
    """One of ``vocabulary.REASONS`` with what is kept of it, as one line."""
    told: dict[str, Any] = dict(facts)
    if "seconds" in told:
        told["seconds"] = number(told["seconds"], 1, language)
    match reason:
        case "failed":
            cause = told.get("cause")
            told["why"] = cause_words(cause if isinstance(cause, int) else 0, language)
        case "refused":
            told = {"why": " ".join(_refusal(one, language) for one in facts.get("refusals", []))}
        case "not_possible":
            told = {"why": _error(facts.get("error", {}), language)}
    return translate(f"number_tests.reasons.{reason}", language, **told)


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
