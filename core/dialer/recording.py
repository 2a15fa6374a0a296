"""The recording of an outbound call: who may hear it, and that it was given out."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.asterisk.errors import RecordingUnfinishedError
from core.dialer import query
from core.dialer.desk import Dialler
from core.errors import NotAllowedError, NotFoundError
from core.store import audit
from core.store.models.dialer import OutboundCallRow


def may_hear(row: OutboundCallRow, by: Dialler) -> bool:
    """Whether this is a call of one's own, or of anybody's for who may override."""
    return row.requested_by == by.name or by.may_override


def name_of(session: Session, call_id: str, by: Dialler) -> str:
    """The name of a call's recording at Asterisk.

    Raises ``NotFoundError``, ``NotAllowedError``, and ``RecordingUnfinishedError`` until the call has ended.
    """
    row = query.one(session, call_id)
    if not may_hear(row, by):
        raise NotAllowedError(permission="dialer.override")
    if not row.recording_name:
        raise NotFoundError(what="recording of this call")
    if row.is_open:
        raise RecordingUnfinishedError
    return row.recording_name


def note_given(session: Session, call_id: str, *, actor: str, at: datetime) -> None:
    """Write into the audit that somebody was given the recording of a call."""
    row = query.one(session, call_id)
    detail = {"number": row.number, "requested_by": row.requested_by}
    audit.record(session, actor=actor, action="dialer.recording", subject=row.call_id, detail=detail, at=at)
