"""The history of imports: which file, by whom, what became of its records."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from core.calls.ingest import IngestCounts
from core.store.models.calls import ImportBatch

RUNNING, DONE, FAILED = "running", "done", "failed"
_LONGEST_ORIGIN = 300
_LONGEST_PROBLEM = 500
_LONGEST_FACT = 100


def begin(session: Session, *, origin: str, source: str, by: str, at: datetime) -> int:
    """Note that an import began; gives its id."""
    batch = ImportBatch(origin=origin[:_LONGEST_ORIGIN], source=source, started_by=by, started_at=at)
    session.add(batch)
    session.flush()
    return batch.id


def finish(
    session: Session, batch_id: int, counts: IngestCounts, *, at: datetime, problem: Mapping[str, Any] | None = None
) -> None:
    """Note how an import ended; a ``problem`` (``code`` and ``facts`` of an error) makes it a failed one, its counts
    still hold."""
    batch = session.get_one(ImportBatch, batch_id)
    batch.read, batch.new, batch.duplicate = counts.read, counts.new, counts.duplicate
    batch.replaced, batch.quarantined = counts.replaced, counts.quarantined
    batch.state = FAILED if problem else DONE
    batch.problem = _kept(problem) if problem else ""
    batch.finished_at = at


def _kept(problem: Mapping[str, Any]) -> str:
    """The problem as JSON that fits its column: its longest facts are cut, so that it can always be read again."""
    facts = {name: str(value) for name, value in problem.get("facts", {}).items()}
    for longest in (_LONGEST_PROBLEM, _LONGEST_FACT, _LONGEST_FACT // 4, 0):
        shortened = {name: value[:longest] for name, value in facts.items()}
        text = json.dumps({"code": problem.get("code", ""), "facts": shortened}, ensure_ascii=False)
        if len(text) <= _LONGEST_PROBLEM:
            return text
    return json.dumps({"code": problem.get("code", ""), "facts": {}})


def problem_of(batch: ImportBatch) -> dict[str, Any] | None:
    """Why an import failed, as ``code`` and ``facts``; ``None`` when it did not."""
    if not batch.problem:
        return None
    try:
        found = json.loads(batch.problem)
    except ValueError:
        return {"code": "unexpected", "facts": {}}
    return found if isinstance(found, dict) else {"code": "unexpected", "facts": {}}


def running(session: Session) -> list[ImportBatch]:
    """Imports that have not been closed; ``core.calls.import_marks`` tells which of them live."""
    return list(session.scalars(select(ImportBatch).where(ImportBatch.state == RUNNING)))


def give_up(batch: ImportBatch, at: datetime) -> None:
    """Close an import whose process is gone: what it stored stays, and importing the file again doubles nothing."""
    batch.state, batch.finished_at = FAILED, at
    batch.problem = _kept({"code": "import_interrupted"})


def listed(session: Session, limit: int = 50) -> list[ImportBatch]:
    """The last imports, newest first."""
    return list(session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(limit)))


def prune(session: Session, before: datetime) -> int:
    """Remove imports that began before that instant from the history; gives how many."""
    result = session.execute(delete(ImportBatch).where(ImportBatch.started_at < before))
    return result.rowcount if isinstance(result, CursorResult) else 0
