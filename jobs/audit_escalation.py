"""A second look at escalation: it fails loudly when a step that should have run did not, or ran and told nobody."""

from collections.abc import Mapping
from typing import Any

from core.tickets import auditing
from core.tickets.errors import LateEscalationError, TicketHistoryError, UntoldTicketsError
from jobs.registry import JobContext, job

EVERY_SECONDS = 60.0


@job("audit_escalation", every_seconds=EVERY_SECONDS, timeout_seconds=300)
def audit_escalation(context: JobContext) -> Mapping[str, Any]:
    """Look for late steps and messages, replay a slice of the open tickets and repair what does not follow."""
    services = context.services
    found = auditing.audit(services.database, services.clock.now())
    if found.late_count:
        raise LateEscalationError(count=found.late_count, tickets=", ".join(found.late))
    if found.broken:
        raise TicketHistoryError(tickets=", ".join(found.broken[: auditing.MOST_NAMED]))
    if untold := auditing.untold(services.database, services.clock.now()):
        minutes = round(auditing.UNTOLD.total_seconds() / 60)
        raise UntoldTicketsError(tickets=", ".join(untold), minutes=minutes)
    return {"replayed": found.replayed, "repaired": len(found.repaired)}
