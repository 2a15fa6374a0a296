"""Claude's summaries of recordings that were summed up without it: by a batch where they are many."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.recordings.backfill import catch_up
from jobs.registry import JobContext, job


@job("catch_up_summaries", every_seconds=1800, timeout_seconds=1200)
def catch_up_summaries(context: JobContext) -> Mapping[str, Any]:
    """Take back what batches have ready, then ask about what waits."""
    return asdict(catch_up(context.services, context.stopping))
