"""People, locations and organisations from Webex, kept beside the call records."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.webex.connections import status
from core.webex.directory_sync import sync_directory as sync
from jobs.registry import JobContext, job

EVERY_SECONDS = 3600.0


@job("sync_directory", every_seconds=EVERY_SECONDS)
def sync_directory(context: JobContext) -> Mapping[str, Any]:
    """Read the lists; what left is marked removed."""
    if status(context.services).state == "disconnected":
        return {"state": "not_connected"}
    counts = sync(context.services, context.progress, context.stopping)
    return {name: asdict(found) for name, found in counts.items()}
