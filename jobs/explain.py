"""Claude's view of alerts: those somebody asked about, and unasked those from HIGH up."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.assistant.explain import answer_queued
from core.assistant.messages import is_configured
from core.assistant.requests import JOB, request_unasked
from jobs.registry import JobContext, job


@job(JOB, every_seconds=60, catch_up=False, timeout_seconds=900)
def explain(context: JobContext) -> Mapping[str, Any]:
    """Answer what is queued; without a key nothing is asked of anybody."""
    services = context.services
    if not is_configured(services.settings):
        return {"configured": False}
    if services.settings.assistant_automatic:
        with services.database.write() as session:
            context.fence(session)
            request_unasked(session, services.clock.now(), services.settings.assistant_language)
    return asdict(answer_queued(services))
