"""A process of its own that reminds of visits, moves or cancels one, and sends what that tells; killed by the tests."""

import random
import sys
from datetime import timedelta
from pathlib import Path

from core.clock import SystemClock
from core.notify.sending import send_due
from core.store.engine import Database
from core.visits import query, reminders, work
from core.visits.work import Actor, Move, Target
from tests.notify.conftest import services_over


def main(url: str, folder: str, port: str, deed: str, visit_id: str) -> None:
    """Do the deed on the machine's clock, the same again as often as it is asked; then one run of the sender."""
    services = services_over(
        Database(url), SystemClock(), Path(folder), smtp_host="127.0.0.1", smtp_port=int(port), smtp_security="none"
    )
    who, target = Actor("grace@example", services.clock.now(), key="asked once"), Target(int(visit_id))
    if deed == "remind":
        reminders.remind_due(services)
    else:
        with services.database.write() as session:
            if deed == "move":
                later = query.one(session, visit_id).created_at + timedelta(days=7)
                work.move(session, target, Move(starts_at=later, reason="She asked"), who)
            else:
                work.cancel(session, target, who, reason="Rain")
    send_due(services, random.Random(1), lease_seconds=0.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
