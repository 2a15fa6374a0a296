"""History that nobody looks at any more is removed every night; the audit stays whole."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.store import commands, job_runs
from jobs.registry import JobContext, job

KEPT = timedelta(days=30)


@job("prune_history", cron="50 2 * * *")
def prune_history(context: JobContext) -> Mapping[str, Any]:
    """Remove ended runs and commands older than ``KEPT``; each job's last run and last success stay."""
    before = context.services.clock.now() - KEPT
    with context.services.database.write() as session:
        return {
            "job_runs": job_runs.prune(session, before),
            "commands": commands.prune(session, before),
        }
