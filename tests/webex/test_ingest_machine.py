"""Ingestion against a plain model: calls end, records come late and twice, clocks step, runs are cut anywhere."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.clock import SteppedClock
from core.errors import TollwatchError
from core.store.engine import Database
from core.store.migrate import upgrade
from core.webex.ingest import ingest_once, request_rescan
from tests.calls.records import leg
from tests.conftest import NOON
from tests.webex.conftest import services_for
from tests.webex.feeding import never, quiet, stored
from tests.webex.scripted_cloud import RunningCloud, ScriptedCloud

STREAM_LAG = timedelta(minutes=1)


class Killed(BaseException):
    """The process ends here; nothing after it runs."""


@contextmanager
def killed_at(step: int) -> Iterator[Any]:
    """A ``stopping`` that ends the run at its n-th question: between two pages, or while waiting for a turn."""
    asked = 0

    def stopping() -> bool:
        nonlocal asked
        asked += 1
        if asked > step:
            raise Killed
        return False

    yield stopping


class IngestMachine(RuleBasedStateMachine):
    """``released`` maps a Report ID to when its record entered the cloud; the table must agree after each good run."""

    @initialize()
    def start(self) -> None:
        self.stack = ExitStack()
        self.cloud = self.stack.enter_context(RunningCloud(ScriptedCloud(clock=SteppedClock(NOON), page_size=3)))
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        database = Database(f"sqlite:///{folder / 'state.db'}")
        upgrade(database)
        self.stack.callback(database.close)
        self.clock = SteppedClock(NOON)
        self.services = services_for(
            self.cloud, database, self.clock, folder, webex_access_token="by-hand-token", webex_feed_history_days=1
        )
        self.released: dict[str, Any] = {}
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def step(self, seconds: float) -> None:
        for clock in (self.clock, self.cloud.clock):
            assert isinstance(clock, SteppedClock)
            clock.step(seconds)

    @rule(seconds=st.integers(0, 600), late=st.sampled_from([1, 30, 400, 7000, 30000]))
    def end_call(self, seconds: int, late: int) -> None:
        self.number += 1
        now = self.cloud.clock.now()
        record = leg(self.number, start=now - timedelta(seconds=seconds + 7), seconds=seconds)
        self.released[record["Report ID"]] = now + timedelta(seconds=late)
        self.cloud.add(record, now + timedelta(seconds=late))

    @precondition(lambda self: self.cloud.records)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        inserted, record = data.draw(st.sampled_from(self.cloud.records))
        self.cloud.add(dict(record), max(inserted, self.cloud.clock.now()))

    @rule(minutes=st.sampled_from([1, 4, 35, 119, 500]))
    def time_passes(self, minutes: int) -> None:
        self.step(60 * minutes)

    @rule(seconds=st.sampled_from([-7200, -90, 40, 3600]))
    def clock_step(self, seconds: int) -> None:
        """The product's clock goes wrong and is set right within the hour: Webex keeps the true time."""
        self.clock.step(seconds)
        self.poll()
        self.clock = SteppedClock(self.cloud.clock.now())
        object.__setattr__(self.services, "clock", self.clock)

    @rule()
    def poll(self) -> None:
        is_right = abs(self.clock.now() - self.cloud.clock.now()) < timedelta(seconds=30)
        try:
            ingest_once(self.services, quiet, never)
        except TollwatchError:
            assert not is_right, "a run with the right clock succeeds"
            return
        self.follow()
        if is_right:
            reachable = self.cloud.clock.now() - STREAM_LAG - timedelta(seconds=5)
            expected = {identity for identity, inserted in self.released.items() if inserted <= reachable}
            assert expected <= set(stored(self.services))

    @rule()
    def rescan(self) -> None:
        request_rescan(self.services)

    @rule(questions=st.integers(0, 12))
    def crash(self, questions: int) -> None:
        with killed_at(questions) as stopping, suppress(Killed, TollwatchError):
            ingest_once(self.services, quiet, stopping)
        self.follow()

    def follow(self) -> None:
        """Waiting moved the product's clock; the cloud's follows when it was right."""
        behind = (self.clock.now() - self.cloud.clock.now()).total_seconds()
        if 0 < behind < 30:
            self.cloud.clock = SteppedClock(self.clock.now())

    @invariant()
    def nothing_is_stored_twice_or_made_up(self) -> None:
        if not hasattr(self, "services"):
            return
        found = stored(self.services)
        assert len(found) == len(set(found))
        assert set(found) <= set(self.released)


TestIngestMachine = IngestMachine.TestCase
TestIngestMachine.settings = settings(
    max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
