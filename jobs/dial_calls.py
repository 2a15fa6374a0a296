"""The keeper of outbound calls in the sidecar: holds Asterisk's event socket for as long as the sidecar is active."""

import asyncio
from collections.abc import Mapping
from typing import Any

from core.dialer.asterisk import address_of
from core.dialer.switchboard import Switchboard
from core.settings import Settings
from jobs.registry import JobContext, job

AGAIN_SECONDS = 15.0
UNUSED_SECONDS = 3600.0


def _interval(settings: Settings) -> float:
    return AGAIN_SECONDS if settings.ari_url else UNUSED_SECONDS


@job("dial_calls", every_seconds=_interval, lasting=True)
def dial_calls(context: JobContext) -> Mapping[str, Any]:
    """Place, follow and end outbound calls until the sidecar stops; nothing where no Asterisk is set up."""
    services = context.services
    address = address_of(services.settings)
    if address is None:
        return {"state": "not_configured"}
    context.progress(0, None, address.host)
    switchboard = Switchboard(services.database, services.clock, address, fence=context.fence)
    asyncio.run(switchboard.run(context.stopping))
    return {"state": "stopped"}
