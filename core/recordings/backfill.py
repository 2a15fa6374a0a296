"""Recordings that our own rules summed up while Claude could not be asked get its summary later: few of them one by
one, many as a batch. What it declined or did badly is not asked again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.assistant.errors import AssistantBusyError
from core.errors import PermanentError
from core.recordings import facts
from core.recordings.cues import Conversation, Cue
from core.recordings.listening import keep_summary
from core.recordings.local_summary import FEWEST_WORDS
from core.recordings.question import PROMPT_VERSION
from core.recordings.summarise import may_ask, summarise
from core.recordings.summary import Summary
from core.recordings.summary_batches import hand_over, is_worth_a_batch, take_back
from core.recordings.vocabulary import DATA_VERSION
from core.services import Services
from core.store import data_version
from core.store.models.recordings import (
    RecordingCueRow,
    RecordingRow,
    RecordingStepRow,
    RecordingSummaryRow,
    SummaryBatchRow,
)

MOST_AT_ONCE = 200
RUNNING, DONE, FAILED = "running", "done", "failed"
WORTH_ASKING_AGAIN = (
    "", "assistant_busy", "assistant_off", "assistant_key", "assistant_unpaid", "assistant_budget", "assistant_request",
)  # fmt: skip
"""Why a summary is our own that can change without the call changing; empty: there was no key."""


@dataclass(frozen=True)
class BackfillCounts:
    """What a run did: summaries that came of batches or at once, recordings handed over, batches still open."""

    summed_up: int = 0
    kept_local: int = 0
    handed_over: int = 0
    batches_open: int = 0


def catch_up(services: Services, stopping: Callable[[], bool] = lambda: False) -> BackfillCounts:
    """Take back what batches have ready, then ask about what waits.

    Raises what ``core.assistant.messages.ask`` raises for a batch that cannot be handed over.
    """
    if not may_ask(services):
        return BackfillCounts()
    made = _take_back(services)
    handed_over = 0
    still_open = _open_batches(services)
    waiting = [] if still_open else _waiting(services)
    if is_worth_a_batch(services, len(waiting)):
        handed_over = _hand_over(services, waiting)
    else:
        made += _one_by_one(services, waiting, stopping)
    by_claude = sum(one.source == "claude" for one in made)
    return BackfillCounts(by_claude, len(made) - by_claude, handed_over, len(_open_batches(services)))


def conversation_of(services: Services, recording_id: int) -> Conversation | None:
    """The transcript of a recording with its parties; ``None`` for one that is gone."""
    with services.database.read() as session:
        row = session.get(RecordingRow, recording_id)
        if row is None or row.deleted_at is not None:
            return None
        cues = session.scalars(
            select(RecordingCueRow)
            .where(RecordingCueRow.recording_id == recording_id)
            .order_by(RecordingCueRow.ordinal)
        )
        said = [Cue(cue.start_ms, cue.end_ms, cue.speaker, cue.text) for cue in cues]
        return Conversation(said, facts.parties_of(row), row.language)


def _waiting(services: Services) -> list[int]:
    """Recordings whose newest summary is our own for a reason that may have passed, newest calls first."""
    newest = (
        select(func.max(RecordingSummaryRow.id))
        .where(RecordingSummaryRow.is_translation.is_(False))
        .group_by(RecordingSummaryRow.recording_id)
    )
    query = (
        select(RecordingRow.id)
        .join(RecordingSummaryRow, RecordingSummaryRow.recording_id == RecordingRow.id)
        .join(RecordingStepRow, RecordingStepRow.recording_id == RecordingRow.id)
        .where(
            RecordingRow.deleted_at.is_(None),
            RecordingRow.word_count >= FEWEST_WORDS,
            RecordingStepRow.step == "generate_summary",
            RecordingStepRow.state == "done",
            RecordingSummaryRow.id.in_(newest),
            RecordingSummaryRow.source == "local",
            RecordingSummaryRow.error_code.in_(WORTH_ASKING_AGAIN),
        )
        .order_by(RecordingRow.recorded_at.desc(), RecordingRow.id.desc())
        .limit(MOST_AT_ONCE)
    )
    with services.database.read() as session:
        return list(session.scalars(query))


def _one_by_one(services: Services, waiting: Sequence[int], stopping: Callable[[], bool]) -> list[Summary]:
    made = []
    for recording in waiting:
        conversation = conversation_of(services, recording)
        if stopping() or conversation is None:
            continue
        summary = summarise(services, conversation)
        if summary.error_code in WORTH_ASKING_AGAIN and summary.source == "local":
            break
        _keep(services, {recording: summary})
        made.append(summary)
    return made


def _hand_over(services: Services, waiting: Sequence[int]) -> int:
    conversations = {number: one for number in waiting if (one := conversation_of(services, number)) is not None}
    batch_id = hand_over(services, conversations)
    if batch_id is None:
        return 0
    with services.database.write() as session:
        session.add(
            SummaryBatchRow(
                batch_id=batch_id,
                model=services.settings.anthropic_model,
                prompt_version=PROMPT_VERSION,
                state=RUNNING,
                recording_ids=sorted(conversations),
                requested_at=services.clock.now(),
            )
        )
    return len(conversations)


def _open_batches(services: Services) -> list[str]:
    query = select(SummaryBatchRow.batch_id).where(SummaryBatchRow.state == RUNNING).order_by(SummaryBatchRow.id)
    with services.database.read() as session:
        return list(session.scalars(query))


def _take_back(services: Services) -> list[Summary]:
    """The summaries of every batch that is ready; a batch the service no longer knows is given up."""
    taken: list[Summary] = []
    for batch_id in _open_batches(services):
        try:
            made = take_back(services, batch_id, lambda number: conversation_of(services, number))
        except AssistantBusyError:
            continue
        except PermanentError as error:
            _close(services, batch_id, FAILED, {"error": error.code})
            continue
        if made is not None:
            _keep(services, made)
            counts = {source: sum(one.source == source for one in made.values()) for source in ("claude", "local")}
            _close(services, batch_id, DONE, counts)
            taken += made.values()
    return taken


def _keep(services: Services, made: dict[int, Summary]) -> None:
    now = services.clock.now()
    with services.database.write() as session:
        data_version.bump(session, DATA_VERSION, now)
        for recording, summary in made.items():
            row = session.get(RecordingRow, recording)
            if row is not None:
                keep_summary(session, row, summary, now)


def _close(services: Services, batch_id: str, state: str, outcome: Mapping[str, object]) -> None:
    now: datetime = services.clock.now()
    with services.database.write() as session:
        row = session.scalars(select(SummaryBatchRow).where(SummaryBatchRow.batch_id == batch_id)).one()
        row.state, row.outcome, row.finished_at = state, dict(outcome), now
