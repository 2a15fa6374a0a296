"""Call records from Webex: new ones every minute, and the gaps behind them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from core.errors import InvalidInputError
from core.webex.connections import status
from core.webex.ingest import ingest_once
from jobs.registry import JobContext, job

LONGEST_RUN_SECONDS = 6 * 3600.0
"""A first fill of 30 days takes an hour at Webex's pace; the next run goes on where one ended."""


@job(
    "ingest",
    every_seconds=lambda settings: float(settings.ingest_interval_seconds),
    timeout_seconds=LONGEST_RUN_SECONDS,
)
def ingest(context: JobContext) -> Mapping[str, Any]:
    """Fetch what is due, or the stretch of the arguments ``since`` and ``until`` (ISO 8601) again."""
    services = context.services
    if status(services).state == "disconnected":
        return {"state": "not_connected"}
    since, until = (instant(context.arguments.get(name), name) for name in ("since", "until"))
    counts = ingest_once(services, context.progress, context.stopping, since, until)
    return asdict(counts)


def instant(value: object, name: str) -> datetime | None:
    """An argument as an instant: ISO 8601, UTC where it says nothing. Raises ``InvalidInputError``."""
    if value is None or value == "":
        return None
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInputError(field=name, problem=str(value)[:40]) from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
