"""Records that could not be typed: kept with their reason, shown, retried or discarded by a person."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.calls.normalise import Rejected
from core.store.models.calls import QuarantinedRecord

WAITING, RETRIED, DISCARDED = "waiting", "retried", "discarded"

LONGEST_RAW = 64 * 1024
LONGEST_ORIGIN = 300
LONGEST_DETAIL = 300
_ROWS_AN_INSERT = 500


def keep(session: Session, rejected: Sequence[Rejected], *, source: str, origin: str, at: datetime) -> int:
    """Put rejected records aside; the same record with the same reason stands once. Gives how many are new."""
    rows = list({row["fingerprint"]: row for row in (_row(record, source, origin, at) for record in rejected)}.values())
    dialect = session.get_bind().dialect.name
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    kept = 0
    for start in range(0, len(rows), _ROWS_AN_INSERT):
        statement = insert(QuarantinedRecord).values(rows[start : start + _ROWS_AN_INSERT])
        statement = statement.on_conflict_do_nothing(index_elements=["fingerprint"])
        kept += len(session.execute(statement.returning(QuarantinedRecord.id)).all())
    return kept


def _row(record: Rejected, source: str, origin: str, at: datetime) -> dict[str, Any]:
    raw = record.raw.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return {
        "fingerprint": hashlib.sha256(f"{record.reason_code}\n{raw}".encode()).hexdigest(),
        "raw": raw[:LONGEST_RAW],
        "is_cut": len(raw) > LONGEST_RAW,
        "source": source,
        "origin": origin.replace("\x00", "")[:LONGEST_ORIGIN],
        "reason_code": record.reason_code,
        "detail": record.detail.replace("\x00", "")[:LONGEST_DETAIL],
        "first_seen": at,
        "state": WAITING,
        "changed_at": at,
        "changed_by": "",
    }


def listed(
    session: Session, *, state: str = WAITING, before: int | None = None, limit: int = 100
) -> list[QuarantinedRecord]:
    """Records in ``state``, newest first; ``before`` is the id of the last one already seen."""
    query = select(QuarantinedRecord).where(QuarantinedRecord.state == state)
    if before is not None:
        query = query.where(QuarantinedRecord.id < before)
    return list(session.scalars(query.order_by(QuarantinedRecord.id.desc()).limit(limit)))


def counts(session: Session, *, state: str = WAITING) -> dict[str, int]:
    """How many records are in ``state``, by reason code."""
    query = select(QuarantinedRecord.reason_code, func.count()).where(QuarantinedRecord.state == state)
    found = session.execute(query.group_by(QuarantinedRecord.reason_code)).all()
    return {reason: int(count) for reason, count in found}


def waiting(session: Session, ids: Sequence[int]) -> list[QuarantinedRecord]:
    """Those of ``ids`` that still wait."""
    query = select(QuarantinedRecord).where(QuarantinedRecord.id.in_(ids), QuarantinedRecord.state == WAITING)
    return list(session.scalars(query.order_by(QuarantinedRecord.id)))


def discard(session: Session, ids: Sequence[int], *, by: str, at: datetime) -> int:
    """Mark waiting records as not wanted; gives how many were."""
    return _close(session, ids, DISCARDED, by, at)


def mark_retried(session: Session, ids: Sequence[int], *, by: str, at: datetime) -> int:
    """Mark waiting records as stored after all; gives how many were."""
    return _close(session, ids, RETRIED, by, at)


def _close(session: Session, ids: Sequence[int], state: str, by: str, at: datetime) -> int:
    statement = (
        update(QuarantinedRecord)
        .where(QuarantinedRecord.id.in_(ids), QuarantinedRecord.state == WAITING)
        .values(state=state, changed_by=by, changed_at=at)
        .returning(QuarantinedRecord.id)
    )
    return len(session.execute(statement).all())


def record_of(row: QuarantinedRecord) -> Any:
    """The record as it came, for another try; the text itself when it is not JSON."""
    try:
        return orjson.loads(row.raw)
    except orjson.JSONDecodeError:
        return row.raw
