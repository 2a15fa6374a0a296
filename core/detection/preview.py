"""What a proposed tuning would have raised over the last weeks, beside what the present one would have.

Asked for by a page, worked out by the job ``preview_detection``: both tunings go over the same stored calls once.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.detection import tuning
from core.detection.engine import Engine
from core.detection.finding import SEVERITIES, AlertDraft
from core.detection.live import MEMORY, stored_calls, stored_count, stored_directory
from core.detection.observation import Observation, observations
from core.detection.policy import Policy
from core.detection.registry import detector
from core.detection.replay import first_copies
from core.detection.tuning import Tuning
from core.errors import NotFoundError
from core.services import Services
from core.store import audit, commands
from core.store.models.detection import DetectionPreview

JOB = "preview_detection"
DAYS = 30
MOST_LEGS = 1_500_000
"""A preview is to end within minutes and within a gigabyte or two."""
ASKED, RUNNING, DONE, FAILED = "asked", "running", "done", "failed"
EXAMPLES = 40
_LEGS_AT_A_TIME = 2000

Progress = Callable[[int, int | None, str], None]


def ask(session: Session, detector_id: str, proposal: Tuning, *, asked_by: str, at: datetime) -> DetectionPreview:
    """Ask the sidecar for a preview in the caller's transaction. Raises ``InvalidInputError``."""
    wanted = tuning.checked(detector(detector_id), proposal)
    row = DetectionPreview(
        detector=detector_id, proposal=wanted.told(), days=DAYS, state=ASKED, asked_at=at, asked_by=asked_by
    )
    session.add(row)
    session.flush()
    commands.request(session, "run_job", {"job": JOB, "preview": row.id}, asked_by, at)
    detail = {"preview": row.id, "proposal": row.proposal}
    audit.record(session, actor=asked_by, action="detector.previewed", subject=detector_id, detail=detail, at=at)
    return row


def latest(session: Session, detector_id: str) -> DetectionPreview | None:
    """The newest preview of a detector."""
    query = select(DetectionPreview).where(DetectionPreview.detector == detector_id)
    return session.scalar(query.order_by(DetectionPreview.id.desc()).limit(1))


def work_out(
    services: Services, preview_id: int, progress: Progress, stopping: Callable[[], bool]
) -> dict[str, Any] | None:
    """Replay the calls for a preview and store the result; ``None`` when asked to stop before the end.

    Raises ``NotFoundError`` for a preview that is not there.
    """
    with services.database.read() as session:
        row = session.get(DetectionPreview, preview_id)
        if row is None:
            raise NotFoundError(what=f"preview {preview_id}")
        sides = _sides(session, row)
        campaigns = tuning.campaigns(session)
    directory = stored_directory(services, campaigns)
    begin = services.clock.now() - timedelta(days=row.days)
    one_in, table = _calls(services, begin)
    _note(services, preview_id, state=RUNNING, total=table.num_rows)
    engines = [Engine(directory, changes, policy=policy) for changes, policy in sides]
    found: list[dict[str, AlertDraft]] = [{} for _ in engines]
    done = 0
    for legs in _batches(first_copies(observations(table, directory))):
        for engine, drafts in zip(engines, found, strict=True):
            drafts.update((draft.dedupe_key, draft) for draft in engine.feed(legs))
        done += len(legs)
        progress(done, table.num_rows, row.detector)
        _note(services, preview_id, done=done)
        if stopping():
            _note(services, preview_id, state=ASKED)
            return None
    result = compared(*(_since(drafts, begin) for drafts in found)) | {"legs": done, "one_in": one_in}
    _note(services, preview_id, state=DONE, done=done, result=result, finished_at=services.clock.now())
    return result


def _calls(services: Services, begin: datetime) -> tuple[int, pa.Table]:
    """The calls to replay; of very many, those of one user in that many."""
    since = (begin - MEMORY).date()
    one_in = max(1, math.ceil(stored_count(services, since) / MOST_LEGS))
    return one_in, stored_calls(services, since, one_in)


