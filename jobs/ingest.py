"""Call records from Webex: new ones every minute, and the gaps behind them; ``python -m jobs ingest`` does it once."""

import argparse
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from core.errors import InvalidInputError
from core.services import Services
from core.webex.connections import status
from core.webex.errors import NotConnectedError
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Without arguments: everything that is due, as the sidecar does."""
    parser.add_argument("--since", default="", help="ISO 8601, UTC unless it says otherwise; at most 30 days back")
    parser.add_argument("--until", default="", help="ISO 8601; up to five minutes ago")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Fetch once and print what became of it. Ctrl-C or SIGTERM ends after the page at hand.

    Raises ``NotConnectedError`` and what ``ingest_once`` raises.
    """
    if status(services).state == "disconnected":
        raise NotConnectedError(kind="admin")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    since, until = instant(arguments.since, "since"), instant(arguments.until, "until")
    counts = ingest_once(services, _print_progress, stop.is_set, since, until)
    sys.stdout.write(f"{counts}\n")
    return 0


def _print_progress(done: int, total: int | None, doing: str) -> None:
    sys.stderr.write(f"{done}/{total} {doing}\n")
