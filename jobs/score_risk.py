"""Calling users kept true: seen in new calls, named by the directory, scored by their alerts."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from core.risk import record
from core.services import Services
from core.store import data_version
from jobs.registry import JobContext, job

EVERY_SECONDS = 60.0
OLDEST = timedelta(minutes=15)
"""Scores fade by themselves between two runs; what else needs time is done this often without any news."""

_NEWS = ("calls", "alerts", "directory")

_done: dict[int, tuple[Services, tuple[int, ...], datetime]] = {}
"""The data versions that the last refresh of this process began with, and when; a new process begins with one."""


@job("score_risk", every_seconds=EVERY_SECONDS)
def score_risk(context: JobContext) -> Mapping[str, Any]:
    """Refresh when calls or alerts changed since the last time, or enough time passed."""
    services = context.services
    now = services.clock.now()
    # Read before the refresh: a change that comes while it runs is news for the next one.
    with services.database.read() as session:
        versions = tuple(data_version.current(session, name)[0] for name in _NEWS)
    kept = _done.get(id(services))
    if kept is not None and kept[0] is services and kept[1] == versions and now - kept[2] < OLDEST:
        return {}
    outcome = asdict(record.refresh(services))
    _done.clear()
    _done[id(services)] = (services, versions, now)
    return outcome
