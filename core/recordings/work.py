"""What people ask of recordings: fetch now, process again, delete and take back. Each in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from core.recordings.errors import DeletionUnderWayError
from core.recordings.vocabulary import DATA_VERSION, STEPS
from core.store import audit, commands, data_version
from core.store.models.operations import Command
from core.store.models.recordings import RecordingRow, RecordingStepRow

JOB = "recordings_processor"
DELETE_JOB = "delete_recordings_in_webex"
MOST_HOURS = 24 * 30
"""Webex lists thirty days at once."""

InWebex = Literal["kept", "cancelled", "deleted"]
"""How it stands in Webex with a recording whose deletion here was taken back."""

MOST_AT_ONCE = 500
LONGEST_REASON = 300


def request_fetch(session: Session, *, hours: int, limit: int, requested_by: str, at: datetime) -> int:
    """Ask the sidecar to list the last ``hours`` and take up to ``limit`` recordings as far as they go.

    Gives the command's id. Raises ``InvalidInputError``.
    """
    _within("hours", hours, MOST_HOURS)
    _within("limit", limit, MOST_AT_ONCE)
    arguments = {"job": JOB, "hours": hours, "limit": limit}
    audit.record(session, actor=requested_by, action="recordings.fetch", detail=arguments, at=at)
    return commands.request(session, "run_job", arguments, requested_by, at)


def request_reprocess(
    session: Session, ids: Sequence[int], *, requested_by: str, at: datetime, everything: bool = False
) -> int:
    """Ask for the missing steps of these recordings again now, with ``everything`` for all six.

    Audio that is here stays and is not fetched twice. Gives the command's id. Raises ``NotFoundError`` when one of
    them is unknown or deleted, ``InvalidInputError`` for none or too many.
    """
    wanted = sorted(set(ids))
    _within("ids", len(wanted), MOST_AT_ONCE)
    known = set(
        session.scalars(
            select(RecordingRow.id).where(RecordingRow.id.in_(wanted), RecordingRow.deleted_at.is_(None))
        ).all()
    )
    for number in wanted:
        if number not in known:
            raise NotFoundError(what=f"recording {number}")
    again = update(RecordingStepRow).where(RecordingStepRow.recording_id.in_(wanted))
    if not everything:
        again = again.where(RecordingStepRow.state != "done")
    session.execute(again.values(state="waiting", attempts=0, error_code="", error_facts={}, next_at=at))
    session.execute(
        update(RecordingRow)
        .where(RecordingRow.id.in_(wanted))
        .values(next_at=at, changed_at=at, version=RecordingRow.version + 1)
    )
    audit.record(
        session,
        actor=requested_by,
        action="recordings.reprocess",
        subject=str(wanted[0]) if len(wanted) == 1 else "",
        detail={"recordings": len(wanted), "everything": everything},
        at=at,
    )
    data_version.bump(session, DATA_VERSION, at)
    return commands.request(session, "run_job", {"job": JOB, "ids": wanted}, requested_by, at)


def delete(
    session: Session, recording_id: int, *, reason: str, actor: str, at: datetime, in_webex: bool = False
) -> int | None:
    """Delete a recording here, and with ``in_webex`` there too; gives the command's id of the latter.

    It leaves all lists at once; audio and words leave the disk after a time of grace, in which ``restore`` takes
    the deletion back. Raises ``NotFoundError``, and ``InvalidInputError`` without a reason.
    """
    told = " ".join(reason.split())[:LONGEST_REASON]
    if not told:
        raise InvalidInputError(field="reason", problem="empty")
    row = session.get(RecordingRow, recording_id, with_for_update=True)
    if row is None or row.deleted_at is not None:
        raise NotFoundError(what=f"recording {recording_id}")
    row.deleted_at, row.deleted_by, row.delete_reason = at, actor[:200], told
    row.next_at = None
    row.changed_at, row.version = at, row.version + 1
    detail = {"reason": told, "in_webex": in_webex}
    audit.record(session, actor=actor, action="recordings.delete", subject=str(recording_id), detail=detail, at=at)
    data_version.bump(session, DATA_VERSION, at)
    if not in_webex:
        return None
    key = f"{_deletion_key(recording_id)}{row.version}"
    arguments = {"job": DELETE_JOB, "id": recording_id, "version": row.version}
    return commands.request(session, "run_job", arguments, actor, at, idempotency_key=key)


def deletion_in_webex(session: Session, recording_id: int) -> Command | None:
    """What was last asked for to delete a recording in Webex too, how it stands and why it failed; ``None`` = never."""
    asked = select(Command).where(Command.idempotency_key.startswith(_deletion_key(recording_id), autoescape=True))
    return session.scalars(asked.order_by(Command.id.desc()).limit(1)).first()


def _deletion_key(recording_id: int) -> str:
    return f"{DELETE_JOB}:{recording_id}:"


def restore(session: Session, recording_id: int, *, actor: str, at: datetime) -> InWebex:
    """Take a deletion back while the audio is still here; gives what that means for the recording in Webex.

    A deletion in Webex that was asked for and not begun is ``cancelled``; one that was done there stays ``deleted``;
    otherwise it is ``kept``. Raises ``NotFoundError`` when there is none to take back, ``DeletionUnderWayError`` while
    Webex is being asked.
    """
    row = session.get(RecordingRow, recording_id, with_for_update=True)
    if row is None or row.deleted_at is None or row.is_emptied:
        raise NotFoundError(what=f"deleted recording {recording_id}")
    in_webex = _call_off(session, row, at)
    row.deleted_at, row.deleted_by, row.delete_reason = None, "", ""
    row.changed_at, row.version = at, row.version + 1
    row.next_at = None if row.steps_done == len(STEPS) else at
    detail = {"in_webex": in_webex}
    audit.record(session, actor=actor, action="recordings.restore", subject=str(recording_id), detail=detail, at=at)
    data_version.bump(session, DATA_VERSION, at)
    return in_webex


def _call_off(session: Session, row: RecordingRow, at: datetime) -> InWebex:
    """Withdraw what was asked of Webex, if that is still possible."""
    if row.deleted_in_webex_at is not None:
        return "deleted"
    asked = deletion_in_webex(session, row.id)
    if asked is None or asked.state not in commands.OPEN:
        return "kept"
    if not commands.withdraw(session, asked.id, at):
        raise DeletionUnderWayError
    return "cancelled"


def _within(field: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise InvalidInputError(field=field, problem=f"1–{most}")
