"""Dialling for tests: what is due by the schedule, or at once because a person asks; one run at a time for each test.

The run and its call are stored in one transaction, and a slot has one run: whoever is killed or replaced in between
has dialled nothing, and nobody dials for it again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.dialer import desk
from core.dialer.attempt import note_refusal
from core.dialer.desk import Dialler, Wish
from core.dialer.refused import DialRefusedError
from core.dialer.vocabulary import HOLD, PLAY
from core.errors import ConflictError, TollwatchError
from core.number_tests import book, slots
from core.number_tests.definition import definition_of
from core.number_tests.vocabulary import ACTOR, ANSWERS, DATA_VERSION, NOT_DIALLED, RUNNING
from core.services import Services
from core.settings import Settings
from core.store import audit, commands, data_version
from core.store.crash_points import reached
from core.store.engine import StoreError
from core.store.models.number_tests import NumberTestRow, NumberTestRunRow

LATE_SECONDS = 10
"""How much longer than expected it rings, so that a late answer is told from none."""
LAST_TRY = timedelta(seconds=90)
"""A slot that the pace of tests held back is tried again until this long after it."""
_BY = Dialler(ACTOR)
Fence = Callable[[Session], None]


def dial_due(services: Services, fence: Fence = lambda _session: None) -> dict[str, int]:
    """Dial for every test whose slot has come; gives how many were dialled and how many could not be.

    A ``StoreError`` is raised before anything of the slot is kept: the next round dials for it.
    """
    counts = {"dialled": 0, "not_dialled": 0}
    now = services.clock.now()
    with services.database.read() as session:
        tests = [row.id for row in book.listed(session) if _due(session, row, now) is not None]
    for test_id in tests:
        with services.database.write() as session:
            fence(session)
            row = session.get(NumberTestRow, test_id, with_for_update=True)
            slot = _due(session, row, now) if row is not None else None
            run = _run_of(session, services.settings, row, slot, now) if row is not None and slot else None
            reached("number_tests.dialled")
        if run is not None:
            counts["not_dialled" if run.call_id is None else "dialled"] += 1
    return counts


def run_now(session: Session, settings: Settings, test_id: int, *, actor: str, at: datetime) -> NumberTestRunRow:
    """Dial for a test at once, whatever its schedule; audited.

    Raises ``NotFoundError``, ``ConflictError`` while a run of it is under way, and what ``desk.dial`` raises.
    """
    row = book.one(session, test_id, is_locked=True)
    if _is_running(session, row):
        raise ConflictError(what=f"test {row.name}")
    call_id = desk.dial(session, settings, _wish(row, at), _BY, at=at)
    run = _stored(session, row, at, at, call_id)
    run.asked_by = actor[:200]
    audit.record(session, actor=actor, action="number_test.run", subject=str(row.id), detail={"call": call_id}, at=at)
    return run


def attempt_now(services: Services, test_id: int, *, actor: str) -> None:
    """``run_now`` in a transaction of its own; what the policy refuses stands in the audit, by who asked."""
    now = services.clock.now()
    try:
        with services.database.write() as session:
            run_now(session, services.settings, test_id, actor=actor, at=now)
    except DialRefusedError as error:
        with services.database.write() as session:
            wish = _wish(book.one(session, test_id), now)
            note_refusal(session, error.verdict, wish, Dialler(actor), at=now)
        raise


def _due(session: Session, row: NumberTestRow, now: datetime) -> datetime | None:
    """The slot to dial for, none where it was dialled for or another run is under way."""
    slot = slots.due(definition_of(row), row.resumed_at, now) if row.is_enabled else None
    if slot is None or _is_running(session, row):
        return None
    asked = select(NumberTestRunRow.id).where(NumberTestRunRow.test_id == row.id, NumberTestRunRow.slot == slot)
    return slot if session.scalar(asked) is None else None


def _is_running(session: Session, row: NumberTestRow) -> bool:
    runs = NumberTestRunRow
    return session.scalar(select(runs.id).where(runs.test_id == row.id, runs.outcome == RUNNING).limit(1)) is not None


def _run_of(
    session: Session, settings: Settings, row: NumberTestRow, slot: datetime, now: datetime
) -> NumberTestRunRow | None:
    wish = _wish(row, slot)
    try:
        call_id = desk.dial(session, settings, wish, _BY, at=now)
    except DialRefusedError as error:
        refusals = [{"rule": one.rule, "facts": one.facts} for one in error.verdict.refusals]
        if [one["rule"] for one in refusals] == ["rate"] and now - slot < LAST_TRY:
            return None
        note_refusal(session, error.verdict, wish, _BY, at=now)
        return _not_dialled(_stored(session, row, slot, now, None), "refused", {"refusals": refusals})
    except StoreError:
        raise
    except TollwatchError as error:
        return _not_dialled(_stored(session, row, slot, now, None), "not_possible", {"error": commands.describe(error)})
    return _stored(session, row, slot, now, call_id)


def _stored(
    session: Session, row: NumberTestRow, slot: datetime, now: datetime, call_id: str | None
) -> NumberTestRunRow:
    run = NumberTestRunRow(
        test_id=row.id,
        slot=slot,
        asked_by="",
        number=row.number,
        expects=row.expects,
        within_seconds=row.within_seconds,
        call_id=call_id,
        began_at=now,
        outcome=RUNNING,
        reason="",
        facts={},
    )
    session.add(run)
    session.flush()
    data_version.bump(session, DATA_VERSION, now)
    return run


def _not_dialled(run: NumberTestRunRow, reason: str, facts: dict[str, Any]) -> NumberTestRunRow:
    run.outcome, run.reason, run.facts, run.ended_at = NOT_DIALLED, reason, facts, run.began_at
    return run


def _wish(row: NumberTestRow, slot: datetime) -> Wish:
    late = LATE_SECONDS if row.expects == ANSWERS else 0
    return Wish(
        text=row.number,
        reason=row.name,
        site=row.site,
        caller_id=row.caller_id,
        endpoint=row.endpoint,
        after_answer=PLAY if row.media else HOLD,
        media=row.media,
        ring_seconds=row.within_seconds + late,
        max_seconds=row.hold_seconds,
        source="test",
        idempotency_key=f"{row.id}:{slot.isoformat()}",
        test_id=row.id,
    )
