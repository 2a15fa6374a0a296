"""A sender in a process of its own, to be killed by tests: announces, or collects digests and sends what is due."""

import random
import sys
from pathlib import Path

from core.clock import SystemClock
from core.notify import digests, sending
from core.notify.announce import announce
from core.store.engine import Database
from tests.notify.conftest import services_over


def main(url: str, folder: str, mail_port: str, work: str) -> None:
    """Do ``work``: announce or send."""
    services = services_over(
        Database(url),
        SystemClock(),
        Path(folder),
        smtp_host="127.0.0.1",
        smtp_port=int(mail_port),
        smtp_security="none",
    )
    if work == "announce":
        with services.database.write() as session:
            at = services.clock.now()
            announce(session, subject="alert", subject_id=1, event="opened", severity="high", facts={}, at=at)
        return
    digests.collect_due(services)
    sending.send_due(services, random.Random(1), lease_seconds=0.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
