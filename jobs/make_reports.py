"""Reports: what schedules make due is noted, what waits is made and sent, what is old is removed."""

import random
from collections.abc import Mapping
from typing import Any

from core.reports import schedules
from core.reports.carrying_out import Maker, make_waiting, prune
from jobs.registry import JobContext, job

EVERY_SECONDS = 60.0
"""The longest a due report waits; one asked for on a page wakes the job at once."""


@job("make_reports", every_seconds=EVERY_SECONDS, timeout_seconds=3600)
def make_reports(context: JobContext) -> Mapping[str, Any]:
    """Note what is due, missed times included, and make every waiting report."""
    services = context.services
    due = schedules.note_due(services, context.fence)
    maker = Maker(services, random.Random(), context.stopping, context.progress, context.fence)
    return {"due": len(due), **make_waiting(maker), **prune(services)}
