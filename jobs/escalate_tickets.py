"""Escalation of tickets: the steps that are due are taken, waits that ran out end, open work reaches somebody."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.tickets import escalation, founding
from jobs.registry import JobContext, job

EVERY_SECONDS = 30.0
"""The longest a step waits beyond its time."""


@job("escalate_tickets", every_seconds=EVERY_SECONDS, timeout_seconds=600)
def escalate_tickets(context: JobContext) -> Mapping[str, Any]:
    """Take what is due; a step that fails is held and told by the audit of escalation."""
    services = context.services
    with services.database.write() as session:
        context.fence(session)
        founding.found_once(session, services.clock.now())
    done = asdict(escalation.tick(services, stopping=context.stopping, fence=context.fence))
    return {name: number for name, number in done.items() if number}
