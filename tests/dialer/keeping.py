"""A pretend Asterisk on loopback and a keeper of calls beside it, as the tests need them."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.asterisk.address import AsteriskAddress
from core.clock import SystemClock
from core.dialer import connection, query, steps
from core.dialer.calls import DialRequest, request_dial, request_hangup
from core.dialer.pace import Pace
from core.dialer.switchboard import Switchboard
from core.sandbox.asterisk import build_asterisk
from core.sandbox.asterisk_exchange import Exchange
from core.sandbox.credentials import ASTERISK_PASSWORD, ASTERISK_USER
from core.store.engine import Database
from core.store.models.dialer import OutboundCallRow
from tests.local_server import local_server
from tests.waiting import until

SCALE = 0.05
CLOCK = SystemClock()
QUICK = Pace(
    wake=0.005, round=0.1, beat=0.2, settle=0.05, look_again=(0.0, 0.1, 0.2), hangup_again=0.2, request=0.5
)  # fmt: skip


@dataclass
class Asterisk:
    """A running pretend Asterisk: its port and what it serves."""

    port: int
    exchange: Exchange

    def address(self, **changes: str) -> AsteriskAddress:
        return address_at(self.port, **changes)


def address_at(port: int, **changes: str) -> AsteriskAddress:
    """The pretend Asterisk's address on a port of this machine."""
    told = {"username": ASTERISK_USER, "password": ASTERISK_PASSWORD, "application": "tollwatch"} | changes
    return AsteriskAddress(base=f"http://127.0.0.1:{port}/ari", **told)


@contextmanager
def asterisk(scale: float = SCALE) -> Iterator[Asterisk]:
    """A pretend Asterisk until the block ends."""
    app = build_asterisk(CLOCK, scale=scale)
    with local_server(app) as port:
        yield Asterisk(port, app.state.exchange)
        app.state.exchange.cut()


class Keeper:
    """A keeper of calls in a thread of its own."""

    def __init__(
        self,
        database: Database,
        address: AsteriskAddress,
        *,
        pace: Pace = QUICK,
        fence: Callable[[Session], None] = lambda _session: None,
    ) -> None:
        self.database = database
        self.error: BaseException | None = None
        self._stopping = threading.Event()
        self._board = Switchboard(database, CLOCK, address, fence=fence, pace=pace)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            asyncio.run(self._board.run(self._stopping.is_set))
        except BaseException as error:
            self.error = error

    @property
    def has_ended(self) -> bool:
        return not self._thread.is_alive()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(20)
        assert self.has_ended


@contextmanager
def keeper(database: Database, address: AsteriskAddress, **options: Any) -> Iterator[Keeper]:
    """A keeper that is connected, until the block ends."""
    running = Keeper(database, address, **options)
    try:
        until(lambda: state(database) == connection.CONNECTED)
        yield running
    finally:
        running.stop()


def state(database: Database) -> str:
    with database.read() as session:
        return connection.connection(session, CLOCK.now()).state


def dial(database: Database, number: str = "+576015550133", **changes: Any) -> str:
    """Ask for a call; gives its id."""
    told: dict[str, Any] = {"endpoint": f"PJSIP/{number}@trunk", "after_answer": "hold", "ring_seconds": 20} | changes
    with database.write() as session:
        return request_dial(session, DialRequest(number, **told), actor="ana@example.com", at=CLOCK.now())


def hang_up(database: Database, call_id: str) -> bool:
    with database.write() as session:
        return request_hangup(session, call_id, actor="ana@example.com", at=CLOCK.now())


def call(database: Database, call_id: str) -> OutboundCallRow:
    with database.read() as session:
        return query.one(session, call_id)


def ended(database: Database, call_id: str, seconds: float = 20.0) -> OutboundCallRow:
    """The call once it has ended."""
    until(lambda: not call(database, call_id).is_open, seconds)
    return call(database, call_id)


def has_status(database: Database, call_id: str, status: str) -> OutboundCallRow:
    """The call once it has that status."""
    until(lambda: call(database, call_id).status == status)
    return call(database, call_id)


def words(database: Database, call_id: str) -> list[str]:
    """The kinds of its steps, in order."""
    with database.read() as session:
        return [step.word for step in steps.of_call(session, query.one(session, call_id))]