def failed(services: Services, preview_id: int, error: Exception) -> None:
    """Note why a preview could not be worked out."""
    told = commands.describe(error)
    _note(services, preview_id, state=FAILED, error=told, finished_at=services.clock.now())


def _sides(session: Session, row: DetectionPreview) -> list[tuple[dict[str, dict[str, float]], Policy]]:
    """Changes and policy as they stand, and with the proposal."""
    standing = tuning.parameter_changes(session)
    proposal = tuning.tuning_from(row.proposal)
    proposed = {**standing, row.detector: dict(proposal.parameters)}
    return [(standing, tuning.policy(session)), (proposed, tuning.policy(session, {row.detector: proposal}))]


def _batches(legs: Iterable[Observation]) -> Iterable[list[Observation]]:
    batch: list[Observation] = []
    for leg in legs:
        batch.append(leg)
        if len(batch) >= _LEGS_AT_A_TIME:
            yield batch
            batch = []
    yield batch


def _since(drafts: dict[str, AlertDraft], begin: datetime) -> list[AlertDraft]:
    return [draft for draft in drafts.values() if draft.emitted_at > begin.timestamp()]


@dataclass(frozen=True)
class _Pair:
    """The same abuse as either tuning tells it."""

    now: AlertDraft
    then: AlertDraft


def compared(now: list[AlertDraft], then: list[AlertDraft]) -> dict[str, Any]:
    """Counts by severity of both, and which alerts appear, vanish or change severity, with examples.

    Two alerts are the same abuse when they are about one entity and share a record.
    """
    pairs, vanished = _paired(now, then)
    matched = {id(pair.then) for pair in pairs}
    appeared = [draft for draft in then if id(draft) not in matched]
    changed = [pair for pair in pairs if pair.now.severity != pair.then.severity]
    return {
        "now": _counts(now),
        "then": _counts(then),
        "appeared": len(appeared),
        "vanished": len(vanished),
        "changed": len(changed),
        "examples": {
            "appeared": [_told(draft) for draft in _worst_first(appeared)],
            "vanished": [_told(draft) for draft in _worst_first(vanished)],
            "changed": [{**_told(pair.then), "was": pair.now.severity} for pair in changed[:EXAMPLES]],
        },
    }


def _paired(now: list[AlertDraft], then: list[AlertDraft]) -> tuple[list[_Pair], list[AlertDraft]]:
    by_record: dict[tuple[str, str], AlertDraft] = {}
    for draft in then:
        for report_id in draft.evidence:
            by_record[draft.entity, report_id] = draft
    pairs: list[_Pair] = []
    vanished = []
    for draft in now:
        shared = (by_record.get((draft.entity, report_id)) for report_id in draft.evidence)
        other = next((each for each in shared if each is not None), None)
        if other is None:
            vanished.append(draft)
        else:
            pairs.append(_Pair(draft, other))
    return pairs, vanished


def _counts(drafts: list[AlertDraft]) -> dict[str, int]:
    return {severity: sum(draft.severity == severity for draft in drafts) for severity in SEVERITIES}


def _worst_first(drafts: list[AlertDraft]) -> list[AlertDraft]:
    return sorted(drafts, key=lambda draft: (-SEVERITIES.index(draft.severity), -draft.emitted_at))[:EXAMPLES]


def _told(draft: AlertDraft) -> dict[str, Any]:
    return {
        "detector": draft.detector,
        "severity": draft.severity,
        "entity_kind": draft.entity_kind,
        "entity": draft.entity,
        "name": draft.entity_name,
        "at": draft.emitted_at,
        "calls": len(draft.evidence),
        "cost": round(draft.cost, 2),
        "observed": draft.explanation.get("observed", {}),
        "expected": draft.explanation.get("expected", {}),
    }


def _note(services: Services, preview_id: int, **values: Any) -> None:
    with services.database.write() as session:
        row = session.get(DetectionPreview, preview_id)
        if row is not None:
            for name, value in values.items():
                setattr(row, name, value)
