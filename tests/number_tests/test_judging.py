"""What the end of a call says of its test."""

from datetime import timedelta

import pytest

from core.language import LANGUAGES
from core.number_tests import words
from core.number_tests.judging import judge
from core.store.models.dialer import OutboundCallRow
from core.store.models.number_tests import NumberTestRunRow
from tests.conftest import NOON


def seconds(after: float | None) -> dict[str, object]:
    return {"dialed_at": NOON, "answered_at": None if after is None else NOON + timedelta(seconds=after)}


@pytest.mark.parametrize(
    ("expects", "told", "outcome", "reason"),
    [
        ("answers", {"status": "completed", **seconds(20), "hangup_by": "limit"}, "passed", "answered"),
        ("answers", {"status": "completed", **seconds(3), "hangup_by": "prompt"}, "passed", "answered"),
        ("answers", {"status": "completed", **seconds(20.1), "hangup_by": "limit"}, "missed", "answered_late"),
        ("answers", {"status": "completed", **seconds(3)}, "missed", "ended_early"),
        ("answers", {"status": "completed", **seconds(3), "hangup_by": "ana"}, "unobserved", "hung_up"),
        ("answers", {"status": "completed", **seconds(3), "detail": "unobserved"}, "unobserved", "unobserved"),
        ("answers", {"status": "failed", "detail": "unobserved"}, "unobserved", "unobserved"),
        ("answers", {"status": "failed", "detail": "cancelled", "hangup_by": "ana"}, "unobserved", "hung_up"),
        ("answers", {"status": "failed", "detail": "not_placed"}, "not_dialled", "not_placed"),
        ("answers", {"status": "failed", "detail": "not_accepted"}, "missed", "failed"),
        ("answers", {"status": "failed", "cause": 1}, "missed", "failed"),
        ("answers", {"status": "busy", "cause": 17}, "missed", "busy"),
        ("answers", {"status": "no_answer", "cause": 19}, "missed", "no_answer"),
        ("unanswered", {"status": "busy", "cause": 17}, "passed", "busy"),
        ("unanswered", {"status": "no_answer", "cause": 19}, "passed", "no_answer"),
        ("unanswered", {"status": "completed", **seconds(3), "hangup_by": "limit"}, "missed", "answered"),
        ("unanswered", {"status": "failed", "cause": 1}, "missed", "failed"),
    ],
)
def test_the_end_of_a_call_says_what_the_test_came_to(
    expects: str, told: dict[str, object], outcome: str, reason: str
) -> None:
    call = OutboundCallRow(**{"detail": "", "hangup_by": "", **told})
    found = judge(expects, 20, call)
    assert (found.outcome, found.reason) == (outcome, reason)
    if found.outcome == "passed" and expects == "answers":
        assert judge(expects, 20, call, has_play_failed=True).reason == "not_played"
    run = NumberTestRunRow(outcome=found.outcome, reason=found.reason, facts=found.facts)
    for language in LANGUAGES:
        shown = words.reason_words(run, language)
        assert shown
        assert "{" not in shown


def test_the_cause_and_the_seconds_of_a_test_are_told_as_people_say_them() -> None:
    assert words.why("failed", {"cause": 1}, "es") == "La llamada falló. El número no existe."
    assert words.why("failed", {"cause": "–"}, "en") == "The call failed. No cause was given."
    assert words.why("answered", {"seconds": 1.2}, "es") == "Contestó a los 1,2 s."
