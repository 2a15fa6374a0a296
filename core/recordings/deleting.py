"""Deleting a recording in Webex too, by the right that is there: a compliance officer's for good, else the bin."""

from core.errors import NotFoundError, TollwatchError
from core.services import Services
from core.store import audit, crash_points
from core.store.models.recordings import RecordingRow
from core.webex import recordings as wire
from core.webex.client import open_client
from core.webex.connections import Kind, status
from core.webex.errors import NotConnectedError, NotFoundOnWebexError, RecordingsRightMissingError

BINNED = "deleted"
"""Webex's own word for what lies in its recycle bin."""

REASON = "audit"
"""One of the words Webex's description gives; the person's own words go along as the comment."""


def delete_in_webex(services: Services, recording_id: int, version: int | None = None) -> str:
    """Delete one there that is deleted here; ``purged``, ``binned`` or ``gone`` says what became of it.

    With ``version`` only while the recording is as it was when that was asked for: what was taken back meanwhile, and
    deleted again here alone, is left in peace.

    A compliance officer with the right to write purges it for good, else an administrator with that right moves it
    into Webex's recycle bin. Raises ``RecordingsRightMissingError`` naming the scope, ``NotConnectedError``,
    ``NotFoundError``, or what the client raises. A second time finds it gone, which is what was wanted.
    """
    with services.database.read() as session:
        row = session.get(RecordingRow, recording_id)
    if row is None or row.deleted_at is None or (version is not None and row.version != version):
        raise NotFoundError(what=f"deleted recording {recording_id}")
    if row.deleted_in_webex_at is not None:
        return "gone"
    outcome = _delete(services, row)
    crash_points.reached("recordings.deleted_in_webex")
    now = services.clock.now()
    with services.database.write() as session:
        kept = session.get_one(RecordingRow, recording_id, with_for_update=True)
        kept.deleted_in_webex_at, kept.webex_status = now, BINNED if outcome == "binned" else "purged"
        detail = {"outcome": outcome}
        subject = str(recording_id)
        audit.record(
            session, actor=row.deleted_by, action="recordings.delete.webex", subject=subject, detail=detail, at=now
        )
    return outcome


def _delete(services: Services, row: RecordingRow) -> str:
    refusal: TollwatchError = NotConnectedError(kind="compliance")
    kinds: tuple[Kind, ...] = ("compliance", "admin")
    for kind in kinds:
        found = status(services, kind)
        if not found.is_connected:
            continue
        scope = wire.WRITE_SCOPES[kind]
        if found.scopes_granted is not None and scope not in found.scopes_granted:
            refusal = RecordingsRightMissingError(path="/convergedRecordings", scope=scope, detail="")
            continue
        try:
            return _delete_as(services, kind, row)
        except RecordingsRightMissingError as error:
            refusal = error
    raise refusal


def _delete_as(services: Services, kind: Kind, row: RecordingRow) -> str:
    client = open_client(services, kind)
    try:
        if kind == "compliance":
            wire.destroy(client, row.webex_id_as_given, reason=REASON, comment=row.delete_reason)
            return "purged"
        wire.put_in_bin(client, [row.webex_id_as_given])
        return "binned"
    except NotFoundOnWebexError:
        return "gone"
    finally:
        client.close()
