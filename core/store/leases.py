"""One holder at a time for a name, such as the active sidecar.

A row says who holds, with an epoch that grows with each new holder. The holder beats; who waits takes over when
the row ran out by the wall clock, or did not change for the length of a lease by the waiter's own monotonic clock
(so that a corrected wall clock cannot block it). A holder that was replaced while it slept is kept from writing by
``guard``, which compares the epoch inside the writing transaction.

On PostgreSQL the holder also keeps a session advisory lock: it falls with the holder's connection, so that who
waits takes over at once. A holder learns of a broken connection only by asking, hence the question at each beat.
"""

import zlib
from datetime import timedelta

from sqlalchemy import Connection, select, text, update
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import TransientError
from core.store.engine import NOT_ANSWERING, Database
from core.store.models.operations import Lease as LeaseRow

_ADVISORY_NAMESPACE = 7463


class LeaseLostError(TransientError):
    """Another holder has the lease: whatever this one wanted to write is refused. Facts: ``name``."""

    code = "lease_lost"


class Lease:
    """A holder's side of one lease; used from one thread."""

    def __init__(self, database: Database, name: str, holder: str, clock: Clock, seconds: float = 15.0) -> None:
        self.name = name
        self.holder = holder[:120]
        self.epoch = 0
        self._database = database
        self._clock = clock
        self._seconds = seconds
        self._lock: Connection | None = None
        self._seen: tuple[tuple[int, object], float] | None = None

    @property
    def held(self) -> bool:
        """Whether this holder got it and has not learnt of a loss."""
        return self.epoch > 0

    def try_acquire(self) -> bool:
        """Take the lease if it is free; call it again every second or so while waiting."""
        if self.held:
            return True
        if not self._database.is_sqlite and not self._take_advisory_lock():
            return False
        with self._database.write() as session:
            row = session.get(LeaseRow, self.name, with_for_update=True)
            if row is None:
                row = LeaseRow(name=self.name, holder=self.holder, epoch=0, beat_at=self._clock.now())
                session.add(row)
            elif self._database.is_sqlite and not self._ran_out(row):
                return False
            row.holder = self.holder
            row.epoch += 1
            self._stamp(row)
            epoch = row.epoch
        self.epoch = epoch
        return True

    def beat(self) -> None:
        """Say that the holder lives. Raises ``LeaseLostError`` when it does not hold any more; it must stop then."""
        if not self._lock_stands() or not self._beat_row():
            self._drop()
            raise LeaseLostError(name=self.name)

    def release(self) -> None:
        """Give the lease back, so that who waits need not wait for it to run out."""
        if not self.held:
            return
        now = self._clock.now()
        try:
            with self._database.write() as session:
                session.execute(
                    update(LeaseRow)
                    .where(LeaseRow.name == self.name, LeaseRow.epoch == self.epoch)
                    .values(expires_at=now - timedelta(seconds=1))
                )
            if self._lock is not None:
                self._lock.execute(text("SELECT pg_advisory_unlock_all()"))
        finally:
            self._drop()

    def forget(self) -> None:
        """Hold no more, without telling the database: it does not answer, or another one holds."""
        self._drop()

    def _ran_out(self, row: LeaseRow) -> bool:
        if row.expires_at <= self._clock.now():
            return True
        state, now = (row.epoch, row.beat_at), self._clock.monotonic()
        if self._seen is None or self._seen[0] != state:
            self._seen = (state, now)
        return now - self._seen[1] >= self._seconds

    def _stamp(self, row: LeaseRow) -> None:
        row.beat_at = self._clock.now()
        row.expires_at = row.beat_at + timedelta(seconds=self._seconds)

    def _beat_row(self) -> bool:
        if not self.held:
            return False
        with self._database.write() as session:
            row = session.get(LeaseRow, self.name, with_for_update=True)
            if row is None or row.epoch != self.epoch or row.holder != self.holder:
                return False
            self._stamp(row)
        return True

    def _take_advisory_lock(self) -> bool:
        if self._lock is None:
            self._lock = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            taken = self._lock.execute(
                text("SELECT pg_try_advisory_lock(:namespace, :key)"),
                {"namespace": _ADVISORY_NAMESPACE, "key": zlib.crc32(self.name.encode()) - 2**31},
            ).scalar_one()
        except NOT_ANSWERING:
            self._drop()
            raise
        return bool(taken)

    def _lock_stands(self) -> bool:
        if self._database.is_sqlite:
            return True
        if self._lock is None:
            return False
        try:
            self._lock.execute(text("SELECT 1"))
        except NOT_ANSWERING:
            return False
        return not self._lock.invalidated

    def _drop(self) -> None:
        self.epoch = 0
        self._seen = None
        if self._lock is not None:
            lock, self._lock = self._lock, None
            lock.invalidate()
            lock.close()


def guard(session: Session, name: str, epoch: int) -> None:
    """Refuse the caller's write transaction when ``epoch`` is not the present one of ``name``.

    The row stays locked until the transaction ends, so that no successor can start in between.
    Raises ``LeaseLostError``.
    """
    statement = select(LeaseRow.epoch).where(LeaseRow.name == name).with_for_update(read=True)
    if session.execute(statement).scalar_one_or_none() != epoch:
        raise LeaseLostError(name=name)


def holder(session: Session, name: str) -> LeaseRow | None:
    """Who holds ``name`` and when it last beat, for health checks and pages; ``None`` before the first holder."""
    return session.get(LeaseRow, name)
