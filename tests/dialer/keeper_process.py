"""A keeper of calls in a process of its own, for the tests that kill it: its arguments are database and port."""

import asyncio
import sys

from core.dialer.switchboard import Switchboard
from core.store.engine import Database
from tests.dialer.keeping import CLOCK, QUICK, address_at

if __name__ == "__main__":
    address = address_at(int(sys.argv[2]))
    asyncio.run(Switchboard(Database(sys.argv[1]), CLOCK, address, pace=QUICK).run(lambda: False))
