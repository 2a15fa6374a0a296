"""When a step that is not done is tried again: one pure function of what went wrong, how often, and how old it is."""

import random
from datetime import datetime, timedelta

from core.errors import TollwatchError, TransientError
from core.recordings import errors
from core.recordings.vocabulary import StepState
from core.store.commands import backoff_seconds
from core.webex.errors import (
    ForbiddenError,
    NeedsAuthorisationError,
    NotConnectedError,
    RecordingsRightMissingError,
)

WEBEX_WORKS_FOR = timedelta(hours=6)
"""Transcripts come minutes after the audio, now and then hours (Webex's own word: "shortly after")."""

ASKED_EVERY = timedelta(minutes=10)
SELDOM = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=7)
"""A recording this old is not asked for unasked any more; a new connection or a person's click still does."""

MOST_TRIES = 8

_STILL_MADE = (errors.NotReadyError, errors.MetadataMissingError, errors.TranscriptLateError)
ACCESS = (
    errors.ComplianceMissingError,
    errors.ComplianceScopeError,
    errors.ComplianceRoleError,
    ForbiddenError,
    NeedsAuthorisationError,
    NotConnectedError,
)
"""What a new connection may have cured."""
ACCESS_CODES = tuple(kind.code for kind in (*ACCESS, RecordingsRightMissingError))

_WITHHELD = (
    *_STILL_MADE,
    *ACCESS,
    errors.DownloadPreventedError,
    errors.NoTranscriptError,
    errors.NoAudioError,
)


def state_after(error: TollwatchError) -> StepState:
    """``waiting`` for another step, ``unavailable`` for what Webex withholds, else ``failed``."""
    if isinstance(error, errors.NeedsTranscriptError):
        return "waiting"
    return "unavailable" if isinstance(error, _WITHHELD) else "failed"


def retry_at(
    error: TollwatchError, *, attempts: int, created_at: datetime, now: datetime, chance: random.Random
) -> datetime | None:
    """When to try again; ``None`` = not by itself. ``attempts`` counts this one."""
    if isinstance(error, errors.NeedsTranscriptError):
        return None
    age = now - created_at
    if isinstance(error, _STILL_MADE) and age < WEBEX_WORKS_FOR:
        return now + ASKED_EVERY
    if age >= GIVEN_UP_AFTER and (isinstance(error, _WITHHELD) or attempts >= MOST_TRIES):
        return None
    if isinstance(error, _WITHHELD):
        return now + SELDOM
    if not isinstance(error, TransientError):
        return None
    if attempts >= MOST_TRIES:
        return now + SELDOM
    wait = max(backoff_seconds(attempts, chance), error.retry_after_seconds or 0.0)
    return now + timedelta(seconds=wait)
