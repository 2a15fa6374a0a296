"""Many small files of a day become few sorted ones, so that reading stays as quick as on the first day."""

from collections.abc import Mapping
from typing import Any

from jobs.registry import JobContext, job

EVERY_SECONDS = 900.0


@job("compact_calls", every_seconds=EVERY_SECONDS)
def compact_calls(context: JobContext) -> Mapping[str, Any]:
    """Rewrite the days that are due; each day is a commit of its own, so stopping in between loses nothing."""
    days = context.services.calls.compact(stopping=context.stopping)
    return {"days": [day.isoformat() for day in days]}
