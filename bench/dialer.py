"""What an outbound call costs of our own time: from the click (the row committed) to Asterisk's receiving the request,
and from an event's leaving Asterisk to its standing in the database.

Beside each stands its limit of the same run: one bare request to the same Asterisk, and one bare commit of a row, each
measured in turn with the calls. The bounds: at most 100 ms and 50 ms, in the median of the calls.
"""

import argparse
import statistics
import sys
import tempfile
import threading
from pathlib import Path
from time import perf_counter

import httpx
from sqlalchemy import select

from bench.figures import Figure, report
from core.dialer import connection
from core.dialer.pace import Pace
from core.store.engine import Database
from core.store.migrate import upgrade
from core.store.models.dialer import OutboundCallStepRow
from tests.dialer.keeping import CLOCK, Asterisk, asterisk, dial, ended, hang_up, has_status, keeper

CALLS = 60
CLICK_BOUND_MS = 100.0
EVENT_BOUND_MS = 50.0


def click_ms(database: Database, running: Asterisk) -> float:
    """One call from the committed row to its channel at Asterisk, in milliseconds; the call is ended again."""
    before = len(running.exchange.originated)
    arrived = threading.Event()

    def watch() -> None:
        while len(running.exchange.originated) == before:
            arrived.wait(0.0005)

    watching = threading.Thread(target=watch)
    watching.start()
    call_id = dial(database)
    began = perf_counter()
    watching.join()
    took = perf_counter() - began
    has_status(database, call_id, "answered")
    hang_up(database, call_id)
    ended(database, call_id)
    return took * 1000


def event_ms(database: Database, client: httpx.Client) -> float:
    """One event to the commit after which others see it, in milliseconds; the request that causes it is counted in."""
    call_id = dial(database)
    row = has_status(database, call_id, "answered")
    asked = select(OutboundCallStepRow.id).where(
        OutboundCallStepRow.outbound_call_id == row.id, OutboundCallStepRow.word == "digit"
    )
    waiting = threading.Event()
    began = perf_counter()
    client.post(f"channels/{row.channel_id}/dtmf", params={"dtmf": "1"})
    while True:
        with database.read() as session:
            if session.scalars(asked).first() is not None:
                break
        # The listener runs in this process too: who asks without a pause takes the interpreter away from it.
        waiting.wait(0.001)
    took = perf_counter() - began
    hang_up(database, call_id)
    ended(database, call_id)
    return took * 1000


def request_ms(client: httpx.Client) -> float:
    """A bare request to the same Asterisk, in milliseconds."""
    began = perf_counter()
    client.get("asterisk/ping")
    return (perf_counter() - began) * 1000


def commit_ms(database: Database) -> float:
    """A bare commit of one row, in milliseconds."""
    began = perf_counter()
    with database.write() as session:
        connection.publish(session, connection.CONNECTED, CLOCK.now())
    return (perf_counter() - began) * 1000


def main() -> int:
    """Measure and report; ``--quick`` with a tenth of the calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    calls = CALLS // 10 if parser.parse_args().quick else CALLS
    clicks, events, requests, commits = [], [], [], []
    with tempfile.TemporaryDirectory() as folder, asterisk(scale=0.01) as running:
        database = Database(f"sqlite:///{Path(folder) / 'state.db'}")
        upgrade(database)
        address = running.address()
        client = httpx.Client(base_url=address.base + "/", headers={"Authorization": address.authorization})
        with client, keeper(database, address, pace=Pace()):
            for _ in range(calls):
                clicks.append(click_ms(database, running))
                requests.append(request_ms(client))
                events.append(event_ms(database, client))
                commits.append(commit_ms(database))
        database.close()
    click, event, request, commit = (statistics.median(one) for one in (clicks, events, requests, commits))
    return report(
        [
            Figure("click to origination, ms", click, CLICK_BOUND_MS, "less", f"slowest {max(clicks):.0f} ms"),
            Figure("event to database, ms", event, EVENT_BOUND_MS, "less", f"slowest {max(events):.0f} ms"),
            Figure("click ÷ one bare request and two commits", click / (request + 2 * commit), 30.0, "less"),
            Figure("event ÷ one bare commit", event / commit, 30.0, "less", f"commit {commit:.2f} ms"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
