"""The delivery log keeps what ended for some months; what waits stays however old it is."""

from collections.abc import Mapping
from typing import Any

from core.notify import deliveries
from jobs.registry import JobContext, job


@job("prune_outbox", cron="55 2 * * *")
def prune_outbox(context: JobContext) -> Mapping[str, Any]:
    """Remove messages that ended long ago, with their attempts."""
    services = context.services
    with services.database.write() as session:
        return {"messages": deliveries.prune(session, services.clock.now() - deliveries.KEPT)}
