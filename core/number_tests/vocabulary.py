"""The words of scheduled tests that several modules share."""

DATA_VERSION = "dialer"
ACTOR = "number_tests"
"""Who dials and raises alerts when nobody does; its calls and dollars are counted apart from every person's."""

ANSWERS, UNANSWERED = "answers", "unanswered"
EXPECTATIONS = (ANSWERS, UNANSWERED)
"""The number answers in time and stays until we hang up; or it is busy or nobody answers."""

RUNNING, PASSED, MISSED, UNOBSERVED, NOT_DIALLED = "running", "passed", "missed", "unobserved", "not_dialled"
OUTCOMES = (RUNNING, PASSED, MISSED, UNOBSERVED, NOT_DIALLED)
"""The last two say nothing about the number: the end was not seen, or no call was placed."""
REASONS = (
    "answered", "answered_late", "busy", "no_answer", "failed", "ended_early", "not_played", "unobserved", "hung_up",
    "lost", "not_placed", "refused", "not_possible",
)  # fmt: skip
"""Why a run has its outcome; texts: ``number_tests.reasons.<reason>``."""
