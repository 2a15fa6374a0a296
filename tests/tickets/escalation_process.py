"""A process of its own that escalates tickets and sends what that tells; killed by the tests."""

import random
import sys
from pathlib import Path

from core.clock import SystemClock
from core.notify.sending import send_due
from core.store.engine import Database
from core.tickets import escalation
from tests.notify.conftest import services_over


def main(url: str, folder: str, port: str) -> None:
    """One tick on the machine's clock, then one run of the sender; a dead sender's lease is short."""
    services = services_over(
        Database(url), SystemClock(), Path(folder), smtp_host="127.0.0.1", smtp_port=int(port), smtp_security="none"
    )
    escalation.tick(services)
    send_due(services, random.Random(1), lease_seconds=1.0)


if __name__ == "__main__":
    main(*sys.argv[1:])
