"""Everything that leaves goes out here: digests are put together when due, then whatever waits is sent."""

import random
from collections.abc import Mapping
from typing import Any

from core.notify import digests, sandbox_channel, sending
from jobs.registry import JobContext, job

EVERY_SECONDS = 30.0
"""The longest a notification waits; tests and retries wake the job at once."""


@job("send_outbox", every_seconds=EVERY_SECONDS, timeout_seconds=1800)
def send_outbox(context: JobContext) -> Mapping[str, Any]:
    """Send what is due; how many were sent, put off (tried again later) and given up (visible, for a person)."""
    services = context.services
    sandbox_channel.make_once(services)
    collected = digests.collect_due(services)

    def progress(done: int) -> None:
        context.progress(done, None, "")

    sent = sending.send_due(services, random.Random(), stopping=context.stopping, progress=progress)
    return {"digests": collected, **sent}
