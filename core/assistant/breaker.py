"""Leaving the service in peace after many failures, read from the ledger so that every process knows."""

from datetime import timedelta

from sqlalchemy import select

from core.assistant.errors import AssistantBusyError
from core.clock import Clock
from core.store.engine import Database
from core.store.models.assistant import AssistantSpendRow

FAILURES = 5
PEACE = timedelta(minutes=5)
REFUSED = "refused"
"""Stands as request id of a question refused for good: the service was there, so that is no failure of its."""
BATCH = "batch"
"""Purpose of ledger entries that wait for hours without anything being wrong."""


def check(database: Database, clock: Clock) -> None:
    """Raises ``AssistantBusyError`` when the last ``FAILURES`` questions got no answer and the last is not long ago.

    After ``PEACE`` one may try; its entry holds others back until it is answered.
    """
    unanswered = AssistantSpendRow.request_id == ""
    last = (
        select(AssistantSpendRow.at, unanswered.label("failed"))
        .where(AssistantSpendRow.purpose != BATCH)
        .order_by(AssistantSpendRow.id.desc())
        .limit(FAILURES)
    )
    with database.read() as session:
        rows = session.execute(last).all()
    if len(rows) < FAILURES or not all(row.failed for row in rows):
        return
    wait = (rows[0].at + PEACE - clock.now()).total_seconds()
    if wait > 0:
        raise AssistantBusyError(problem=f"{FAILURES} failures in a row", retry_after_seconds=wait)
