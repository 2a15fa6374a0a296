"""Messages of Watson that the rules are unsure of, read by Claude while their senders wait."""

from collections.abc import Mapping
from typing import Any

from core.watson.asking import JOB
from core.watson.claude import answer_waiting
from jobs.registry import JobContext, job

EVERY_SECONDS = 600


@job(JOB, every_seconds=EVERY_SECONDS, timeout_seconds=120)
def read_messages(context: JobContext) -> Mapping[str, Any]:
    """Answer the questions that wait; runs when one is put, and now and then for those that a killed run left."""
    return {"messages": answer_waiting(context.services, context.stopping)}
