"""When a missing step is tried again, for each thing that can be wrong, young and old; and why links are withheld."""

import random
from datetime import timedelta

import pytest

from core.errors import TollwatchError
from core.language import LANGUAGES
from core.recordings import errors
from core.recordings.access import why_withheld
from core.recordings.retrying import GIVEN_UP_AFTER, MOST_TRIES, SELDOM, retry_at, state_after
from core.webex.connections import ConnectionStatus
from core.webex.errors import NeedsAuthorisationError, RateLimitedError, RecordingsRightMissingError, UnavailableError
from tests.conftest import NOON

SCOPE = "spark-compliance:recordings_read"
REFUSED = RecordingsRightMissingError(path="/x", scope=SCOPE, detail="")


def wait(error: TollwatchError, *, attempts: int = 1, age: timedelta = timedelta(hours=1)) -> timedelta | None:
    at = retry_at(error, attempts=attempts, created_at=NOON - age, now=NOON, chance=random.Random(7))
    return at - NOON if at else None


def test_what_webex_still_makes_is_asked_for_every_ten_minutes_then_seldom_then_not_at_all() -> None:
    for error in (errors.NotReadyError(), errors.MetadataMissingError(), errors.TranscriptLateError()):
        assert wait(error) == timedelta(minutes=10)
        assert wait(error, age=timedelta(hours=7)) == SELDOM
        assert wait(error, age=GIVEN_UP_AFTER) is None
        assert state_after(error) == "unavailable"


def test_a_missing_right_is_looked_at_again_and_never_burnt_by_tries() -> None:
    for error in (errors.ComplianceMissingError(), errors.ComplianceRoleError(person="x"), REFUSED):
        assert wait(error, attempts=99) == SELDOM
        assert state_after(error) == "unavailable"


def test_what_passes_is_tried_with_growing_waits_and_a_server_is_obeyed() -> None:
    first, later = (wait(UnavailableError(path="/x", problem="y"), attempts=n) for n in (1, 5))
    assert first is not None
    assert later is not None
    assert timedelta(seconds=20) < first < timedelta(seconds=40) < later < timedelta(minutes=10)
    asked = RateLimitedError(retry_after_seconds=300, path="/x", seconds=300)
    assert wait(asked) == timedelta(seconds=300)
    assert wait(errors.WrongContentError(found="HTML"), attempts=MOST_TRIES) == SELDOM
    assert wait(errors.WrongContentError(found="HTML"), attempts=MOST_TRIES, age=GIVEN_UP_AFTER) is None
    assert state_after(asked) == "failed"


def test_what_nobody_can_change_by_waiting_waits_for_a_person() -> None:
    for error in (errors.GoneError(), errors.StepDiedError(times=3)):
        assert (wait(error), state_after(error)) == (None, "failed")
    assert (wait(errors.NeedsTranscriptError()), state_after(errors.NeedsTranscriptError())) == (None, "waiting")


def compliance(state: str = "connected", granted: list[str] | None = None) -> ConnectionStatus:
    return ConnectionStatus(
        kind="compliance",
        method="oauth",
        state=state,
        is_sandbox=True,
        person_name="Ana",
        scopes_asked=[SCOPE],
        scopes_granted=[SCOPE] if granted is None else granted,
    )


@pytest.mark.parametrize(
    ("status", "refusal", "is_young", "reason"),
    [
        (compliance("disconnected"), None, True, errors.ComplianceMissingError),
        (compliance("needs_authorisation"), None, True, NeedsAuthorisationError),
        (compliance(), NeedsAuthorisationError(kind="compliance"), False, NeedsAuthorisationError),
        (compliance(granted=["spark:people_read"]), REFUSED, False, errors.ComplianceScopeError),
        (compliance(), REFUSED, False, errors.ComplianceRoleError),
        (compliance(), None, True, errors.NotReadyError),
        (compliance(), None, False, errors.DownloadPreventedError),
    ],
)
def test_the_reason_without_links_is_named(
    status: ConnectionStatus, refusal: TollwatchError | None, is_young: bool, reason: type[TollwatchError]
) -> None:
    found = why_withheld(status, refusal, is_young=is_young)
    assert type(found) is reason
    assert all(found.message(language) and found.remedy(language) for language in LANGUAGES)
