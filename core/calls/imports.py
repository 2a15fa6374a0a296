"""The history of imports: which file, by whom, what became of its records."""

from datetime import datetime

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from core.calls.ingest import IngestCounts
from core.store.models.calls import ImportBatch

RUNNING, DONE, FAILED = "running", "done", "failed"
_LONGEST_ORIGIN = 300
_LONGEST_PROBLEM = 500


def begin(session: Session, *, origin: str, source: str, by: str, at: datetime) -> int:
    """Note that an import began; gives its id."""
    batch = ImportBatch(origin=origin[:_LONGEST_ORIGIN], source=source, started_by=by, started_at=at)
    session.add(batch)
    session.flush()
    return batch.id


def finish(session: Session, batch_id: int, counts: IngestCounts, *, at: datetime, problem: str = "") -> None:
    """Note how an import ended; a ``problem`` makes it a failed one, its counts still hold."""
    batch = session.get_one(ImportBatch, batch_id)
    batch.read, batch.new, batch.duplicate = counts.read, counts.new, counts.duplicate
    batch.replaced, batch.quarantined = counts.replaced, counts.quarantined
    batch.state = FAILED if problem else DONE
    batch.problem = problem[:_LONGEST_PROBLEM]
    batch.finished_at = at


def listed(session: Session, limit: int = 50) -> list[ImportBatch]:
    """The last imports, newest first. One that was killed stays ``running``: import the file again, nothing doubles."""
    return list(session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(limit)))


def prune(session: Session, before: datetime) -> int:
    """Remove imports that began before that instant from the history; gives how many."""
    result = session.execute(delete(ImportBatch).where(ImportBatch.started_at < before))
    return result.rowcount if isinstance(result, CursorResult) else 0
