"""People's calling settings read in turn, so that a forward set by a thief is known before the first call."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.respond.setting_watch import forget_old, poll_settings
from core.webex.admin_audit_sync import sync_admin_audit
from core.webex.client import open_client
from core.webex.connections import status
from jobs.registry import JobContext, job

SETTINGS_EVERY_SECONDS = 60.0
AUDIT_EVERY_SECONDS = 120.0


@job("poll_settings", every_seconds=SETTINGS_EVERY_SECONDS, timeout_seconds=600)
def poll(context: JobContext) -> Mapping[str, Any]:
    """Read the next people's settings, at the pace of SETTINGS_POLL_PER_MINUTE."""
    if status(context.services).state == "disconnected":
        return {"state": "not_connected"}
    return asdict(poll_settings(context.services, context.progress, context.stopping, context.fence))


@job("admin_audit", every_seconds=AUDIT_EVERY_SECONDS, timeout_seconds=600)
def admin_audit(context: JobContext) -> Mapping[str, Any]:
    """Copy what administrators did since the last time; says ``no_right`` where that may not be read."""
    services = context.services
    if status(services).state == "disconnected":
        return {"state": "not_connected"}
    client = open_client(services)
    try:
        found = sync_admin_audit(services, client)
    finally:
        client.close()
    forget_old(services)
    return asdict(found)
