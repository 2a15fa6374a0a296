"""Calling users kept true: seen in new calls, named by the directory, scored by their alerts."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from core.risk import record
from core.store import data_version
from jobs.registry import JobContext, job

EVERY_SECONDS = 60.0
OLDEST = timedelta(minutes=15)
"""Scores fade by themselves between two runs; what else needs time is done this often without any news."""

_NEWS = ("calls", "alerts", "directory")


@job("score_risk", every_seconds=EVERY_SECONDS)
def score_risk(context: JobContext) -> Mapping[str, Any]:
    """Refresh when calls or alerts changed since the last time, or enough time passed."""
    services = context.services
    with services.database.read() as session:
        _, done_at = data_version.current(session, record.DATA_VERSION)
        changed = [at for name in _NEWS if (at := data_version.current(session, name)[1]) is not None]
    is_due = done_at is None or services.clock.now() - done_at >= OLDEST
    if not is_due and done_at is not None and all(at < done_at for at in changed):
        return {}
    return asdict(record.refresh(services))
