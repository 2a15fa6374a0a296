"""Client and operator of a visit are reminded of it, once a lead."""

from collections.abc import Mapping
from typing import Any

from core.visits import founding, reminders
from jobs.registry import JobContext, job

EVERY_SECONDS = 60.0


@job("remind_visits", every_seconds=EVERY_SECONDS)
def remind_visits(context: JobContext) -> Mapping[str, Any]:
    """Write the reminders that are due; how many visits were told of. A sandbox gets its first visits here."""
    founding.found_once(context.services)
    return {"visits": reminders.remind_due(context.services, context.stopping)}
