"""The audit's chain of hashes is walked every night, and by ``python -m jobs audit verify``."""

import argparse
from collections.abc import Mapping
from typing import Any

from core.errors import PermanentError
from core.services import Services
from core.store import audit
from jobs.registry import JobContext, job
from jobs.terminal import say


class AuditAlteredError(PermanentError):
    """An entry of the audit was changed or removed past the product. Facts: ``entry``."""

    code = "audit_altered"


@job("audit_verify", cron="10 4 * * *")
def verify(context: JobContext) -> Mapping[str, Any]:
    """Raises ``AuditAlteredError``; the outcome keeps the newest hash, which shows later whether the tail was cut."""
    found = audit.verify(context.services.database)
    if not found.intact:
        raise AuditAlteredError(entry=found.broken_at)
    return {"entries": found.entries, "head": found.head}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``--head`` compares with a hash noted before, which shows a cut tail."""
    parser.add_argument("--head", metavar="HASH", help="hash of the newest entry, noted at an earlier check")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """0 when the chain holds, 1 when an entry was changed, removed, or the noted head is not in it."""
    found = audit.verify(services.database)
    if not found.intact:
        say("jobs.audit_verify.broken", entry=found.broken_at, entries=found.entries)
        return 1
    if arguments.head and not _holds(services, arguments.head):
        say("jobs.audit_verify.cut", head=arguments.head)
        return 1
    say("jobs.audit_verify.intact", entries=found.entries, head=found.head)
    return 0


def _holds(services: Services, head: str) -> bool:
    with services.database.read() as session:
        return audit.holds(session, head)
