"""Runs whose call has ended: judged, kept, and told of where they missed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.alerts.receive import DATA_VERSION as ALERTS
from core.dialer import steps
from core.number_tests import alerting
from core.number_tests.judging import Judgement, judge
from core.number_tests.vocabulary import DATA_VERSION, MISSED, PASSED, RUNNING, UNOBSERVED
from core.services import Services
from core.store import data_version
from core.store.crash_points import reached
from core.store.models.dialer import OutboundCallRow
from core.store.models.number_tests import NumberTestRow, NumberTestRunRow

KEPT = timedelta(days=90)
"""How long results are kept."""
Fence = Callable[[Session], None]


def settle(services: Services, fence: Fence = lambda _session: None) -> dict[str, int]:
    """Judge every run whose call has ended; gives how many had which outcome."""
    counts: dict[str, int] = {}
    with services.database.read() as session:
        waiting = list(session.scalars(select(NumberTestRunRow.id).where(NumberTestRunRow.outcome == RUNNING)))
    for run_id in waiting:
        with services.database.write() as session:
            fence(session)
            outcome = _settle(session, run_id, services.clock.now())
            reached("number_tests.settled")
        if outcome:
            counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def prune(services: Services) -> int:
    """Forget results older than ``KEPT``; gives how many."""
    before = services.clock.now() - KEPT
    old = select(NumberTestRunRow.id).where(NumberTestRunRow.slot < before, NumberTestRunRow.outcome != RUNNING)
    with services.database.read() as session:
        if session.scalar(old.limit(1)) is None:
            return 0
    gone = delete(NumberTestRunRow).where(NumberTestRunRow.id.in_(old)).returning(NumberTestRunRow.id)
    with services.database.write() as session:
        return len(session.scalars(gone).all())


def _settle(session: Session, run_id: int, at: datetime) -> str:
    found = session.get(NumberTestRunRow, run_id)
    test = session.get(NumberTestRow, found.test_id, with_for_update=True) if found else None
    run = session.get(NumberTestRunRow, run_id, with_for_update=True, populate_existing=True)
    if run is None or test is None or run.outcome != RUNNING:
        return ""
    judged = _judged(session, run)
    if judged is None:
        return ""
    run.outcome, run.reason, run.facts = judged.outcome, judged.reason, judged.facts
    run.answered_after, run.ended_at = judged.answered_after, at
    if judged.outcome == MISSED or (judged.outcome == PASSED and test.misses_in_a_row):
        # In the order of the alphabet, as everybody does; alerts are touched for a miss and for what ends it.
        data_version.bump(session, ALERTS, at)
    data_version.bump(session, DATA_VERSION, at)
    if judged.outcome == MISSED:
        alerting.tell_miss(session, test, run, at)
    elif judged.outcome == PASSED:
        alerting.tell_recovery(session, test, at)
    return judged.outcome


def _judged(session: Session, run: NumberTestRunRow) -> Judgement | None:
    call = session.scalars(select(OutboundCallRow).where(OutboundCallRow.call_id == run.call_id)).one_or_none()
    if call is None:
        return Judgement(UNOBSERVED, "lost")
    if call.is_open:
        return None
    has_play_failed = any(step.word == "play_failed" for step in steps.of_call(session, call))
    return judge(run.expects, run.within_seconds, call, has_play_failed=has_play_failed)
