"""The audio of a recording, in parts as players ask for them, to the person a signed link was made for."""

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.errors import NotAllowedError, NotFoundError
from core.recordings import audio
from core.recordings.audio_link import PERMISSIONS, AudioOrder, note_use, order_of
from core.services import Services
from core.store.encryption import LinkInvalidError, Vault
from core.store.models.recordings import RecordingPlayRow, RecordingRow
from core.web.guard import guarded
from core.web.identity import Caller, caller_of
from core.web.services import services_of

_RANGES = re.compile(
    r"bytes=\s*(?:\d{1,18}-\d{0,18}|-\d{1,18})(?:\s*,\s*(?:\d{1,18}-\d{0,18}|-\d{1,18})){0,9}", re.ASCII
)
"""What players ask for; ten parts at once are more than any needs."""


@guarded("recordings.play")
async def sound(request: Request) -> Response:
    """The file or the range of it asked for; to keep it takes a permission of its own."""
    _forget_absurd_range(request)
    return await run_in_threadpool(_sound, request)


def _sound(request: Request) -> Response:
    services, caller = services_of(request), caller_of(request)
    vault = Vault(services.settings, services.clock)
    order = order_of(vault, request.query_params.get("token", ""))
    if order.person_id != caller.person.id or str(order.recording_id) != request.path_params["recording_id"]:
        raise LinkInvalidError
    if not caller.may(PERMISSIONS[order.use]):
        raise NotAllowedError(permission=PERMISSIONS[order.use])
    with services.database.read() as session:
        row = session.get(RecordingRow, order.recording_id)
        is_noted = session.get(RecordingPlayRow, order.link_hash) is not None
    path = audio.path_of(services.settings, row) if row is not None and row.deleted_at is None else None
    if row is None or path is None:
        raise NotFoundError(what=f"audio of recording {order.recording_id}")
    if not is_noted and request.method != "HEAD":
        _note(services, caller, order)
    name = f"recording-{row.id}-{row.recorded_at:%Y%m%dT%H%M%SZ}{path.suffix}"
    return FileResponse(
        path,
        media_type=row.audio_type,
        filename=name,
        content_disposition_type="attachment" if order.use == "download" else "inline",
        headers={"Cache-Control": "no-store"},
    )


def _forget_absurd_range(request: Request) -> None:
    """Take out a range that cannot be read, of another unit or backwards: it counts as none (RFC 9110, 14.2)."""
    asked = request.headers.get("range")
    if asked is not None and not _is_range(asked):
        request.scope["headers"] = [one for one in request.scope["headers"] if one[0].lower() != b"range"]


def _is_range(asked: str) -> bool:
    if not _RANGES.fullmatch(asked):
        return False
    bounds = [one.strip().split("-") for one in asked.partition("=")[2].split(",")]
    return all(not (first and last) or int(first) <= int(last) for first, last in bounds)


def _note(services: Services, caller: Caller, order: AudioOrder) -> None:
    with services.database.write() as session:
        note_use(session, order, actor=caller.actor, at=services.clock.now())


ROUTES = [Route("/recordings/{recording_id}/audio", sound, methods=["GET"])]
