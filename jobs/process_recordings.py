"""Recordings from Webex: listed every hour, each taken as far as Webex allows, the unfinished ones tried again."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.errors import InvalidInputError
from core.recordings.access import WebexAccess
from core.recordings.deleting import delete_in_webex
from core.recordings.discovery import ListCounts, is_due, list_new
from core.recordings.late_evidence import link_late_records
from core.recordings.pipeline import Pass, work_off
from core.recordings.retention import retain
from core.recordings.work import DELETE_JOB, JOB, MOST_AT_ONCE, MOST_HOURS
from jobs.registry import JobContext, job

EVERY_SECONDS = 60.0
"""A look at our own tables; Webex is asked when something is due there."""

LONGEST_RUN_SECONDS = 3600.0


@job(JOB, every_seconds=EVERY_SECONDS, timeout_seconds=LONGEST_RUN_SECONDS)
def process_recordings(context: JobContext) -> Mapping[str, Any]:
    """Give earlier alerts their call records, list when it is time to, then do what is due.

    The arguments ``hours`` and ``limit`` list that time now; ``ids`` are taken before anything else.
    """
    services = context.services
    hours = _whole(context, "hours", MOST_HOURS)
    limit = _whole(context, "limit", MOST_AT_ONCE)
    ids = context.arguments.get("ids")
    first = [number for number in ids if isinstance(number, int)][:MOST_AT_ONCE] if isinstance(ids, list) else []
    run = Pass(services, context.progress, context.stopping, context.fence)
    linked = link_late_records(run)
    access = WebexAccess(services, context.stopping)
    try:
        if not access.connected():
            return {"state": "not_connected", "linked": linked}
        is_asked = hours is not None
        listed = list_new(run, access, hours=hours, limit=limit) if is_asked or is_due(services) else ListCounts()
    finally:
        access.close()
    return {**asdict(listed), **asdict(work_off(run, first=first, limit=limit)), "linked": linked}


@job(DELETE_JOB, timeout_seconds=300)
def delete_recordings_in_webex(context: JobContext) -> Mapping[str, Any]:
    """Delete in Webex the recording of the argument ``id``, which somebody deleted here."""
    number, version = context.arguments.get("id"), context.arguments.get("version")
    if not isinstance(number, int):
        raise InvalidInputError(field="id", problem=str(number)[:40])
    return {"outcome": delete_in_webex(context.services, number, version if isinstance(version, int) else None)}


@job("retain_recordings", cron="40 3 * * *")
def retain_recordings(context: JobContext) -> Mapping[str, Any]:
    """Remove recordings past RECORDINGS_RETENTION_DAYS, and deleted ones past RECORDINGS_DELETED_DAYS."""
    return asdict(retain(context.services, context.stopping, context.fence))


def _whole(context: JobContext, name: str, most: int) -> int | None:
    value = context.arguments.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise InvalidInputError(field=name, problem=f"1–{most}")
    return value
