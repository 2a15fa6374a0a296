"""Calls are kept for ``CALLS_RETENTION_DAYS``, and files no longer part of a table leave the disk a day later."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.calls.ingest import announce
from core.calls.rollup import HourlyCalls, hourly_path
from jobs.registry import JobContext, job


@job("retain_calls", cron="20 3 * * *")
def retain_calls(context: JobContext) -> Mapping[str, Any]:
    """Take days past their retention out of the calls and free the disk; the next rollup drops their figures."""
    services = context.services
    today = services.clock.now().date()
    removed = services.calls.delete_before(today - timedelta(days=services.settings.calls_retention_days))
    hourly = HourlyCalls(hourly_path(services.settings), services.clock)
    files = sum(table.vacuum() for table in (services.calls, hourly) if table.exists())
    announce(services)
    return {"removed_calls": removed, "freed_files": files}
