"""The hourly figures of each day whose calls changed, made anew."""

from collections.abc import Mapping
from typing import Any

from core.calls.rollup import DATA_VERSION, HourlyCalls, hourly_path, roll_up
from core.store import data_version
from jobs.registry import JobContext, job

EVERY_SECONDS = 60.0


@job("roll_up_calls", every_seconds=EVERY_SECONDS)
def roll_up_calls(context: JobContext) -> Mapping[str, Any]:
    """Bring the hourly rollup up to the calls; pages are told when a day changed."""
    services = context.services
    hourly = HourlyCalls(hourly_path(services.settings), services.clock)
    result = roll_up(services.calls, hourly, stopping=context.stopping)
    if result.rebuilt or result.removed:
        with services.database.write() as session:
            data_version.bump(session, DATA_VERSION, services.clock.now())
    return {"rebuilt": len(result.rebuilt), "removed": len(result.removed)}
