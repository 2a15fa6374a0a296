"""``python -m jobs audit verify``: walk the audit's chain of hashes and say whether it is whole."""

import argparse

from core.services import Services
from core.store import audit
from jobs.terminal import say


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
