"""Taking recordings as far as they go, one step at a time, resuming where a former process stopped.

Each step is begun in one transaction, done outside any, and written with its result in another. A process that is
killed anywhere leaves at most one step ``running``, which the next one takes up. There is one sidecar at work at a
time, and one run of this job in it: a recording is never in two hands.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from core.errors import PermanentError, TollwatchError
from core.recordings import search, steps
from core.recordings.access import WebexAccess
from core.recordings.errors import StepDiedError
from core.recordings.retrying import ACCESS_CODES, retry_at, state_after
from core.recordings.transcribe import transcriber
from core.recordings.vocabulary import DATA_VERSION, STEPS, WORKING, Step
from core.services import Services
from core.store import crash_points, data_version
from core.store.commands import describe
from core.store.engine import is_passing
from core.store.models.recordings import RecordingRow, RecordingStepRow
from core.webex.connections import status
from core.webex.errors import StopRequestedError, UnavailableError

log = structlog.get_logger(__name__)

BATCH = 20
LONGEST_PASS = timedelta(minutes=9)
"""Then the run ends and the next goes on, so that what somebody asks for meanwhile waits no longer."""

MOST_DEATHS = 3
PATIENCE = 3
"""So many recordings in a row may find Webex out of reach before the pass is left for later."""

_LISTENING = ("detect_language", "generate_summary")
_SEARCHED = ("fetch_details", "fetch_metadata", "transcript", "generate_summary")
"""Steps whose words are looked for by the search."""


class UnexpectedStepError(PermanentError):
    """A step failed in a way nobody foresaw; the log has the trace. Facts: ``kind``."""

    code = "recording_step_unexpected"


@dataclass
class PassCounts:
    """What a pass did: recordings worked on, and how they stand after it."""

    worked: int = 0
    completed: int = 0
    partial: int = 0
    failed: int = 0


@dataclass
class Pass:
    """One run over what is due: the means, and how it may be told to stop."""

    services: Services
    progress: Callable[[int, int | None, str], None]
    stopping: Callable[[], bool]
    fence: Callable[[Session], None]
    chance: random.Random = field(default_factory=random.Random)
    unreachable: int = 0


def work_off(run: Pass, *, first: Sequence[int] = (), limit: int | None = None) -> PassCounts:
    """Take what is due as far as it goes, ``first`` before anything else, ``limit`` recordings at most."""
    services = run.services
    _wake_for_new_connection(run)
    access = WebexAccess(services, run.stopping)
    counts, ends = PassCounts(), services.clock.monotonic() + LONGEST_PASS.total_seconds()
    seen: set[int] = set()
    queue = list(first)
    try:
        while not run.stopping() and services.clock.monotonic() < ends and (limit is None or counts.worked < limit):
            if not queue:
                queue = [number for number in due(services, BATCH) if number not in seen]
            if not queue or run.unreachable >= PATIENCE:
                break
            number = queue.pop(0)
            seen.add(number)
            _count(counts, advance(run, access, number))
            run.progress(counts.worked, limit, "recordings")
    finally:
        access.close()
    return counts


def due(services: Services, limit: int) -> list[int]:
    """Recordings with a step to do now: those asked for first, then the newest."""
    now = services.clock.now()
    statement = (
        select(RecordingRow.id)
        .where(RecordingRow.next_at <= now, RecordingRow.deleted_at.is_(None))
        .order_by(RecordingRow.next_at, RecordingRow.recorded_at.desc(), RecordingRow.id)
        .limit(limit)
    )
    with services.database.read() as session:
        return list(session.scalars(statement))


def advance(run: Pass, access: WebexAccess, recording_id: int) -> str:
    """Do every step of a recording that is due; gives the state it is then in, empty when it is gone."""
    with run.services.database.read() as session:
        row = session.get(RecordingRow, recording_id)
    if row is None or row.deleted_at is not None:
        return ""
    work = steps.Work(run.services, access, transcriber(run.services.settings), row)
    for step, act in steps.RUN.items():
        if run.stopping():
            break
        if not _begin(run, work, step):
            continue
        crash_points.reached(f"recordings.{step}.began")
        _perform(run, work, step, act)
        crash_points.reached(f"recordings.{step}.stored")
    with run.services.database.write() as session:
        run.fence(session)
        row = session.get_one(RecordingRow, recording_id, with_for_update=True)
        settle(session, row, has_ended=True)
        data_version.bump(session, DATA_VERSION, run.services.clock.now())
        return row.state


def _begin(run: Pass, work: steps.Work, step: Step) -> bool:
    """Mark a step as running if it is to be done now."""
    now = run.services.clock.now()
    with run.services.database.write() as session:
        run.fence(session)
        row = session.get_one(RecordingRow, work.row.id, with_for_update=True)
        kept = _step_row(session, row, step)
        is_due = kept.state == "running" or (kept.next_at is not None and kept.next_at <= now)
        if kept.state == "done" or not is_due:
            return False
        if kept.state == "running" and kept.attempts >= MOST_DEATHS:
            _write_failure(run, row, kept, StepDiedError(times=kept.attempts))
            settle(session, row)
            return False
        kept.state, kept.started_at = "running", now
        kept.attempts += 1
        row.state, row.changed_at = WORKING[step], now
        data_version.bump(session, DATA_VERSION, now)
        work.row = row
        return True


def _perform(run: Pass, work: steps.Work, step: Step, act: Callable[[steps.Work], steps.Write]) -> None:
    try:
        write = act(work)
        crash_points.reached(f"recordings.{step}.got")
    except StopRequestedError:
        _hand_back(run, work, step)
    except TollwatchError as error:
        run.unreachable = run.unreachable + 1 if isinstance(error, UnavailableError) else 0
        _failed(run, work, step, error)
    except Exception as error:
        if is_passing(error):
            _hand_back(run, work, step)
            raise
        log.exception("step of a recording failed unexpectedly", recording=work.row.id, step=step)
        _failed(run, work, step, UnexpectedStepError(kind=type(error).__name__))
    else:
        run.unreachable = 0
        _keep(run, work, step, write)


def _keep(run: Pass, work: steps.Work, step: Step, write: steps.Write) -> None:
    """Write what a step brought. What no column holds fails the step alone: the pass has other recordings to do."""
    try:
        _done(run, work, step, write)
    except (DataError, ArithmeticError, ValueError) as error:
        log.exception("what a step of a recording brought cannot be kept", recording=work.row.id, step=step)
        _failed(run, work, step, UnexpectedStepError(kind=type(error).__name__))


def _done(run: Pass, work: steps.Work, step: Step, write: steps.Write) -> None:
    now = run.services.clock.now()
    with run.services.database.write() as session:
        run.fence(session)
        row = session.get_one(RecordingRow, work.row.id, with_for_update=True)
        kept = _step_row(session, row, step)
        write(session, row)
        kept.state, kept.error_code, kept.error_facts = "done", "", {}
        kept.finished_at, kept.next_at = now, None
        if step == "transcript":
            _listen_again(session, row)
        if step in _SEARCHED:
            search.index(session, row.id)
        settle(session, row)
        row.changed_at = now
        data_version.bump(session, DATA_VERSION, now)
        session.flush()
        work.row = row


def _listen_again(session: Session, row: RecordingRow) -> None:
    """A new transcript: what rests on it is to be made (again)."""
    session.execute(
        update(RecordingStepRow)
        .where(RecordingStepRow.recording_id == row.id, RecordingStepRow.step.in_(_LISTENING))
        .values(state="waiting", attempts=0, error_code="", error_facts={}, next_at=row.transcript_at)
        .execution_options(synchronize_session="fetch")
    )


def _failed(run: Pass, work: steps.Work, step: Step, error: TollwatchError) -> None:
    with run.services.database.write() as session:
        run.fence(session)
        row = session.get_one(RecordingRow, work.row.id, with_for_update=True)
        _write_failure(run, row, _step_row(session, row, step), error)
        settle(session, row)
        data_version.bump(session, DATA_VERSION, run.services.clock.now())
        work.row = row


def _write_failure(run: Pass, row: RecordingRow, kept: RecordingStepRow, error: TollwatchError) -> None:
    now, told = run.services.clock.now(), describe(error)
    kept.state = state_after(error)
    kept.error_code, kept.error_facts = told["code"], told["facts"]
    kept.finished_at = row.changed_at = now
    kept.next_at = retry_at(error, attempts=kept.attempts, created_at=row.created_at, now=now, chance=run.chance)


def _hand_back(run: Pass, work: steps.Work, step: Step) -> None:
    """The process is ending, or its database went away: the step was not tried."""
    with run.services.database.write() as session:
        run.fence(session)
        row = session.get_one(RecordingRow, work.row.id, with_for_update=True)
        kept = _step_row(session, row, step)
        kept.state, kept.next_at = "waiting", run.services.clock.now()
        kept.attempts = max(kept.attempts - 1, 0)


def settle(session: Session, row: RecordingRow, *, has_ended: bool = False) -> None:
    """Draw the recording's state, quality, problem and next time from its steps.

    ``has_ended`` says that nobody works on it any more; until then it keeps the state of the step at work.
    """
    session.flush()
    kept = {step.step: step for step in steps_of(session, row.id)}
    done = [step for step in STEPS if kept[step].state == "done"]
    missing = [kept[step] for step in STEPS if kept[step].state != "done"]
    row.steps_done, row.quality = len(done), round(len(done) / len(STEPS), 4)
    problem = next((step for step in missing if step.error_code), None)
    row.problem_step, row.problem_code = (problem.step, problem.error_code) if problem else ("", "")
    times = [step.next_at for step in missing if step.next_at is not None]
    running = any(step.state == "running" for step in missing)
    if not running:
        row.next_at = min(times) if times else None
    if not missing:
        row.state = "completed"
    elif has_ended:
        tried = any(step.attempts for step in missing)
        row.state = "pending" if not tried else ("partial" if done else "failed")


def steps_of(session: Session, recording_id: int) -> list[RecordingStepRow]:
    """The six steps of a recording, in the order people read them."""
    statement = select(RecordingStepRow).where(RecordingStepRow.recording_id == recording_id)
    return list(session.scalars(statement.order_by(RecordingStepRow.ordinal)))


def _step_row(session: Session, row: RecordingRow, step: Step) -> RecordingStepRow:
    return session.get_one(RecordingStepRow, (row.id, step), populate_existing=True)


def _wake_for_new_connection(run: Pass) -> None:
    """What was withheld for want of rights is asked for again at once when a connection is newer than the refusal."""
    connected = [status(run.services, kind).connected_at for kind in ("admin", "compliance")]
    newest = max((at for at in connected if at is not None), default=None)
    if newest is None:
        return
    now = run.services.clock.now()
    with run.services.database.write() as session:
        run.fence(session)
        woken = session.execute(
            update(RecordingStepRow)
            .where(RecordingStepRow.error_code.in_(ACCESS_CODES), RecordingStepRow.finished_at < newest)
            .where(RecordingStepRow.state != "done")
            .values(next_at=now)
            .returning(RecordingStepRow.recording_id)
            .execution_options(synchronize_session=False)
        )
        numbers = sorted(set(woken.scalars()))
        for start in range(0, len(numbers), 500):
            session.execute(
                update(RecordingRow)
                .where(RecordingRow.id.in_(numbers[start : start + 500]), RecordingRow.deleted_at.is_(None))
                .values(next_at=now)
            )


def _count(counts: PassCounts, state: str) -> None:
    counts.worked += 1
    if state in ("completed", "partial", "failed"):
        setattr(counts, state, getattr(counts, state) + 1)
